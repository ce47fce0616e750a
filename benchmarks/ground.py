"""Where parts that measure without servers work: a database of their own, with organizations that manage a works."""

import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.works import DAILY, MONTHLY, daily_key, monthly_key, registry, write_catalog
from kpi_server.cli.databases import NAME, SERVER_ROLE, Addresses, Embedded, opened, prepare
from kpi_server.domain.access import Opening, Role
from kpi_server.errors import CatalogError
from kpi_server.services.access import create_token
from kpi_server.services.catalog.loading import seed
from kpi_server.store.database import Database
from kpi_server.store.embedded import Cluster

FILES: Final = "works"
"""Records what files hold."""
COPIES: Final = "works-copies"
"""Has the same rows by COPY."""
DAILY_VALUES: Final = "works-daily"
"""Manages the metrics that are calculated by day."""


@dataclass(frozen=True)
class Imported:
    """What importing a file took: `batch_id` has its rows, and the memory is the most that the process ever had."""

    rows: int
    seconds: float
    memory_mib: float
    batch_id: int


@dataclass(frozen=True)
class Ground:
    """The database, a folder for files, how many rows a file has, and what was imported so far, by year.

    `postgres` is the main process of the database.
    """

    addresses: Addresses
    owner: str
    postgres: int
    folder: Path
    token: str
    rows: int
    say: Callable[[str], None]
    imported: dict[int, Imported] = field(default_factory=dict)


@asynccontextmanager
async def ground_of(cluster: Cluster, rows: int, say: Callable[[str], None]) -> AsyncIterator[Ground]:
    """Make the database and its organizations; files are removed with the block."""
    addresses = Addresses(cluster.dsn(NAME, user=SERVER_ROLE), cluster.dsn(NAME), Embedded(cluster.data, cluster.dsn()))
    await prepare(addresses)
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as scratch:
        folder = Path(scratch)
        async with opened(addresses) as database:
            await _load(database, folder)
            token = await create_token(database, "benchmark", [Opening(FILES, Role.EXECUTIVE)])
        yield Ground(addresses, cluster.dsn(NAME), cluster.pid, folder, token.token, rows, say)


async def _load(database: Database, folder: Path) -> None:
    monthly = [monthly_key(number) for number in range(MONTHLY)]
    daily = [daily_key(number) for number in range(DAILY)]
    managed: Sequence[tuple[str, list[str]]] = [(FILES, monthly), (COPIES, monthly), (DAILY_VALUES, daily)]
    for slug, keys in managed:
        write_catalog(folder / slug, slug, keys)
    receipts = await seed(database, registry(), [folder / slug for slug, _ in managed])
    problems = tuple(problem for receipt in receipts for problem in receipt.problems)
    if problems:
        raise CatalogError("A generated organization cannot be loaded:", problems)
