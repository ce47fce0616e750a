"""The newest number of each organization that this process has heard of, and who waits for the next."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Head:
    """The number of an organization's last write, and its own day where that is known: both change what is shown."""

    number: int
    day: date | None = None


UNHEARD: Final = Head(0)


class Heads:
    """Wakes who waits for an organization to move on; nothing is kept for anybody, however slow."""

    def __init__(self) -> None:
        self._known: dict[int, Head] = {}
        self._waiting: dict[int, set[asyncio.Future[None]]] = {}

    @property
    def awaited(self) -> Collection[int]:
        """The organizations that anybody waits for."""
        return list(self._waiting)

    def of(self, organization_id: int) -> Head:
        """What was heard last."""
        return self._known.get(organization_id, UNHEARD)

    def told(self, organization_id: int, number: int) -> None:
        """Note a write that was committed; what was said late is older news."""
        known = self.of(organization_id)
        if number > known.number:
            self._set(organization_id, replace(known, number=number))

    def looked_up(self, organization_id: int, before: Head, found: Head) -> None:
        """Note what the database says, unless something was heard since it was asked (`before`).

        It may be less than what was known: a database that was restored is believed.
        """
        if self.of(organization_id) == before != found:
            self._set(organization_id, found)

    async def moved(self, organization_id: int, seen: Head) -> Head:
        """What is heard of an organization as soon as it is something else than what was seen."""
        while (head := self._known.setdefault(organization_id, seen)) == seen:
            await self._next(organization_id)
        return head

    async def _next(self, organization_id: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(organization_id, set())
        waiting.add(turn)
        try:
            await turn
        finally:
            waiting.discard(turn)
            if not waiting and self._waiting.get(organization_id) is waiting:
                del self._waiting[organization_id]

    def _set(self, organization_id: int, head: Head) -> None:
        self._known[organization_id] = head
        for turn in self._waiting.pop(organization_id, ()):
            if not turn.done():
                turn.set_result(None)
