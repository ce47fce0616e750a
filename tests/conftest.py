"""What every test may ask for: a real PostgreSQL, a migrated database of its own, the seeds, the registry."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from kpi_server.registry import Registry, discover
from kpi_server.store.database import Database, open_database
from kpi_server.store.embedded import Cluster, erase, find_binaries
from kpi_server.store.migrating import migrate, newest_revision

ROOT = Path(__file__).parents[1]
TEMPLATE = "migrated"
PASSWORD = "only-in-tests"


@dataclass(frozen=True)
class Addresses:
    """A database as its owner and as the server reach it."""

    owner: str
    server: str


def _addresses(cluster: Cluster, database: str) -> Addresses:
    server = cluster.dsn(database).replace(f"postgres:{cluster.password}@", f"kpi_server:{PASSWORD}@")
    return Addresses(owner=cluster.dsn(database), server=server)


async def _execute(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


collect_ignore = ["toy_family"]
"""A stranger's distribution, installed by the tests that need it; collecting it would import it from here."""

settings.register_profile("suite", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("suite")

NEEDS_FAMILIES = {"registry", "seeds", "seeded_database"}


LONG = {
    ROOT / "tests" / "browser",
    ROOT / "tests" / "clients",
    ROOT / "tests" / "acceptance" / "test_demo.py",
    ROOT / "tests" / "contract" / "test_benchmarks.py",
    ROOT / "tests" / "contract" / "test_benchmark_runs.py",
}
"""Browsers, clients, whole demos and the benchmarks' own processes: the full tier runs them, the quick one does not."""


SERVE_THE_SEEDS = {ROOT / "tests" / "acceptance", ROOT / "tests" / "clients"}
"""Where tests start the program on the seeds."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the first-party families, so that the core can be tested with none, and what takes long."""
    for item in items:
        if LONG & {item.path, item.path.parent}:
            item.add_marker("full")
        serves_the_seeds = item.path.parent in SERVE_THE_SEEDS and item.path.name != "test_run.py"
        if serves_the_seeds or NEEDS_FAMILIES & set(getattr(item, "fixturenames", ())):
            item.add_marker("families")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the documents' facts."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The families that are installed."""
    return discover()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of the test run's own, gone with it."""
    data = tmp_path_factory.mktemp("cluster")
    with Cluster.start(data, find_binaries(None), durable=False) as started:
        yield started
    erase(data)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated database to clone."""
    addresses = _addresses(cluster, TEMPLATE)
    asyncio.run(_execute(cluster.dsn(), f"create database {TEMPLATE}"))
    asyncio.run(migrate(addresses.owner, addresses.server))
    return TEMPLATE


@pytest.fixture
async def addresses(cluster: Cluster, template: str) -> AsyncIterator[Addresses]:
    """A migrated, empty database of the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    await _execute(cluster.dsn(), f"create database {name} template {template}")
    yield _addresses(cluster, name)
    await _execute(cluster.dsn(), f"drop database {name} with (force)")


@pytest.fixture
async def database(addresses: Addresses) -> AsyncIterator[Database]:
    """The test's own database, opened as the server opens it."""
    opened = await open_database(addresses.server, revision=newest_revision(), connections=4)
    yield opened
    await opened.close()
