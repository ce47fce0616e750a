"""One subscriber's way along the pages: it asks for the next when it has sent the last, and nothing queues for it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

from kpi_server.api.errors import code_of
from kpi_server.api.live.pages import Page, Pages
from kpi_server.api.live.reading import PASSING, Reader
from kpi_server.domain.access import Scope
from kpi_server.errors import Unauthenticated

Authorize: TypeAlias = Callable[[], Awaitable[Scope]]
"""What the caller may see now; raises Unauthenticated when that is nothing any more."""

QUIET: Final = timedelta(hours=1)
"""After so long without an event of those that are wanted the cursor alone is sent, so that it does not grow old."""


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
    """What a subscription asks for: its question but for where it begins, for whom, and how its pages are read."""

    question: Hashable
    authorize: Authorize
    reader: Reader


@dataclass(frozen=True, slots=True)
class Shared:
    """What all subscriptions of a process share."""

    pages: Pages
    clock: Callable[[], datetime]


class _Walking:
    """A stream. A page is read with rights that its caller had, and sent only if the caller has the same ones still."""

    __slots__ = ("_asked", "_at", "_ended", "_first", "_scope", "_shared")

    def __init__(self, shared: Shared, asked: Asked, scope: Scope, first: Page) -> None:
        self._shared = shared
        self._asked = asked
        self._scope = scope
        self._at = first.following
        self._first: bytes | None = first.body
        self._ended = False

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        if self._first is not None:
            body, self._first = self._first, None
            return body
        while not self._ended:
            page = await self._next()
            scope = await self._authorized()
            if scope.digest != self._scope.digest:
                self._scope = scope
                continue
            self._at, self._ended = page.following, page.failure is not None
            if self._is_wanted(page):
                return page.body
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._first, self._ended = None, True

    async def _next(self) -> Page:
        raise NotImplementedError

    def _is_wanted(self, page: Page) -> bool:
        raise NotImplementedError

    async def _authorized(self) -> Scope:
        """What the caller may see now, as soon as the database knows."""
        while True:
            try:
                return await self._asked.authorize()
            except Unauthenticated:
                raise
            except Exception as error:
                if code_of(error) not in PASSING:
                    raise
                await asyncio.sleep(self._asked.reader.pause_s)


class EventStream(_Walking):
    """What happened, page after page: none is left out, and none comes twice."""

    __slots__ = ("_sent_at",)

    def __init__(self, shared: Shared, asked: Asked, scope: Scope, first: Page) -> None:
        super().__init__(shared, asked, scope, first)
        self._sent_at = shared.clock()

    async def _next(self) -> Page:
        pages, at = self._shared.pages, self._at
        place = (self._asked.question, self._scope.digest, at.cursor)
        kept = pages.kept(place)
        if kept is not None:
            return kept
        if pages.is_awaited(place):
            return await pages.joined(place)
        return await pages.begun(place, self._asked.reader.events(self._scope, at), keep=True)

    def _is_wanted(self, page: Page) -> bool:
        now = self._shared.clock()
        if page.failure is None and page.following.is_empty and now - self._sent_at < QUIET:
            return False
        self._sent_at = now
        return True


class StateStream(_Walking):
    """How things stand, whenever that is something else than before; what was in between is left out."""

    __slots__ = ("_body",)

    def __init__(self, shared: Shared, asked: Asked, scope: Scope, first: Page) -> None:
        super().__init__(shared, asked, scope, first)
        self._body = first.body

    async def _next(self) -> Page:
        pages = self._shared.pages
        place = (self._asked.question, self._scope.digest, self._body)
        if pages.is_awaited(place):
            return await pages.joined(place)
        return await pages.begun(place, self._asked.reader.state(self._scope, self._at, self._body), keep=False)

    def _is_wanted(self, page: Page) -> bool:
        self._body = page.body
        return True
