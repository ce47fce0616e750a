"""Hearing of what other processes write: one connection that listens, and a look into the database beside it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from kpi_server.store.announcing import CHANNEL, heard
from kpi_server.store.background import stop_if_cancelled
from kpi_server.store.connecting import asyncpg_url
from kpi_server.store.database import Database
from kpi_server.store.heads import Head
from kpi_server.store.sql import statement

LOG: Final = logging.getLogger("kpi_server.waking")
CONNECTING_S: Final = 10.0
ALIVE_S: Final = 30.0
"""How often the listening connection is asked whether it is still there: a network may forget it silently."""

SHORTEST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 30.0


def _now() -> datetime:
    return datetime.now(UTC)


class Waking:
    """Keeps a database's heads as new as the database is.

    `address` is where it can be listened to, without a pooler between; with None it is only looked into.
    """

    def __init__(
        self, database: Database, address: str | None, *, poll_s: float, clock: Callable[[], datetime] = _now
    ) -> None:
        self._database = database
        self._address = None if address is None else asyncpg_url(address).set(drivername="postgresql")
        self._poll_s = poll_s
        self._clock = clock
        self._look = asyncio.Event()
        self.listening = asyncio.Event()
        """Set while the connection listens."""

    async def run(self) -> None:
        """Listen and look, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            if self._address is not None:
                tasks.create_task(self._listen(self._address.render_as_string(hide_password=False)))

    async def _poll(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._look.wait()
            self._look.clear()
            try:
                await self._look_up()
            except Exception:  # a database that is away comes back
                LOG.debug("The numbers of organizations were not looked up.", exc_info=True)
            stop_if_cancelled()

    async def _look_up(self) -> None:
        heads = self._database.heads
        before = {organization_id: heads.of(organization_id) for organization_id in heads.awaited}
        if not before:
            return
        for row in await self._database.glance(before, statement("versions"), list(before), self._clock()):
            heads.looked_up(row["id"], before[row["id"]], Head(row["version"], row["day"]))

    async def _listen(self, address: str) -> None:
        pause = SHORTEST_PAUSE_S
        while True:
            try:
                await self._listen_once(address)
            except Exception as error:  # whatever it is, it is tried again
                LOG.warning("Nobody listens to the database (%s); it is looked into.", type(error).__name__)
            stop_if_cancelled()
            pause = SHORTEST_PAUSE_S if self.listening.is_set() else min(2 * pause, LONGEST_PAUSE_S)
            self.listening.clear()
            await asyncio.sleep(pause)

    async def _listen_once(self, address: str) -> None:
        """Listen until the connection is lost; what was written before it listened is looked up."""
        connection: Any = await asyncpg.connect(
            address,
            timeout=CONNECTING_S,
            server_settings={"application_name": "kpi-server listening"},
        )
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            self.listening.set()
            self._look.set()
            while not lost.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(ALIVE_S):
                        await lost.wait()
                if not lost.is_set():
                    await connection.execute("select 1", timeout=CONNECTING_S)
                stop_if_cancelled()
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        news = heard(payload)
        if news is not None:
            self._database.heads.told(*news)
