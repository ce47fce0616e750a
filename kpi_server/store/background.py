"""Work that goes on beside requests, round after round, whatever becomes of one of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

PATIENCE: Final = 10
"""How many pauses what failed waits for."""
AGAIN_S: Final = 1.0
"""After so long a task that did not end is told again."""

LOG: Final = logging.getLogger("kpi_server.background")


async def keep_on(round_: Callable[[], Awaitable[bool]], *, pause_s: float, log: logging.Logger, failure: str) -> None:
    """Work in rounds, with a pause after each, until cancelled; a longer one after what failed.

    A round says whether it went well, or raises. An error is logged with the sentence in `failure`: a database that is
    away comes back.
    """
    while True:
        try:
            went_well = await round_()
        except Exception:
            log.warning(failure, exc_info=True)
            went_well = False
        stop_if_cancelled()
        await asyncio.sleep(pause_s if went_well else pause_s * PATIENCE)


def stop_if_cancelled() -> None:
    """Let the task end that was told to: that can be lost in what was under way.

    A driver that is interrupted raises errors of its own, and what ends at that moment may do so as if nothing was.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Tell tasks to end until all have: what told one the first time may be lost in a driver that was interrupted."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=AGAIN_S)
        for task in left:
            LOG.warning("%s goes on, and is told again to end.", task.get_name())
