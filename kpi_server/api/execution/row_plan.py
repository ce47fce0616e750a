"""What one statement over rows reads, how it is shaped, and what is asked for once its rows are there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_server.api.execution.leaves import Constants
from kpi_server.api.execution.objects import AheadStep
from kpi_server.api.execution.shape import Shape
from kpi_server.api.execution.statement import Statement, TablePlace


@dataclass(frozen=True)
class Wanted:
    """What one field wants of rows that several may share: those with a value at a position, or all of them."""

    shape: Shape
    keys: tuple[str, ...]
    only: tuple[int, str] | None


@dataclass(frozen=True)
class Child:
    """Rows of another table that name this one, read by the ids at these positions."""

    table: str
    column: str
    rows: "RowsPlan"
    place: TablePlace
    parent: int
    organization: int
    wanted: list[Wanted] = field(default_factory=list)


@dataclass(frozen=True)
class Outside:
    """A field whose resolver is asked, with the object made from the columns at these positions."""

    step: Any
    key: str
    type: str | None
    """The type of which objects are made; without one the columns themselves are what the step takes."""
    columns: Mapping[str, int]
    present: int | None
    keys: tuple[str, ...]


@dataclass
class RowsPlan:
    """What one statement reads and how it is shaped; `slots` are filled after its rows are there."""

    statement: Statement
    is_single: bool = False
    """Whether it reads one row at most, so that more may be read beside it."""
    constants: Constants = field(default_factory=Constants)
    slots: list[Child | Outside] = field(default_factory=list)
    texts: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """Statements by what they were made of: the same lists are asked for again and again."""

    @property
    def is_ahead(self) -> bool:
        """Whether its statement reads all there is to read, unless a field finds that it was too little."""
        return all(isinstance(slot, Outside) and isinstance(slot.step, AheadStep) for slot in self.slots)

    @property
    def width(self) -> int:
        """How many columns it reads."""
        return len(self.statement.columns)
