"""The database of one run: an embedded cluster with the seeds, the generated organization and the compared views."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from benchmarks.catalog import write_catalog
from benchmarks.operations import ORGANIZATION
from kpi_server.cli.databases import NAME, SERVER_ROLE, Addresses, Embedded, opened, prepare
from kpi_server.domain.access import Opening, Role
from kpi_server.errors import CatalogError
from kpi_server.registry import discover
from kpi_server.services.access import create_token
from kpi_server.services.catalog.loading import find_catalogs, seed
from kpi_server.store.embedded import Cluster, erase, find_binaries
from kpi_server.store.organizations import id_of

ROOT: Final = Path(__file__).parents[1]
SQL: Final = Path(__file__).parent / "sql"
OBSERVATIONS: Final = 30
"""Daily values recorded for each KPI before growth."""


@dataclass(frozen=True)
class Premises:
    """A filled database: its addresses for the server and for its owner, a token, and the main process of Postgres."""

    server: str
    owner: str
    token: str
    postgres: int

    @property
    def organization_id(self) -> int:
        return id_of(ORGANIZATION)


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster that lives as long as the block; its files are removed."""
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as scratch:
        data = Path(scratch) / "data"
        data.mkdir()
        try:
            with Cluster.start(data, find_binaries(None)) as cluster:
                yield cluster
        finally:
            erase(data)


async def furnish(cluster: Cluster, *, seeds: bool = True) -> Premises:
    """Make the database and fill it: the seeds, the generated organization, recorded values and the views.

    Raises:
        CatalogError: a catalog has problems.
    """
    embedded = Embedded(cluster.data, cluster.dsn())
    addresses = Addresses(cluster.dsn(NAME, user=SERVER_ROLE), cluster.dsn(NAME), embedded)
    await prepare(addresses)
    token = await _load(addresses, seeds=seeds)
    owner = cluster.dsn(NAME)
    await _execute(owner, (SQL / "schema.sql").read_text(encoding="utf-8"))
    await _execute(owner, (SQL / "observations.sql").read_text(encoding="utf-8"), id_of(ORGANIZATION), OBSERVATIONS, 0)
    await _execute(owner, "vacuum analyze")
    return Premises(addresses.server, owner, token, cluster.pid)


async def grow(premises: Premises, factor: int) -> None:
    """Make every KPI's figures and recorded values so many times as many; what is current stays current."""
    organization = premises.organization_id
    await _execute(premises.owner, (SQL / "growth.sql").read_text(encoding="utf-8"), organization, factor)
    more = OBSERVATIONS * (factor - 1)
    observations = (SQL / "observations.sql").read_text(encoding="utf-8")
    await _execute(premises.owner, observations, organization, more, OBSERVATIONS)
    await _execute(premises.owner, "vacuum analyze")


async def _load(addresses: Addresses, *, seeds: bool) -> str:
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as scratch:
        folder = Path(scratch) / ORGANIZATION
        write_catalog(folder)
        async with opened(addresses) as database:
            folders = find_catalogs([*([ROOT / "seeds"] if seeds else []), folder])
            receipts = await seed(database, discover(), folders)
            problems = tuple(problem for receipt in receipts for problem in receipt.problems)
            if problems:
                raise CatalogError("The generated organization or a seed cannot be loaded:", problems)
            created = await create_token(database, "benchmark", [Opening(ORGANIZATION, Role.EXECUTIVE)])
    return created.token


async def _execute(address: str, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()
