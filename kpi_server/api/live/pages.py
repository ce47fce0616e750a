"""Pages of subscriptions: waited for, read and written out once for all who stand at the same place."""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi_server.api.errors import Code
from kpi_server.api.following import Following


@dataclass(frozen=True, slots=True)
class Page:
    """A GraphQL response as it is sent, and how far it came; `failure` is the code under which there are no data."""

    body: bytes
    following: Following
    errors: Sequence[dict[str, Any]] = ()
    failure: Code | None = None


@dataclass(slots=True)
class _Reading:
    """A page that is waited for, and by whom."""

    task: asyncio.Task[Page]
    turns: set[asyncio.Future[Page]] = field(default_factory=set)


class Pages:
    """The next page of each place. The last ones are kept, within a number of bytes, for those who come later."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Page] = OrderedDict()
        self._readings: dict[Hashable, _Reading] = {}

    def kept(self, place: Hashable) -> Page | None:
        """The page behind a place, if it is at hand."""
        return self._kept.get(place)

    def is_awaited(self, place: Hashable) -> bool:
        """Whether anybody waits there: then whoever comes waits with them."""
        return place in self._readings

    async def joined(self, place: Hashable) -> Page:
        """The page for which others wait."""
        return await self._turn(place, self._readings[place])

    async def begun(self, place: Hashable, reading: Coroutine[Any, Any, Page], *, keep: bool) -> Page:
        """The page that a coroutine waits for and reads, for this caller and all who join."""
        begun = self._readings[place] = _Reading(asyncio.create_task(reading))
        begun.task.add_done_callback(lambda task: self._end(place, begun, task, keep=keep))
        return await self._turn(place, begun)

    async def _turn(self, place: Hashable, reading: _Reading) -> Page:
        turn: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
        reading.turns.add(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            reading.turns.discard(turn)
            if not reading.turns and self._readings.get(place) is reading:
                del self._readings[place]
                reading.task.cancel()
            raise

    def _end(self, place: Hashable, reading: _Reading, task: asyncio.Task[Page], *, keep: bool) -> None:
        if self._readings.get(place) is reading:
            del self._readings[place]
        if task.cancelled():
            for turn in reading.turns:
                turn.cancel()
            return
        error = task.exception()
        for turn in reading.turns:
            if not turn.done():
                turn.set_result(task.result()) if error is None else turn.set_exception(error)
        if keep and error is None and not task.result().errors:
            self._keep(place, task.result())

    def _keep(self, place: Hashable, page: Page) -> None:
        if len(page.body) > self._most_bytes // 4:  # one page must not drive out all others
            return
        self._kept[place] = page
        self._bytes += len(page.body)
        while self._bytes > self._most_bytes:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.body)
