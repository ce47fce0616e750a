"""Waiting no longer than one is willing to, even for work that cannot be stopped at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class PatienceExhausted(Exception):
    """The work took longer than its time; it was told to stop."""


class Patience:
    """Gives up on work in time, and sees it off afterwards.

    A cancelled statement still waits for the server to confirm; a server that hangs never does. So the caller goes
    on while the work ends on its own.
    """

    def __init__(self) -> None:
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        """What the work returns or raises.

        Raises:
            PatienceExhausted: the time is over.
        """
        task = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            self._abandon(task)
            raise
        if not done:
            self._abandon(task)
            raise PatienceExhausted(f"not done within {seconds:g} s")
        return task.result()

    def _abandon(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.add(task)
        task.add_done_callback(self._see_off)
        task.cancel()

    def _see_off(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            task.exception()  # asked for, so that the loop does not report it as forgotten
