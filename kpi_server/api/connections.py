"""Relay connections over keyset pages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeAlias, TypeVar

import strawberry

from kpi_server.api.arguments import wanted_slice
from kpi_server.api.fields import computed
from kpi_server.api.identity import cursor
from kpi_server.api.request import Request
from kpi_server.api.scalars import Cursor
from kpi_server.store.reads import Record
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import Listed, Page, Slice, SortKey, SortValue, sort_values

Entry = TypeVar("Entry")

First: TypeAlias = Annotated[
    int | None, strawberry.argument(description="So many from the beginning, 1 to 100; 20 when nothing is said.")
]
After: TypeAlias = Annotated[
    Cursor | None, strawberry.argument(description="Only entries behind this cursor; it may be of an entry now gone.")
]
Last: TypeAlias = Annotated[int | None, strawberry.argument(description="So many from the end, 0 to 100.")]
Before: TypeAlias = Annotated[
    Cursor | None, strawberry.argument(description="Only entries in front of this cursor; it may be of one now gone.")
]

BY_POSITION: tuple[SortKey, ...] = (SortKey("position", "bigint"), SortKey("id", "bigint"))


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether entries follow the page.")
    has_previous_page: bool = strawberry.field(description="Whether entries precede the page.")
    start_cursor: Cursor | None = strawberry.field(description="The cursor of the first entry; null for an empty page.")
    end_cursor: Cursor | None = strawberry.field(description="The cursor of the last entry; null for an empty page.")


@strawberry.type(description="An entry of a list and its place in it.")
class Edge(Generic[Entry]):
    cursor: Cursor = strawberry.field(description="The entry's place: for `after` and `before`.")
    node: Entry = strawberry.field(description="The entry.")


@dataclass(frozen=True)
class PageArguments:
    """Relay's four arguments."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True)
class Listing:
    """A sorted list: its name (cursors carry it), a select with the parameters it binds, and what it is sorted by."""

    name: str
    rows: str
    clauses: Clauses
    keys: Sequence[SortKey] = BY_POSITION


class Reading(Generic[Entry]):
    """A page that is read when the first of its fields is asked for, and once: counting alone reads none."""

    def __init__(self, read: Callable[[], Awaitable[tuple[list[Edge[Entry]], PageInfo]]]) -> None:
        self._read = read
        self._task: asyncio.Future[tuple[list[Edge[Entry]], PageInfo]] | None = None

    async def page(self) -> tuple[list[Edge[Entry]], PageInfo]:
        """The edges and where they lie."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._read())
        return await self._task


@strawberry.type(description="A page of a list.")
class Connection(Generic[Entry]):
    listing: strawberry.Private[Listing]
    part: strawberry.Private[Slice]
    reading: strawberry.Private[Reading[Entry]]
    counting: strawberry.Private[Callable[[], Awaitable[int]]]

    def cursor(self, values: Sequence[SortValue]) -> str:
        """The place of the row with these sort values."""
        return cursor(self.listing.name, values)

    @computed("The entries of the page with their cursors.")
    async def edges(self) -> list[Edge[Entry]]:
        edges, _ = await self.reading.page()
        return edges

    @computed("The entries of the page.")
    async def nodes(self) -> list[Entry]:
        edges, _ = await self.reading.page()
        return [edge.node for edge in edges]

    @computed("Where the page lies in the list.")
    async def page_info(self) -> PageInfo:
        _, page_info = await self.reading.page()
        return page_info

    @computed("How many entries the whole list has; counted only when asked for.")
    async def total_count(self) -> int:
        return await self.counting()


def connect(
    context: Request, listing: Listing, page: PageArguments, entry: Callable[[Record], Entry]
) -> Connection[Entry]:
    """The wanted page of a list, as one statement with those of other parents; a second one counts, if asked for.

    Raises:
        BadInput: the arguments name no page, or a cursor is none of this list.
    """
    keys = tuple(listing.keys)
    part = wanted_slice(
        list_name=listing.name,
        keys=keys,
        first=page.first,
        after=page.after,
        last=page.last,
        before=page.before,
    )
    bound = listing.clauses.parameters

    async def read() -> tuple[list[Edge[Entry]], PageInfo]:
        found = await context.loaders.pages.load(Listed(listing.rows, bound, keys, part))
        cursors = [Cursor(cursor(listing.name, sort_values(row, keys))) for row in found.rows]
        edges = [Edge(cursor=place, node=entry(row)) for place, row in zip(cursors, found.rows, strict=True)]
        return edges, _page_info(edges, found, part)

    return Connection(
        listing=listing,
        part=part,
        reading=Reading(read),
        counting=lambda: context.loaders.counts.load((listing.rows, bound)),
    )


def connect_known(name: str, entries: Sequence[tuple[str, Entry]], page: PageArguments) -> Connection[Entry]:
    """The wanted page of a list that is known without reading, sorted by its entries' keys.

    Raises:
        BadInput: the arguments name no page, or a cursor is none of this list.
    """
    keys = (SortKey("key", "text"),)
    part = wanted_slice(
        list_name=name, keys=keys, first=page.first, after=page.after, last=page.last, before=page.before
    )
    inside = [
        (key, entry)
        for key, entry in entries
        if (part.after is None or key > str(part.after[0])) and (part.before is None or key < str(part.before[0]))
    ]
    shown = inside[max(len(inside) - part.limit, 0) :] if part.backward else inside[: part.limit]
    edges = [Edge(cursor=Cursor(cursor(name, (key,))), node=entry) for key, entry in shown]
    found = Page((), has_more=len(inside) > len(shown))

    async def read() -> tuple[list[Edge[Entry]], PageInfo]:
        return edges, _page_info(edges, found, part)

    async def count() -> int:
        return len(entries)

    return Connection(listing=Listing(name, "", Clauses(), keys), part=part, reading=Reading(read), counting=count)


def _page_info(edges: Sequence[Edge[Entry]], found: Page, part: Slice) -> PageInfo:
    """An entry at the cursor itself lies outside the page, so on that side there is more."""
    return PageInfo(
        has_next_page=part.before is not None if part.backward else found.has_more,
        has_previous_page=found.has_more if part.backward else part.after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
