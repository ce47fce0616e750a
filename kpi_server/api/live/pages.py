"""Pages of subscriptions: waited for, read and written out once for all who stand at the same place."""

import asyncio
from collections.abc import Coroutine, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Protocol

from kpi_server.api.errors import Code
from kpi_server.api.following import Following
from kpi_server.api.memory import Memory


@dataclass(frozen=True, slots=True)
class Page:
    """A GraphQL response as it is sent, and how far it came; `failure` is the code under which there are no data."""

    body: bytes
    following: Following
    errors: Sequence[dict[str, Any]] = ()
    failure: Code | None = None


class Walker(Protocol):
    """Who goes from page to page."""

    is_kept: ClassVar[bool]
    """Whether the page behind a place is the same for whoever comes there later."""

    @property
    def place(self) -> Hashable:
        """Where it stands: who stands at the same place goes on with the same page."""

    def reading(self) -> Coroutine[Any, Any, Page]:
        """Waits for the page behind that place, and reads it."""

    def passes(self, page: Page) -> bool:
        """Send a page at once and stand behind it; False, with nothing done, where that takes longer."""


@dataclass(eq=False, slots=True)
class _Turn:
    """Somebody who waits for a page, and is told of the first that it does not pass by itself."""

    walker: Walker
    told: asyncio.Future[Page]
    reading: "_Reading | None" = None

    def passes(self, page: Page) -> bool:
        try:
            return self.walker.passes(page)
        except Exception:  # no reason to keep the page from others: this one's task meets it again
            return False


@dataclass(eq=False, slots=True)
class _Reading:
    """A page that is waited for, and by whom."""

    place: Hashable
    task: asyncio.Task[Page]
    turns: set[_Turn] = field(default_factory=set)


class Pages:
    """The next page of each place. The last ones are kept, within a number of bytes, for those who come later."""

    def __init__(self, most_bytes: int) -> None:
        self._kept: Memory[Hashable, Page] = Memory(most_bytes, largest=most_bytes // 4)
        self._readings: dict[Hashable, _Reading] = {}

    async def behind(self, walker: Walker) -> Page:
        """The page behind the place where somebody stands, or the first after it that it does not pass."""
        kept = self._kept.of(walker.place)
        if kept is not None:
            return kept
        turn = _Turn(walker, asyncio.get_running_loop().create_future())
        self._wait([turn])
        try:
            return await turn.told
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _wait(self, turns: Sequence[_Turn]) -> None:
        """Let some who stand at one place wait with whoever waits there."""
        walker = turns[0].walker
        place = walker.place
        reading = self._readings.get(place)
        if reading is None:
            reading = self._readings[place] = _Reading(place, asyncio.create_task(walker.reading()))
            reading.task.add_done_callback(partial(self._end, reading, is_kept=walker.is_kept))
        reading.turns.update(turns)
        for turn in turns:
            turn.reading = reading

    def _leave(self, turn: _Turn) -> None:
        reading = turn.reading
        if reading is None:
            return
        reading.turns.discard(turn)
        if not reading.turns and self._readings.get(reading.place) is reading:
            del self._readings[reading.place]
            reading.task.cancel()

    def _end(self, reading: _Reading, task: asyncio.Task[Page], *, is_kept: bool) -> None:
        if self._readings.get(reading.place) is reading:
            del self._readings[reading.place]
        if task.cancelled():
            for turn in reading.turns:
                turn.told.cancel()
            return
        turns = [turn for turn in reading.turns if not turn.told.done()]
        error = task.exception()
        if error is not None:
            for turn in turns:
                turn.told.set_exception(error)
            return
        page = task.result()
        if is_kept and not page.errors:
            self._kept.keep(reading.place, page, len(page.body))
        self._tell(turns, page)

    def _tell(self, turns: Sequence[_Turn], page: Page | None) -> None:
        """Let all pass a page who can, without waking anybody, and wait for the next; tell the others of it."""
        while page is not None:
            passed = []
            for turn in turns:
                if turn.passes(page):
                    passed.append(turn)
                else:
                    turn.told.set_result(page)
            if not passed:
                return
            turns, page = passed, self._kept.of(passed[0].walker.place)
        self._wait(turns)
