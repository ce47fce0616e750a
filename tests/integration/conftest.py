"""Databases that hold the seeds: loaded once a run, then cloned."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from kpi_server.registry import Registry
from kpi_server.services.catalog.loading import find_catalogs, seed
from kpi_server.store.database import Database, open_database
from kpi_server.store.embedded import Cluster
from kpi_server.store.migrations import NEWEST
from tests.conftest import Clone
from tests.integration.bakery import load

SEEDED = "seeded"


async def _execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _load(address: str, registry: Registry, seeds: Path) -> None:
    database = await open_database(address, revision=NEWEST, connections=2)
    try:
        receipts = await seed(database, registry, find_catalogs([seeds]))
    finally:
        await database.close()
    problems = [str(problem) for receipt in receipts for problem in receipt.problems]
    assert problems == []


@pytest.fixture(scope="session")
def seeded_template(template: str, clone: Clone, registry: Registry, seeds: Path) -> str:
    """The name of a database that holds all seeds, to clone."""
    addresses = asyncio.run(clone(template, SEEDED))
    asyncio.run(_load(addresses.server, registry, seeds))
    asyncio.run(_execute(addresses.owner, "analyze"))  # as autovacuum does within a minute
    return SEEDED


@pytest.fixture
async def seeded_database(cluster: Cluster, seeded_template: str, clone: Clone) -> AsyncIterator[Database]:
    """A database of the test's own that holds all seeds."""
    name = f"test_{secrets.token_hex(6)}"
    addresses = await clone(seeded_template, name)
    opened = await open_database(addresses.server, revision=NEWEST, connections=4)
    yield opened
    await opened.close()
    await _execute(cluster.dsn(), f"drop database {name} with (force)")


@pytest.fixture(scope="session")
async def read_database(seeded_template: str, clone: Clone) -> AsyncIterator[Database]:
    """The seeds, for reading only; open for all tests of the run: connecting costs as much as most of them."""
    addresses = await clone(seeded_template, "seeds_to_read")
    opened = await open_database(addresses.server, revision=NEWEST, connections=2)
    yield opened
    await opened.close()


@pytest.fixture
async def bakery(database: Database, registry: Registry, tmp_path: Path) -> Database:
    """A database of the test's own that holds the bakery; whoever uses it has the bakery's family for a registry."""
    await load(database, registry, tmp_path)
    return database
