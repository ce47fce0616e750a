"""One subscriber's way along the pages: it asks for the next when it has sent the last, and nothing queues for it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Protocol, TypeAlias

from kpi_server.api.errors import code_of
from kpi_server.api.live.pages import Page, Pages
from kpi_server.api.live.reading import PASSING, Reader
from kpi_server.domain.access import Scope
from kpi_server.errors import Unauthenticated

Authorize: TypeAlias = Callable[[], Awaitable[Scope]]
"""What the caller may see now; raises Unauthenticated when that is nothing any more."""

AtOnce: TypeAlias = Callable[[Scope, bytes], bool]
"""Sends a response to the caller, if it is known to have the rights still with which that was read and has taken what
was sent before; False, with nothing sent, where either has to be waited for."""

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
    at_once: AtOnce | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all subscriptions of a process share."""

    pages: Pages
    clock: Callable[[], datetime]


class _Walking:
    """A stream. A page is read with rights that its caller had, and sent only if the caller has the same ones still.

    Who asks for the next response while there is none may be given many of them by `at_once` before the next is told.
    """

    __slots__ = ("_asked", "_at", "_ended", "_first", "_scope", "_shared")
    is_kept: ClassVar[bool]

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
            page = await self._shared.pages.behind(self)
            scope = await self._authorized()
            if scope.digest != self._scope.digest:
                self._scope = scope
                continue
            self._at, self._ended = page.following, page.failure is not None
            if self._is_wanted(page):
                self._sent(page)
                return page.body
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._first, self._ended = None, True

    @property
    def place(self) -> Hashable:
        return (self._asked.question, self._scope.digest, self._shown)

    def reading(self) -> Coroutine[Any, Any, Page]:
        raise NotImplementedError

    def passes(self, page: Page) -> bool:
        """Send a page that is wanted at once; what has to be decided about it waits for the stream's own task."""
        at_once = self._asked.at_once
        if at_once is None or page.failure is not None or page.following.is_empty:
            return False
        if not at_once(self._scope, page.body):
            return False
        self._at = page.following
        self._sent(page)
        return True

    @property
    def _shown(self) -> Hashable:
        """What of all that was sent decides what comes next."""
        raise NotImplementedError

    def _is_wanted(self, page: Page) -> bool:
        raise NotImplementedError

    def _sent(self, page: Page) -> None:
        """Note what is sent now."""
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
    is_kept: ClassVar[bool] = True

    def __init__(self, shared: Shared, asked: Asked, scope: Scope, first: Page) -> None:
        super().__init__(shared, asked, scope, first)
        self._sent_at = shared.clock()

    @property
    def _shown(self) -> Hashable:
        return self._at.cursor

    def reading(self) -> Coroutine[Any, Any, Page]:
        return self._asked.reader.events(self._scope, self._at)

    def _is_wanted(self, page: Page) -> bool:
        is_told = page.failure is not None or not page.following.is_empty
        return is_told or self._shared.clock() - self._sent_at >= QUIET

    def _sent(self, _page: Page) -> None:
        self._sent_at = self._shared.clock()


class StateStream(_Walking):
    """How things stand, whenever that is something else than before; what was in between is left out."""

    __slots__ = ("_body",)
    is_kept: ClassVar[bool] = False

    def __init__(self, shared: Shared, asked: Asked, scope: Scope, first: Page) -> None:
        super().__init__(shared, asked, scope, first)
        self._body = first.body

    @property
    def _shown(self) -> Hashable:
        return self._body

    def reading(self) -> Coroutine[Any, Any, Page]:
        return self._asked.reader.state(self._scope, self._at, self._body)

    def _is_wanted(self, _page: Page) -> bool:
        return True

    def _sent(self, page: Page) -> None:
        self._body = page.body
