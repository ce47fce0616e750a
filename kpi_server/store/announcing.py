"""Telling other processes that an organization has moved on: a NOTIFY of its own, outside every write."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from kpi_server.store.lending import Lender

CHANNEL: Final = "kpi_numbers"
PAUSE_S: Final = 0.005
"""How long what is written is gathered into one announcement, when there was one just before."""

LOG: Final = logging.getLogger("kpi_server.waking")
_SAY: Final = "select pg_notify($1, said) from unnest($2::text[]) as said"


def said(organization_id: int, number: int) -> str:
    """The payload of a notification."""
    return f"{organization_id}:{number}"


def heard(payload: str) -> tuple[int, int] | None:
    """The organization and the number of a payload; None when it is none of ours.

    >>> heard(said(7, 12))
    (7, 12)
    >>> heard("7") is None
    True
    """
    organization_id, _, number = payload.partition(":")
    if organization_id.isascii() and organization_id.isdigit() and number.isascii() and number.isdigit():
        return int(organization_id), int(number)
    return None


class Announcer:
    """Says the newest number of each organization once, however many writes there were since it was said last.

    NOTIFY takes a lock on the whole cluster when its transaction commits: no write waits for it. What cannot be said is
    not said again: whoever listens looks into the database as well.
    """

    def __init__(self, connections: Lender) -> None:
        self._connections = connections
        self._unsaid: dict[int, int] = {}
        self._saying: asyncio.Task[None] | None = None

    def announce(self, organization_id: int, number: int) -> None:
        """Say it soon."""
        self._unsaid[organization_id] = max(number, self._unsaid.get(organization_id, 0))
        if self._saying is None:
            self._saying = asyncio.create_task(self._say_all())

    async def close(self) -> None:
        """Say what is unsaid."""
        if self._saying is not None:
            await self._saying

    async def _say_all(self) -> None:
        try:
            while self._unsaid:
                numbers, self._unsaid = self._unsaid, {}
                try:
                    await self._say(numbers)
                except Exception:  # a database that is away announces nothing, and is looked into when it is back
                    LOG.debug("Writes were not announced.", exc_info=True)
                await asyncio.sleep(PAUSE_S)
        finally:
            self._saying = None

    async def _say(self, numbers: Mapping[int, int]) -> None:
        connection, intact = await self._connections.borrow(), False
        try:
            await connection.execute(_SAY, CHANNEL, [said(*entry) for entry in numbers.items()])
            intact = True
        finally:
            self._connections.give_back(connection, intact=intact)
