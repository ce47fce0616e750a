"""Turns: who writes to an organization alone waits here for those of the same process who came before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Turns:
    """Gives those who want an organization for themselves their turn, in the order in which they came.

    The database has a lock that keeps all processes apart. Who waits for that holds a connection, though: a handful who
    do leave none for other organizations, and each has to plan its statements by itself.
    """

    def __init__(self) -> None:
        self._locks = WeakValueDictionary[int, asyncio.Lock]()

    @asynccontextmanager
    async def turn(self, organization_id: int) -> AsyncIterator[None]:
        """Go on when everybody who came earlier has ended."""
        lock = self._locks.get(organization_id)
        if lock is None:
            self._locks[organization_id] = lock = asyncio.Lock()
        async with lock:
            yield
