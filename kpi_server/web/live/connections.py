"""Everybody who is connected for longer than an answer takes: how many, how long, with which token, and until when."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from kpi_server.api.errors import Code, code_of, masked
from kpi_server.errors import Unauthenticated
from kpi_server.settings import Settings
from kpi_server.web.authentication import Gate


class Ending(NamedTuple):
    """Why a connection ends; clients come back after all of these, but for 4408 with what they have."""

    code: int
    reason: str


UNINITIALISED: Final = Ending(4408, "Connection initialisation timeout")
EXPIRED: Final = Ending(4403, "The token is expired or revoked: come back with another one.")
STALLED: Final = Ending(1013, "What was sent is not read: come back later.")
UNAVAILABLE: Final = Ending(1013, "The database does not answer: come back later.")
FULL: Final = Ending(1013, "There are as many connections as the server takes: come back later.")
TOO_MANY: Final = Ending(1013, "This principal has as many connections as it may have: come back later.")
OLD: Final = Ending(1001, "The connection was open for as long as one may be: come back.")
STOPPING: Final = Ending(1012, "The server stops: come back.")


class Connection(Protocol):
    """What is open: a WebSocket or a stream of server-sent events."""

    def look(self, now: float) -> None:
        """See whether something took too long."""

    def drain(self) -> None:
        """End as soon as what was begun is answered."""

    def end(self, ending: Ending) -> None:
        """End at once."""


class Times(NamedTuple):
    """Seconds between two looks at all connections, and between two at their tokens."""

    look_s: float = 1.0
    tokens_s: float = 10.0


class Connections:
    """All connections of a process; looked after together, so that one that is idle costs no timer and no task."""

    def __init__(
        self, gate: Gate, settings: Settings, *, times: Times | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gate = gate
        self._settings = settings
        self._times = times or Times()
        self.clock = clock
        self._open: dict[Connection, tuple[str, int] | None] = {}
        self._tokens: dict[str, set[Connection]] = {}
        self._principals: Counter[int] = Counter()
        self._drains = False

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Connection) -> Ending | None:
        """Count a connection from now on; why not, where it cannot be."""
        if self._drains:
            return STOPPING
        if len(self._open) >= self._settings.max_connections:
            return FULL
        self._open[connection] = None
        return None

    def admit(self, connection: Connection, token: str, principal_id: int) -> Ending | None:
        """Let whoever has this token stay for as long as it opens something; why not, where that cannot be."""
        if self._principals[principal_id] >= self._settings.max_principal_connections:
            return TOO_MANY
        self._open[connection] = (token, principal_id)
        self._principals[principal_id] += 1
        self._tokens.setdefault(token, set()).add(connection)
        return None

    def leave(self, connection: Connection) -> None:
        """Forget a connection."""
        visitor = self._open.pop(connection, None)
        if visitor is None:
            return
        token, principal_id = visitor
        self._principals -= Counter((principal_id,))  # drops what counts zero
        self._tokens[token].discard(connection)
        if not self._tokens[token]:
            del self._tokens[token]

    def drain(self) -> None:
        """Let nobody in any more, and everybody go."""
        if not self._drains:
            self._drains = True
            for connection in list(self._open):
                connection.drain()

    async def keep(self) -> None:
        """Look after all of them, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._look())
            both.create_task(self._check())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._times.look_s)
            now = self.clock()
            for connection in list(self._open):
                connection.look(now)

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(self._times.tokens_s)
            await self.check_tokens()

    async def check_tokens(self) -> None:
        """End the connections whose tokens open nothing any more; a database that is away decides nothing."""
        for token in list(self._tokens):
            try:
                await self._gate.still_opened(token)
            except Unauthenticated:
                for connection in list(self._tokens.get(token, ())):
                    connection.end(EXPIRED)
            except Exception as error:  # a task of its own: nobody above it would hear
                if code_of(error) is not Code.UNAVAILABLE:
                    masked(error, request_id=None)
