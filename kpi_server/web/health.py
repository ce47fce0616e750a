"""`/health/live` and `/health/ready`: whether the process runs, and whether it can answer."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from kpi_server.store.database import Database
from kpi_server.store.readiness import obstacle

PATIENCE_S = 1.0
_HEADERS = {"Cache-Control": "no-store"}


async def live(request: Request) -> JSONResponse:
    """200 as long as the event loop runs."""
    del request
    return JSONResponse({"status": "live"}, headers=_HEADERS)


class Ready:
    """200 while the database answers and has the tables of this server; else 503 with a sentence."""

    def __init__(self, database: Database, revision: str) -> None:
        self._database = database
        self._revision = revision
        self._probe: asyncio.Task[str | None] | None = None

    async def __call__(self, request: Request) -> JSONResponse:
        del request
        reason = await self._reason()
        if reason is None:
            return JSONResponse({"status": "ready"}, headers=_HEADERS)
        return JSONResponse({"status": "not ready", "reason": reason}, status_code=503, headers=_HEADERS)

    async def _reason(self) -> str | None:
        """One probe at a time: against a database that hangs, each would hold a connection."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(obstacle(self._database, self._revision))
        done: set[asyncio.Task[Any]]
        done, _ = await asyncio.wait({self._probe}, timeout=PATIENCE_S)
        return self._probe.result() if done else f"The database does not answer within {PATIENCE_S:g} s."
