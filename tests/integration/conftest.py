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
from kpi_server.store.migrating import newest_revision

SEEDED = "seeded"


def _server_address(cluster: Cluster, name: str) -> str:
    return cluster.dsn(name).replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@")


async def _execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _load(address: str, registry: Registry, seeds: Path) -> None:
    database = await open_database(address, revision=newest_revision(), connections=2)
    try:
        receipts = await seed(database, registry, find_catalogs([seeds]))
    finally:
        await database.close()
    problems = [str(problem) for receipt in receipts for problem in receipt.problems]
    assert problems == []


@pytest.fixture(scope="session")
def seeded_template(cluster: Cluster, template: str, registry: Registry, seeds: Path) -> str:
    """The name of a database that holds all seeds, to clone."""
    asyncio.run(_execute(cluster.dsn(), f"create database {SEEDED} template {template}"))
    asyncio.run(_load(_server_address(cluster, SEEDED), registry, seeds))
    asyncio.run(_execute(cluster.dsn(SEEDED), "analyze"))  # as autovacuum does within a minute
    return SEEDED


@pytest.fixture
async def seeded_database(cluster: Cluster, seeded_template: str) -> AsyncIterator[Database]:
    """A database of the test's own that holds all seeds."""
    name = f"test_{secrets.token_hex(6)}"
    await _execute(cluster.dsn(), f"create database {name} template {seeded_template}")
    opened = await open_database(_server_address(cluster, name), revision=newest_revision(), connections=4)
    yield opened
    await opened.close()
    await _execute(cluster.dsn(), f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def seeds_database_address(cluster: Cluster, seeded_template: str) -> str:
    """Where tests that only read find the seeds, without a clone of their own."""
    return _server_address(cluster, seeded_template)


@pytest.fixture
async def read_database(seeds_database_address: str) -> AsyncIterator[Database]:
    """The seeds, for reading only; shared by all tests of the run."""
    opened = await open_database(seeds_database_address, revision=newest_revision(), connections=2)
    yield opened
    await opened.close()
