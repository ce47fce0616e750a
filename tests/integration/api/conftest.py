"""Asks the schema directly, as the executor does: one snapshot, one context, statements counted."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import strawberry

from kpi_server.api.context import Context
from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.registry import Registry
from kpi_server.settings import Settings
from kpi_server.store.database import Database, open_database
from kpi_server.store.migrations import NEWEST
from kpi_server.store.organizations import id_of
from tests.conftest import Clone
from tests.integration.api import measured, published

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNDECLARED = frozenset({"measures", "imports", "observations"})
"""Lists that are no rows of a table with filters of their own: measures of the registry, and journals."""


@dataclass(frozen=True)
class Answer:
    """What came back, how many statements it took, and how many rows they brought."""

    data: Any
    errors: list[tuple[str, str]]
    statements: int
    rows: int


class Watched:
    """A connection that counts the rows it brings."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.rows = 0

    async def fetch(self, statement: str, *parameters: Any) -> Any:
        found = await self._connection.fetch(statement, *parameters)
        self.rows += len(found)
        return found

    async def execute(self, statement: str) -> Any:
        """What brings no rows: a mutation's reads begin anew."""
        return await self._connection.execute(statement)


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture(scope="session")
def schema(registry: Registry) -> strawberry.Schema:
    """The schema over the installed families."""
    return build_schema(registry)


def scope_over(*slugs: str, role: Role = Role.EXECUTIVE) -> Scope:
    """An executive's scope over these organizations, or that of another role."""
    return Scope(1, "board", tuple(Grant(id_of(slug), slug, role) for slug in slugs))


ALL = scope_over("ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co")


async def ask(
    schema: strawberry.Schema,
    registry: Registry,
    database: Database,
    query: str,
    *,
    variables: dict[str, Any] | None = None,
    scope: Scope = ALL,
    now: datetime = NOW,
) -> Answer:
    """The answer to a query."""
    async with database.read(scope.organization_ids) as connection:
        watched = Watched(connection)
        context = Context(scope=scope, connection=watched, registry=registry, now=now, database=database)
        result = await schema.execute(query, variable_values=variables, context_value=context)
    errors = [(getattr(error.original_error, "code", "?"), error.message) for error in result.errors or ()]
    return Answer(result.data, errors, context.statements, watched.rows)


@pytest.fixture
def ask_seeds(schema: strawberry.Schema, registry: Registry, read_database: Database) -> Ask:
    """Asks the seeds."""

    async def asking(query: str, **options: Any) -> Answer:
        return await ask(schema, registry, read_database, query, **options)

    return asking


@pytest.fixture(scope="session")
def scope_of() -> Callable[..., Scope]:
    """Makes a scope over organizations named by slug, an executive's unless another role is named."""
    return scope_over


@pytest.fixture
def ask_clone(schema: strawberry.Schema, registry: Registry, seeded_database: Database) -> Ask:
    """Asks a database of the test's own that holds the seeds."""

    async def asking(query: str, **options: Any) -> Answer:
        return await ask(schema, registry, seeded_database, query, **options)

    return asking


@pytest.fixture(scope="session")
async def measured_database(seeded_template: str, clone: Clone, registry: Registry) -> AsyncIterator[Database]:
    """The seeds with recorded measures (measured.py), for reading only."""
    addresses = await clone(seeded_template, "measured")
    await measured.record(addresses.owner)
    opened = await open_database(addresses.server, revision=NEWEST, connections=2)
    await published.happen(opened, registry, NOW)
    yield opened
    await opened.close()


@pytest.fixture
def ask_measured(schema: strawberry.Schema, registry: Registry, measured_database: Database) -> Ask:
    """Asks where measures are recorded, by planned execution and by graphql-core: they must say the same."""

    async def asking(query: str, *, now: datetime = NOW, **options: Any) -> Answer:
        answer = await ask(schema, registry, measured_database, query, now=now, **options)
        executor = Executor(schema, registry, measured_database, Settings(), clock=lambda: now)
        planned = json.loads((await executor.execute(ALL, query, options.get("variables"))).body)
        assert planned.get("data") == answer.data
        assert len(planned.get("errors", ())) == len(answer.errors)
        return answer

    return asking
