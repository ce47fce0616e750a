"""One subscriber's way along the pages: it asks for the next when it has sent the last, and nothing queues for it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from kpi_server.api.errors import Code, code_of
from kpi_server.api.following import Following
from kpi_server.api.live.pages import Page, Pages
from kpi_server.domain.access import Scope
from kpi_server.errors import Unauthenticated
from kpi_server.store.heads import UNHEARD, Head, Heads

Authorize: TypeAlias = Callable[[], Awaitable[Scope]]
"""What the caller may see now; raises Unauthenticated when that is nothing any more."""

QUIET: Final = timedelta(hours=1)
"""After so long without an event of those that are wanted the cursor alone is sent, so that it does not grow old."""

LONGEST_PAUSE_S: Final = 10.0
MOST_TIMEOUTS: Final = 3
_PASSING: Final = frozenset({Code.UNAVAILABLE, Code.TIMEOUT})


class Stream(Protocol):
    """The responses of a subscription, each a whole GraphQL response as it is sent; whoever began it closes it."""

    def __aiter__(self) -> "Stream": ...

    async def __anext__(self) -> bytes:
        """The next response, when there is one.

        Raises:
            Unauthenticated: the caller may see nothing any more.
            StopAsyncIteration: the last response said what is wrong.
        """

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a subscription asks for: its question but for where it begins, for whom, and how a page of it is read."""

    question: Hashable
    authorize: Authorize
    read: Callable[[Scope, Following], Awaitable[Page]]
    pause_s: float = 1.0
    """How long it waits when the database does not answer, and twice as long each time after."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all subscriptions of a process share."""

    pages: Pages
    heads: Heads
    clock: Callable[[], datetime]


class _Following:
    """What both kinds of streams do."""

    __slots__ = ("_asked", "_ended", "_first", "_shared")

    def __init__(self, shared: Shared, asked: Asked, first: Page) -> None:
        self._shared = shared
        self._asked = asked
        self._first: Page | None = first
        self._ended = False

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        if self._first is not None:
            page, self._first = self._first, None
            return page.body
        if self._ended:
            raise StopAsyncIteration
        page = await self._next()
        self._ended = page.failure is not None
        return page.body

    async def aclose(self) -> None:
        self._first, self._ended = None, True

    async def _next(self) -> Page:
        raise NotImplementedError

    async def _page(self, place: Hashable, cursor: str | None) -> tuple[Page, bool]:
        """The page at a place, and whether it was read for this stream; a database that is away is waited for."""
        pause_s, timeouts = self._asked.pause_s, 0
        while True:
            page, is_own = await self._attempt(place, cursor)
            timeouts += page.failure is Code.TIMEOUT
            if page.failure not in _PASSING or timeouts == MOST_TIMEOUTS:
                return page, is_own
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _attempt(self, place: Hashable, cursor: str | None) -> tuple[Page, bool]:
        try:
            scope = await self._asked.authorize()
        except Exception as error:
            if isinstance(error, Unauthenticated) or code_of(error) not in _PASSING:
                raise
            return Page(b"", Following(), failure=Code.UNAVAILABLE), True
        question = (self._asked.question, scope.digest, place)
        return await self._shared.pages.of(question, lambda: self._asked.read(scope, Following(cursor)))


class EventStream(_Following):
    """What happened, page after page: none is left out, and none comes twice."""

    __slots__ = ("_cursor", "_organization_id", "_seen", "_sent_at")

    def __init__(self, shared: Shared, asked: Asked, first: Page) -> None:
        super().__init__(shared, asked, first)
        self._sent_at = shared.clock()
        self._organization_id = first.following.organization_id or 0
        self._cursor = first.following.cursor
        self._seen: Head | None = Head(first.following.number) if first.following.is_caught_up else None

    async def _next(self) -> Page:
        while True:
            await self._news()
            page = await self._read_on()
            now = self._shared.clock()
            if page.failure is not None or not page.following.is_empty or now - self._sent_at >= QUIET:
                self._sent_at = now
                return page

    async def _news(self) -> None:
        """Wait until there is something behind the cursor."""
        while self._seen is not None:
            head = await self._shared.heads.moved(self._organization_id, self._seen)
            self._seen = head if head.number == self._seen.number else None

    async def _read_on(self) -> Page:
        head = self._shared.heads.of(self._organization_id)
        page, is_own = await self._page(self._cursor, self._cursor)
        found = page.following
        if page.failure is not None:
            return page
        self._cursor = found.cursor
        if found.is_caught_up and is_own:  # there is nothing more, whatever was heard before it was read
            self._seen = Head(max(head.number, found.number))
        elif found.is_caught_up and found.has_moved:
            self._seen = Head(found.number)
        return page


class StateStream(_Following):
    """How things stand, whenever that is something else than before; what was in between is left out."""

    __slots__ = ("_body", "_interval_s", "_organization_id", "_read_at", "_seen")

    def __init__(self, shared: Shared, asked: Asked, first: Page) -> None:
        super().__init__(shared, asked, first)
        self._body = first.body
        self._organization_id = first.following.organization_id or 0
        self._interval_s = first.following.interval_s
        self._read_at = asyncio.get_running_loop().time()
        self._seen = UNHEARD  # what was heard before the first page is not known, so it is read again once

    async def _next(self) -> Page:
        heads, loop = self._shared.heads, asyncio.get_running_loop()
        while True:
            await heads.moved(self._organization_id, self._seen)
            wait = self._read_at + self._interval_s - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            head = heads.of(self._organization_id)
            page, _ = await self._page(head, None)
            self._seen, self._read_at = head, loop.time()
            if page.body != self._body:
                self._body = page.body
                return page
