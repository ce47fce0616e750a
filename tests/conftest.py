"""What every test may ask for: a real PostgreSQL, a migrated database of its own, the seeds, the registry."""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from kpi_server.registry import Registry, discover
from kpi_server.store.database import Database, open_database
from kpi_server.store.embedded import Cluster, erase, find_binaries
from kpi_server.store.migrating import migrate
from kpi_server.store.migrations import NEWEST

ROOT = Path(__file__).parents[1]
TEMPLATE = "migrated"
PASSWORD = "only-in-tests"


@dataclass(frozen=True)
class Addresses:
    """A database as its owner and as the server reach it."""

    owner: str
    server: str


Clone = Callable[[str, str], Awaitable[Addresses]]


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
    ROOT / "tests" / "acceptance" / "test_chaos.py",
    ROOT / "tests" / "acceptance" / "test_demo.py",
    ROOT / "tests" / "contract" / "test_benchmarks.py",
    ROOT / "tests" / "contract" / "test_benchmark_runs.py",
}
"""Browsers, clients, whole demos, servers that are killed, and the benchmarks' processes: the full tier runs them."""


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
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of the test run's own, gone with it."""
    with tempfile.TemporaryDirectory(prefix="kpi-server-tests-", dir=_roomy_memory()) as place:
        Path(place).chmod(0o755)  # PostgreSQL's user is another one where tests run as root
        data = Path(place) / "data"
        with Cluster.start(data, find_binaries(None), durable=False) as started:
            yield started
        erase(data)


def _roomy_memory() -> Path | None:
    """A file system in memory with plenty of room, or None: a hundred databases of 800 small files each are made."""
    memory = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
    if not os.access(memory, os.W_OK):
        return None
    room = shutil.disk_usage(memory)
    return memory if room.free > max(2 * 2**30, room.total // 2) else None


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated database to clone."""
    addresses = _addresses(cluster, TEMPLATE)
    asyncio.run(_execute(cluster.dsn(), f"create database {TEMPLATE}"))
    asyncio.run(migrate(addresses.owner, addresses.server))
    return TEMPLATE


@pytest.fixture(scope="session")
def clone(cluster: Cluster) -> Clone:
    """Copies a database that nobody is connected to, under another name."""

    async def cloned(template: str, name: str) -> Addresses:
        # By default PostgreSQL writes each page to its log, which costs four times what copying the files does.
        await _execute(cluster.dsn(), f"create database {name} template {template} strategy file_copy")
        return _addresses(cluster, name)

    return cloned


@pytest.fixture
async def addresses(cluster: Cluster, template: str, clone: Clone) -> AsyncIterator[Addresses]:
    """A migrated, empty database of the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    yield await clone(template, name)
    await _execute(cluster.dsn(), f"drop database {name} with (force)")


@pytest.fixture
async def database(addresses: Addresses) -> AsyncIterator[Database]:
    """The test's own database, opened as the server opens it."""
    opened = await open_database(addresses.server, revision=NEWEST, connections=4)
    yield opened
    await opened.close()
