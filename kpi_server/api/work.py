"""One request that runs, and what it reads with where one statement is enough."""

from dataclasses import dataclass
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
    """In place of a connection, for one statement: a connection is there for as long as it is answered."""

    database: Database
    organization_ids: frozenset[int]
    statement_timeout_s: float | None

    async def fetch(self, sql: str, *values: Any) -> Any:
        """The rows of the statement."""
        return await self.database.glance(
            self.organization_ids, sql, *values, statement_timeout_s=self.statement_timeout_s
        )
