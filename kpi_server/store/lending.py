"""Lending a pool's connections: the one given back last goes out first, and straight away."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Final

import asyncpg

CLOSING_S: Final = 10.0
"""How long a pool that is closed waits for connections that are in use."""


class Lender:
    """Lends connections of a pool, one user at a time.

    The driver's pool resets a connection after each use; one that was used as intended needs none and goes to whoever
    comes next. What an error or a cancellation interrupted is given back to the pool, which waits until the server has
    let go of it, while its last user goes on.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.size: int = pool.get_max_size()
        self._free = self.size
        self._idle: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def borrow(self) -> Any:
        """A connection, as soon as there is one."""
        while True:
            while self._idle:
                connection = self._idle.pop()
                if not _has_ended(connection):
                    return connection
                self._part_with(connection)
            if self._free:
                return await self._taken()
            connection = await self._next()
            if connection is not None:
                return connection

    def give_back(self, connection: Any, *, intact: bool) -> None:
        """Take a connection back; it is intact when all that was asked was answered and no transaction is open."""
        if not intact or self._closed or _has_ended(connection):
            self._part_with(connection)
        elif not self._hand(connection):
            self._idle.append(connection)

    async def close(self) -> None:
        """Close the pool, when every connection has been given back; those that are not in time are cut off."""
        self._closed = True
        while self._idle:
            self._part_with(self._idle.pop())
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self._pool.close()  # interrupted, it ends its connections at once

    async def _taken(self) -> Any:
        """One more of the pool's connections."""
        self._free -= 1
        try:
            return await self._pool.acquire()
        except BaseException:
            self._free += 1
            self._hand(None)
            raise

    async def _next(self) -> Any:
        """The next connection that is given back; None where one has to be looked for again."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on(turn.result())
            raise

    def _pass_on(self, connection: Any) -> None:
        """Give what one who has gone was handed to the next."""
        if connection is None:
            self._hand(None)
        else:
            self.give_back(connection, intact=True)

    def _hand(self, connection: Any) -> bool:
        """Hand a connection, or the word that there may be one, to who has waited longest; False when nobody waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    def _part_with(self, connection: Any) -> None:
        task = asyncio.create_task(self._released(connection))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._free += 1
        self._hand(None)

    async def _released(self, connection: Any) -> None:
        with suppress(Exception):  # it has ended: the pool finds that too
            if connection.is_in_transaction():
                await connection.execute("rollback")  # the driver would report it as somebody's mistake
        with suppress(Exception):  # the pool closes a connection that it cannot reset, which is all there is to do
            await self._pool.release(connection)


def _has_ended(connection: Any) -> bool:
    """Whether a connection is closed; one that the server ended may be back in the pool, and answers nothing then."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
