"""One request that runs, and what it reads with where one statement is enough, or none."""

from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from kpi_server.api.as_of import Asked
from kpi_server.api.following import Following
from kpi_server.api.operations import Operation
from kpi_server.domain.access import Scope
from kpi_server.store.database import Database


@dataclass(slots=True)
class Work:
    """One request that runs; with `following` it is one page of a subscription."""

    scope: Scope
    operation: Operation
    extensions: dict[str, Any]
    request_id: str | None
    past: Asked | None = None
    following: Following | None = None


@dataclass(slots=True)
class Glance:
    """In place of a connection, for single statements: each has a connection for as long as it is answered."""

    database: Database
    organization_ids: frozenset[int]
    statement_timeout_s: float | None

    def fetch(self, sql: str, *values: Any) -> Awaitable[Any]:
        """The rows of a statement."""
        return self.database.glance(self.organization_ids, sql, *values, statement_timeout_s=self.statement_timeout_s)


@dataclass(slots=True)
class Later:
    """In place of a connection, for what writes and then seldom reads: the snapshot is taken when something is read."""

    database: Database
    organization_ids: frozenset[int]
    statement_timeout_s: float | None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _connection: Any = None

    async def __aenter__(self) -> "Later":
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._stack.__aexit__(*error)

    async def fetch(self, sql: str, *values: Any) -> Any:
        """The rows of a statement, in the snapshot of the first."""
        if self._connection is None:
            reading = self.database.read(self.organization_ids, statement_timeout_s=self.statement_timeout_s)
            self._connection = await self._stack.enter_async_context(reading)
        return await self._connection.fetch(sql, *values)

    async def execute(self, sql: str) -> None:
        """Take another snapshot, as the statements say; one that was never taken need not be."""
        if self._connection is not None:
            await self._connection.execute(sql)


def snapshot(database: Database, work: Work, *, statement_timeout_s: float | None) -> AbstractAsyncContextManager[Any]:
    """What a request reads with where one statement is not enough."""
    ids = work.scope.organization_ids
    if work.operation.writes:
        return Later(database, ids, statement_timeout_s)
    return database.read(ids, statement_timeout_s=statement_timeout_s)
