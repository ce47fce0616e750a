"""Waiting for news and reading it: what is done once for all who stand at the same place of the same subscription."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from kpi_server.api.errors import Code
from kpi_server.api.following import Following
from kpi_server.api.live.pages import Page
from kpi_server.domain.access import Scope
from kpi_server.store.heads import Head, Heads

LONGEST_PAUSE_S: Final = 10.0
MOST_TIMEOUTS: Final = 3
PASSING: Final = frozenset({Code.UNAVAILABLE, Code.TIMEOUT})
"""What passes by itself."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the pages of one subscription."""

    heads: Heads
    read: Callable[[Scope, Following], Awaitable[Page]]
    pause_s: float = 1.0
    """How long to wait when the database does not answer, and twice as long each time after."""

    async def events(self, scope: Scope, at: Following) -> Page:
        """What happened behind a cursor, as soon as anything did; or why it cannot be read."""
        organization_id = at.organization_id or 0
        seen = Head(at.number) if at.is_caught_up else None
        while True:
            head = self.heads.of(organization_id) if seen is None else await self._beyond(organization_id, seen)
            page = await self._patiently(scope, at.cursor)
            if page.failure is not None or page.following.has_moved:
                return page
            seen = head  # whatever was heard of it, there was no more

    async def state(self, scope: Scope, at: Following, shown: bytes) -> Page:
        """How things stand, as soon as that is something else than what was shown; or why it cannot be read."""
        organization_id, loop = at.organization_id or 0, asyncio.get_running_loop()
        seen, read_at = at.seen, at.read_at
        while True:
            await self.heads.moved(organization_id, seen)
            await asyncio.sleep(max(0.0, read_at + at.interval_s - loop.time()))
            seen = self.heads.of(organization_id)
            page = await self._patiently(scope, None)
            read_at = loop.time()
            if page.failure is not None or page.body != shown:
                page.following.seen, page.following.read_at = seen, read_at
                return page

    async def _beyond(self, organization_id: int, seen: Head) -> Head:
        """What is heard of an organization when its number is another."""
        head = seen
        while head.number == seen.number:
            head = await self.heads.moved(organization_id, head)
        return head

    async def _patiently(self, scope: Scope, cursor: str | None) -> Page:
        """A page; a database that is away is waited for."""
        pause_s, timeouts = self.pause_s, 0
        while True:
            page = await self.read(scope, Following(cursor))
            timeouts += page.failure is Code.TIMEOUT
            if page.failure not in PASSING or timeouts == MOST_TIMEOUTS:
                return page
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
