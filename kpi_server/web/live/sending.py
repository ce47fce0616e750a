"""Sending to one client that may be slow."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import Send


class Sending:
    """Messages one at a time: whoever waits for a slow client waits with what it has, and makes no more."""

    __slots__ = ("_at_once", "_clock", "_send", "_since", "_turn", "is_over")

    def __init__(self, send: Send, clock: Callable[[], float], at_once: Callable[..., bool] | None = None) -> None:
        self._send = send
        self._clock = clock
        self._at_once = at_once
        self._turn = asyncio.Lock()
        self._since: float | None = None
        self.is_over = False

    async def say(self, message: Mapping[str, Any]) -> None:
        """Send a message, unless it is over."""
        async with self._turn:
            if self.is_over:
                return
            self._since = self._clock()
            try:
                await self._send(dict(message))
            except OSError:
                self.is_over = True  # gone; whoever receives hears of it
            finally:
                self._since = None

    def say_at_once(self, *parts: bytes) -> bool:
        """Send a text if nothing has to be waited for; False where it is not sent."""
        if self._at_once is None or self.is_over or self._turn.locked():
            return False
        return self._at_once(*parts)

    async def say_last(self, message: Mapping[str, Any]) -> None:
        """Send a message out of turn, after which nothing is sent."""
        self.is_over = True
        try:
            await self._send(dict(message))
        except OSError:
            return

    @property
    def is_waiting(self) -> bool:
        """Whether a message waits for the client to read."""
        return self._since is not None

    def has_waited(self, now: float) -> float:
        """The seconds that a message has waited for the client by now."""
        return 0.0 if self._since is None else now - self._since
