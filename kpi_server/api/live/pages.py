"""Pages of subscriptions: read, shaped and written out once for all who ask for the same one."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_server.api.errors import Code
from kpi_server.api.following import Following
from kpi_server.api.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Page:
    """A GraphQL response as it is sent, and how far it came; `failure` is the code under which there are no data."""

    body: bytes
    following: Following
    errors: Sequence[dict[str, Any]] = ()
    failure: Code | None = None


Read = Callable[[], Awaitable[Page]]


class Pages:
    """The last pages by question, within a number of bytes; one that is being read is waited for."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Page] = OrderedDict()
        self._reading: dict[Hashable, asyncio.Task[Page]] = {}
        self._fresh: Sharing[Page] = Sharing()

    async def fresh(self, question: Hashable, read: Read) -> Page:
        """The page as it is now, for all who ask at once."""
        return await self._fresh.answer(question, read)

    async def of(self, question: Hashable, read: Read) -> tuple[Page, bool]:
        """The page, and whether it was begun for this caller: another's may be older than what the caller knows of."""
        kept = self._kept.get(question)
        if kept is not None:
            return kept, False
        task, is_own = self._reading.get(question), False
        if task is None:
            task = self._reading[question] = asyncio.create_task(self._read(question, read))
            is_own = True
        # Whoever is cancelled leaves the task to the others.
        return await asyncio.shield(task), is_own

    async def _read(self, question: Hashable, read: Read) -> Page:
        try:
            page = await read()
        finally:
            del self._reading[question]
        if not page.errors and page.following.has_moved:
            self._keep(question, page)
        return page

    def _keep(self, question: Hashable, page: Page) -> None:
        if len(page.body) > self._most_bytes // 4:  # one page must not drive out all others
            return
        self._kept[question] = page
        self._bytes += len(page.body)
        while self._bytes > self._most_bytes:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.body)
