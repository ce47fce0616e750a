"""What documents state: a figure or a target of a KPI, and the place where it stands."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from kpi_server.domain.direction import Direction
from kpi_server.domain.selection import Placement
from kpi_server.domain.status import Colour, Near
from kpi_server.domain.target import Target
from kpi_server.domain.unit import Unit


@dataclass(frozen=True)
class Place:
    """Where a statement is from: a document's line, or the system that sent it.

    >>> str(Place("003", 121))
    '003:121'
    """

    document: str | None = None
    line: int | None = None
    system: str | None = None

    def __str__(self) -> str:
        if self.document is None:
            return self.system or "?"
        return self.document if self.line is None else f"{self.document}:{self.line}"


@dataclass(frozen=True)
class Side:
    """One of two things that are compared: the words, the number in them, and where they stand."""

    text: str
    value: Decimal | None = None
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class StatedKpi:
    """A KPI as far as its statements are compared; `near` and `acceptable` are its own tolerances, if it has any."""

    key: str
    name: str
    unit: Unit
    direction: Direction
    place: Place
    has_owner: bool = True
    near: Near | None = None
    acceptable: Decimal | None = None


class Statement(Protocol):
    """What figures and targets have in common."""

    @property
    def kpi(self) -> str:
        """The KPI's key."""

    @property
    def place(self) -> Place:
        """Where it stands."""

    @property
    def placement(self) -> Placement:
        """In which part of the document."""

    @property
    def segment(self) -> str:
        """The part of the organization it is about; empty for the whole."""

    @property
    def period(self) -> str | None:
        """The period it is of, if it has one."""

    @property
    def is_aside(self) -> bool:
        """True if it stands in the section of another KPI."""

    @property
    def side(self) -> Side:
        """Itself as one side of a comparison."""


@dataclass(frozen=True, kw_only=True)
class StatedFigure:
    """A figure with the light and the words printed beside it; `row` is the document's KPI row it belongs to.

    `is_exact` is False for a figure open upwards ("75+"), which equals nothing.
    """

    kpi: str
    text: str
    value: Decimal | None
    place: Place
    placement: Placement = Placement.KPI_ROW
    segment: str = ""
    period: str | None = None
    row: int | None = None
    status: str | None = None
    colour: Colour | None = None
    is_exact: bool = True
    is_aside: ClassVar[bool] = False

    @property
    def side(self) -> Side:
        """The figure as one side of a comparison."""
        return Side(self.text, self.value, self.place)


@dataclass(frozen=True, kw_only=True)
class StatedTarget:
    """A target; `step` names the deadline or stage it belongs to (empty: none), `of_kpi` what it is a multiple of.

    `is_aside` is True when it stands in the section of another KPI.
    """

    kpi: str
    target: Target
    place: Place
    placement: Placement = Placement.KPI_ROW
    segment: str = ""
    period: str | None = None
    step: str = ""
    row: int | None = None
    of_kpi: str | None = None
    is_aside: bool = False

    @property
    def side(self) -> Side:
        """The target as one side of a comparison."""
        return Side(self.target.text, self.target.value, self.place)
