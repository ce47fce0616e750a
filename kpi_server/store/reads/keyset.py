"""Pages by keyset: a page starts after a row's own sort values, so that writes elsewhere do not shift it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, LiteralString, TypeAlias

from kpi_server.store.reads import Fetch, Record
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.parents import Parents, together
from kpi_server.store.sql import statement

SortValue: TypeAlias = int | str | Decimal | date | None

COLUMNS: Final = "/*columns*/"
"""Where in a select of a list its own columns end: in front of what it is sorted by besides, and of its `from`."""


@dataclass(frozen=True)
class SortKey:
    """A column to sort by; rows without a value come last, or first, whichever way it is sorted."""

    column: str
    type: LiteralString
    descending: bool = False
    nullable: bool = False
    nulls_first: bool = False


@dataclass(frozen=True)
class Slice:
    """Which part of a sorted list is wanted: `limit` rows from one end, between two rows' sort values."""

    limit: int
    backward: bool = False
    after: tuple[SortValue, ...] | None = None
    before: tuple[SortValue, ...] | None = None


@dataclass(frozen=True)
class Page:
    """Rows in the list's own order, and whether more lie beyond them in the direction of reading."""

    rows: tuple[Record, ...]
    has_more: bool


@dataclass(frozen=True)
class Listed:
    """Which part is wanted of the rows of a select with these parameters, sorted by these keys."""

    rows: str
    parameters: Sequence[Any]
    keys: tuple[SortKey, ...]
    part: Slice


async def read_pages(fetch: Fetch, wanted: Sequence[Listed]) -> list[Page]:
    """The wanted parts; those of lists that are alike but for what they bind are one statement."""
    pages = [Page((), has_more=False)] * len(wanted)
    lists = [(one.rows, (one.keys, one.part)) for one in wanted]
    for positions, parents in together(lists, [one.parameters for one in wanted]):
        first = wanted[positions[0]]
        if parents is None:
            clauses = Clauses(list(first.parameters))
            pages[positions[0]] = await read_page(fetch, first.rows, clauses, keys=first.keys, part=first.part)
            continue
        for position, page in zip(positions, await _under_parents(fetch, first, parents), strict=True):
            pages[position] = page
    return pages


async def _under_parents(fetch: Fetch, first: Listed, parents: Parents) -> list[Page]:
    rows: list[list[Record]] = [[] for _ in parents.bound]
    if first.part.limit:
        clauses = Clauses(list(first.parameters))
        page = page_statement(first.rows, clauses, keys=first.keys, part=first.part)
        sql = statement("pages_under_parents").format(
            source=parents.source, page=parents.beside(page), order=order_by(first.keys, first.part)
        )
        for row in await fetch(sql, *parents.values, *clauses.parameters[len(first.parameters) :]):
            rows[row["given_number"] - 1].append(row)
    return [_page(found, first.part) for found in rows]


async def read_page(fetch: Fetch, rows: str, clauses: Clauses, *, keys: Sequence[SortKey], part: Slice) -> Page:
    """The wanted part of the rows of a select; one row more is read to know whether the list goes on."""
    if part.limit == 0:
        return Page((), has_more=False)
    sql = page_statement(rows, clauses, keys=keys, part=part)
    return _page(await fetch(sql, *clauses.parameters), part)


def _page(found: Sequence[Record], part: Slice) -> Page:
    kept = tuple(found[: part.limit])
    return Page(kept[::-1] if part.backward else kept, has_more=len(found) > part.limit)


def page_statement(
    rows: str, clauses: Clauses, *, keys: Sequence[SortKey], part: Slice, columns: str = "page.*"
) -> str:
    """The statement for the wanted part of the rows of a select and one row more, from the end where reading begins."""
    where = [
        _beyond(clauses, keys, values, backward=backward)
        for values, backward in ((part.after, False), (part.before, True))
        if values is not None
    ]
    return statement("page").format(
        columns=columns,
        rows=rows,
        where=f"where {' and '.join(where)}" if where else "",
        order=order_by(keys, part),
        limit=clauses.bind(part.limit + 1),
    )


def order_by(keys: Sequence[SortKey], part: Slice, alias: str = "page") -> str:
    """How the rows of a page are sorted for reading."""
    return ", ".join(_order(key, alias, backward=part.backward) for key in keys)


async def count(fetch: Fetch, rows: str, clauses: Clauses) -> int:
    """How many rows a select has."""
    (row,) = await fetch(statement("count").format(rows=rows), *clauses.parameters)
    return int(row["count"])


async def counts(fetch: Fetch, lists: Sequence[tuple[str, Sequence[Any]]]) -> list[int]:
    """How many rows each select with its parameters has; of those alike but for what they bind in one statement."""
    found = [0] * len(lists)
    for positions, parents in together([(rows, None) for rows, _ in lists], [bound for _, bound in lists]):
        rows, bound = lists[positions[0]]
        if parents is None:
            found[positions[0]] = await count(fetch, rows, Clauses(list(bound)))
            continue
        counted = parents.beside(statement("count").format(rows=rows))
        sql = statement("counts_under_parents").format(source=parents.source, count=counted)
        for position, row in zip(positions, await fetch(sql, *parents.values), strict=True):
            found[position] = int(row["count"])
    return found


def sort_values(record: Record, keys: Sequence[SortKey]) -> tuple[SortValue, ...]:
    """The values by which a row is sorted: what a cursor holds."""
    return tuple(record[key.column] for key in keys)


def _order(key: SortKey, alias: str, *, backward: bool) -> str:
    way = "desc" if key.descending != backward else "asc"
    nulls = "first" if key.nulls_first != backward else "last"
    return f"{alias}.{key.column} {way} nulls {nulls}" if key.nullable else f"{alias}.{key.column} {way}"


def _beyond(clauses: Clauses, keys: Sequence[SortKey], values: Sequence[SortValue], *, backward: bool) -> str:
    """True for rows that sort behind (or, backward, before) the values: by the first key in which they differ."""
    equal: list[str] = []
    options: list[str] = []
    for key, value in zip(keys, values, strict=True):
        bound = None if value is None else f"{clauses.bind(value)}::{key.type}"
        farther = _farther(key, bound, backward=backward)
        if farther is not None:
            options.append(" and ".join([*equal, farther]))
        equal.append(f"page.{key.column} is null" if bound is None else f"page.{key.column} = {bound}")
    return f"({' or '.join(f'({option})' for option in options)})"


def _farther(key: SortKey, bound: str | None, *, backward: bool) -> str | None:
    """The condition for a row strictly beyond a value of one key; None where nothing can be."""
    nulls_beyond = key.nullable and key.nulls_first == backward
    if bound is None:
        return None if nulls_beyond else f"page.{key.column} is not null"
    sign = "<" if key.descending != backward else ">"
    beyond = f"page.{key.column} {sign} {bound}"
    return f"({beyond} or page.{key.column} is null)" if nulls_beyond else beyond
