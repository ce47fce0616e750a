"""How a field is obtained from rows: declared once, at the field, and read by the planner.

A path names a column, or a column of a row that others lead to: `owner.title`. Where paths start is where the field
stands: at the row of its type's table, or at the part of one that a `Part` cut out.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

OBTAINED: Final = "obtained"
"""The key of a field's metadata."""

TYPE_NAME: Final = "__typename"
"""What a rule needs when it needs the name of the type."""

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True)
class Bound:
    """A relation's parameter that an argument of the field gives; `read` may refuse it."""

    relation: str
    argument: str
    read: Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """The value at the end of a path."""

    path: str
    bound: Bound | None = None


@dataclass(frozen=True)
class Rule:
    """What a pure function makes of the values at the ends of paths: a leaf, or an object with plain attributes."""

    function: Callable[..., Any]
    needs: tuple[str, ...]
    bound: Bound | None = None


@dataclass(frozen=True)
class One:
    """The row at the end of a path, or null; `known` says by which path of this row some of its columns are at hand."""

    path: str
    known: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    bound: Bound | None = None


@dataclass(frozen=True)
class Part:
    """An object made of columns at hand: its names stand for paths, any other name for itself; `$relation` for the
    relation's parameter. With `at` the columns are those of the row at the end of that path, and it is null with it.

    `present` are names inside of which one must have a value, or else the object is null; without any it is never.
    """

    names: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    at: str = ""
    present: tuple[str, ...] = ()
    bound: Bound | None = None


@dataclass(frozen=True)
class Many:
    """The rows of a table of which a column names this row, in their own order; `only` those with a value in a column.

    Fields of one object that read the same table by the same column share a statement.
    """

    table: str
    column: str
    only: tuple[str, str] | None = None


@dataclass(frozen=True)
class Batch:
    """What a function gives for all rows of a level at once: one call, however many.

    It is called with the context, for each row the values at the ends of `needs` by their names, and the field's
    arguments; it answers a value (or an exception) for each row. Plugins' fields take part in plans this way.
    """

    function: Callable[..., Awaitable[Sequence[Any]]]
    needs: tuple[str, ...]
    ahead: "Ahead | None" = None


class _Later:
    def __repr__(self) -> str:
        return "LATER"


LATER: Final = _Later()
"""What a field answers at once for a row of which too little was read ahead."""


@dataclass(frozen=True)
class Ahead:
    """What a single row's statement reads along for a field, so that nothing has to be asked afterwards.

    `sql` is joined to the row: `{path}` in it stands for columns, `{$name}` for what `given` makes of the field's
    arguments (None where they cannot be served so), each with its type. `at_once` makes an object of the row's `needs`,
    these `columns` and the arguments, or answers LATER. `fields` say what the answer holds of that object: JSON, which
    nothing looks at any more, or an object with plain attributes. It is used where nothing else is selected.
    """

    sql: str
    columns: tuple[str, ...]
    given: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
    types: Mapping[str, str]
    fields: Mapping[str, Callable[[Any], Any]]
    at_once: Callable[..., Any]


@dataclass(frozen=True)
class Entry:
    """A row to start from: `key` gives its id from the context and the field's arguments, or None for null.

    An id that it gives is one of a row: where only lists below are asked for, the row itself is not read.

    `parent` stands in for the row where resolvers only describe lists under it: of its id and the arguments. With
    `is_enough` it does so for all resolvers. `check` may read, before anything else is read: of the context, the id and
    the arguments it raises what is wrong with them.
    """

    table: str
    key: Callable[..., int | None]
    parent: Callable[[int, Mapping[str, Any]], Any]
    is_enough: bool = False
    check: Callable[[Any, int, Mapping[str, Any]], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Listed:
    """A list that its resolver describes from the parent, the arguments and the rights alone, with the moment as
    `Moment.NOW`: whoever asks the same again is not described it again.
    """


@dataclass(frozen=True)
class Lookup:
    """One row of a list, described as a page of one from the parent, the arguments and the rights, as `Listed` is.

    `near` describes it at once, or not at all (None); where it does not or finds nothing, `far` is asked: it may read
    before it describes, and knows whether there is such a row.
    """

    near: Callable[..., Any]
    far: Callable[..., Awaitable[Any]]


Obtained: TypeAlias = Column | Rule | One | Part | Many | Batch | Entry | Listed | Lookup
