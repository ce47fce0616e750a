"""Turns: who writes to an organization alone waits here for those of the same process who came before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

_AT_ONCE: Final = 2
"""One who writes, and one who is ready to."""


class Turns:
    """Gives those who want an organization for themselves their turn, in the order in which they came.

    The database has a lock that keeps all processes apart. Who waits for that holds a connection, though: a handful who
    do leave none for other organizations, and each has to plan its statements by itself. So one waits there, who goes
    on as soon as the one before has committed, and all others here. While it connects, others may overtake it.
    """

    def __init__(self) -> None:
        self._turns = WeakValueDictionary[int, asyncio.Semaphore]()

    @asynccontextmanager
    async def turn(self, organization_id: int) -> AsyncIterator[None]:
        """Go on when of those who came earlier one at most has not ended."""
        turns = self._turns.get(organization_id)
        if turns is None:
            self._turns[organization_id] = turns = asyncio.Semaphore(_AT_ONCE)
        async with turns:
            yield
