"""The vocabulary in which a kind of row declares what it can be filtered and sorted by.

SQL stands on `entry`, the row, and may look other rows up in a subquery of its own; it never joins, so a list stays the
statement it was. A column is described as the field of the same name is, unless it says something else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from kpi_server.api.lists.operators import (
    BooleanFilter,
    DateFilter,
    DecimalFilter,
    IntFilter,
    KeyFilter,
    PeriodFilter,
    TextFilter,
    TextsFilter,
    choice_filter,
)
from kpi_server.store.reads.clauses import Clauses

SORTED_LENGTH: Final = 100
"""So many characters of a text count when it is sorted by: cursors hold them."""


_NAMED: Final = (
    "(select named.key from {table} as named"
    " where named.organization_id = {row}.organization_id and named.id = {row}.{column})"
)
_LINKED: Final = (
    "to_jsonb(array(select named.key from {links} as link"
    " join kpis as named on named.organization_id = link.organization_id and named.id = link.kpi_id"
    " where link.organization_id = entry.organization_id and link.{owner} = entry.id))"
)


@dataclass(frozen=True)
class Sorting:
    """The expression to sort by and its type, one that a cursor can hold."""

    sql: str
    type: LiteralString


@dataclass(frozen=True)
class Column:
    """One property of a row: `kind` is the SQL type it is compared as, `operators` the input that compares it."""

    name: str
    sql: str
    kind: LiteralString
    operators: Any
    nullable: bool
    sorting: Sorting | None
    description: str | None
    is_unique: bool = False
    """Whether no two rows of an organization share it, so that nothing has to decide between them."""


Asking = Callable[[Clauses, Any, int], str]
"""Makes the condition of a question: from the clauses it binds to, the value, and the organization."""


@dataclass(frozen=True)
class Question:
    """Something a list can be asked that compares no single column: it takes a plain value."""

    name: str
    type: Any
    description: str
    asking: Asking


def text(
    name: str,
    description: str | None = None,
    *,
    sql: str | None = None,
    nullable: bool = False,
    sortable: bool = True,
) -> Column:
    """A text; sorted without regard to capitals."""
    of = sql or own(name)
    sorting = Sorting(f'lower(left({of}, {SORTED_LENGTH})) collate "C"', "text")
    return Column(name, of, "text", TextFilter, nullable, sorting if sortable else None, description)


def prose(name: str, description: str | None = None, *, sql: str | None = None, nullable: bool = False) -> Column:
    """A text that nobody sorts by."""
    return text(name, description, sql=sql, nullable=nullable, sortable=False)


def own_key(*, sql: str | None = None) -> Column:
    """The row's own key, sorted as its index is."""
    of = sql or own("key")
    sorting = Sorting(of, "text")
    return Column("key", of, "text", TextFilter, nullable=False, sorting=sorting, description=None, is_unique=True)


def key(name: str, description: str | None = None, *, sql: str, nullable: bool = False) -> Column:
    """The key of another thing."""
    return Column(name, sql, "text", KeyFilter, nullable, Sorting(sql, "text"), description)


def key_of(
    name: str, table: LiteralString, description: str | None = None, *, row: str = "entry", nullable: bool = False
) -> Column:
    """The key of the row of another table that the column `<name>_id` names."""
    sql = _NAMED.replace("{table}", table).replace("{row}", row).replace("{column}", f"{name}_id")
    return key(name, description, sql=sql, nullable=nullable)


def keys_over(name: str, links: LiteralString, owner: LiteralString, description: str) -> Column:
    """The keys of the KPIs that the rows of a link table pair with this row."""
    return _texts(name, _LINKED.replace("{links}", links).replace("{owner}", owner), description)


def texts(name: str, description: str | None = None) -> Column:
    """A list of texts."""
    return _texts(name, own(name), description)


def _texts(name: str, sql: str, description: str | None) -> Column:
    return Column(name, sql, "jsonb", TextsFilter, nullable=False, sorting=None, description=description)


def integer(name: str, description: str | None = None, *, nullable: bool = False) -> Column:
    """A whole number."""
    sql = own(name)
    return Column(name, sql, "bigint", IntFilter, nullable, Sorting(f"{sql}::bigint", "bigint"), description)


def decimal(name: str, description: str | None = None, *, sql: str | None = None, nullable: bool = True) -> Column:
    """An exact number."""
    of = sql or own(name)
    return Column(name, of, "numeric", DecimalFilter, nullable, Sorting(of, "numeric"), description)


def day(name: str, description: str | None = None, *, sql: str | None = None, nullable: bool = True) -> Column:
    """A day."""
    of = sql or own(name)
    return Column(name, of, "date", DateFilter, nullable, Sorting(of, "date"), description)


def period(name: str, description: str | None = None, *, sql: str | None = None) -> Column:
    """A period; to sort by it, its first day is a column of its own."""
    of = sql or own(name)
    return Column(name, of, "text", PeriodFilter, nullable=True, sorting=None, description=description)


def flag(name: str, description: str | None = None, *, sql: str) -> Column:
    """Yes or no; no comes first."""
    sorting = Sorting(f"({sql})::int::bigint", "bigint")
    return Column(name, sql, "boolean", BooleanFilter, nullable=False, sorting=sorting, description=description)


def choice(
    name: str,
    enum: type[StrEnum],
    description: str | None = None,
    *,
    sql: str | None = None,
    nullable: bool = False,
    order: Sequence[StrEnum] | None = None,
) -> Column:
    """A value of an enum; sorted in the order of its values, or in `order`, which may leave some out for last."""
    of = sql or own(name)
    ranks = ", ".join(f"'{value.value}'" for value in order or enum)
    sorting = Sorting(f"array_position(array[{ranks}], {of})::bigint", "bigint")
    return Column(name, of, "text", choice_filter(enum), nullable or order is not None, sorting, description)


def own(name: str) -> str:
    """A column of the row's table; quoted, since some have the names of keywords."""
    return f'entry."{name}"'


def answered(condition: str) -> Asking:
    """What a question asks where `{}` in a condition is the value."""
    return lambda clauses, value, _organization_id: condition.replace("{}", clauses.bind(value))


def search(*columns: str) -> Asking:
    """What a question asks that looks for words in several columns, capitals or not."""
    found = " or ".join(f"position(lower({{}}::text) in lower({column})) > 0" for column in columns)
    return answered(f"coalesce({found}, false)")


DOCUMENT: Final = key("document", "The document it is printed in, by key.", sql=own("document"), nullable=True)
