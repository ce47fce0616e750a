"""A time limit that many have alike: one timer for all of them, since whoever begins first is over it first."""

import asyncio
from typing import Any


class TimeLimit:
    """How long each block of work may take; where all end in time, it costs next to nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[TimedBlock, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def block(self) -> "TimedBlock":
        """A block that the limit holds for."""
        return TimedBlock(self)

    def begin(self, block: "TimedBlock") -> None:
        """End the block when its time is over, unless it ends before."""
        loop = asyncio.get_running_loop()
        self._running[block] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look, loop)

    def ended(self, block: "TimedBlock") -> None:
        """Leave the block alone from now on."""
        self._running.pop(block, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End what is over its time, and wait for the next."""
        now, self._timer = loop.time(), None
        while self._running:
            block, until = next(iter(self._running.items()))
            if until > now:
                self._timer = loop.call_at(until, self._look, loop)
                return
            del self._running[block]
            block.end()


class TimedBlock:
    """As `asyncio.timeout`: cancels the task that is in the block too long, and makes a TimeoutError of that."""

    __slots__ = ("_cancelling", "_limit", "_task", "is_over")

    def __init__(self, limit: TimeLimit) -> None:
        self._limit = limit
        self.is_over = False

    def __enter__(self) -> None:
        self._task: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment]  # a task is what waits
        self._cancelling = self._task.cancelling()
        self._limit.begin(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self._limit.ended(self)
        is_ours = self.is_over and self._task.uncancel() <= self._cancelling
        if is_ours and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def end(self) -> None:
        """The time is over."""
        self.is_over = True
        self._task.cancel()
