"""The database of one run: an embedded cluster with the seeds, the generated organization and the compared views."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import asyncpg

from benchmarks import recording
from benchmarks.catalog import write_catalog
from benchmarks.operations import ORGANIZATION, SERIES_DAYS
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
WHOLE: Final = ""


@dataclass(frozen=True)
class Growth:
    """How many years of days are recorded of each KPI at the end, and for how many segments."""

    years: int = 10
    segments: int = 10

    @property
    def factor(self) -> int:
        """How many times as many there are then: one year of one segment was there before."""
        return self.years * self.segments


@dataclass(frozen=True)
class Premises:
    """A filled database: its addresses for the server and for its owner, tokens, and the main process of Postgres.

    `token` is for reading, `recorder` for recording in an organization of its own.
    """

    server: str
    owner: str
    token: str
    recorder: str
    postgres: int

    @property
    def organization_id(self) -> int:
        return id_of(ORGANIZATION)

    @property
    def recording_id(self) -> int:
        return id_of(recording.ORGANIZATION)


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
    token, recorder = await _load(addresses, seeds=seeds)
    premises = Premises(addresses.server, cluster.dsn(NAME), token, recorder, cluster.pid)
    for name in ("schema.sql", "series.sql", "recording.sql"):
        await _execute(premises.owner, _read(name))
    async with _filling(premises) as connection:
        await connection.execute(_read("observations.sql"), premises.organization_id, SERIES_DAYS, 0, WHOLE)
        await connection.execute(_read("recorded.sql"), premises.recording_id, recording.SOURCE, *_recorded())
    return premises


def _recorded() -> tuple[date, int, int]:
    return recording.FIRST_DAY, recording.DAYS, recording.KPIS


async def grow(premises: Premises, growth: Growth) -> None:
    """Make every KPI's figures and recorded values so many times as many; what is current stays current."""
    organization, more = premises.organization_id, SERIES_DAYS * (growth.years - 1)
    async with _filling(premises) as connection:
        await connection.execute(_read("growth.sql"), organization, growth.factor)
        await connection.execute(_read("observations.sql"), organization, more, SERIES_DAYS, WHOLE)
        for number in range(1, growth.segments):
            days = SERIES_DAYS * growth.years
            await connection.execute(_read("observations.sql"), organization, days, 0, f"shop=number-{number}")


@asynccontextmanager
async def _filling(premises: Premises) -> AsyncIterator[Any]:
    """A connection of the owner's that fills tables fast, without checking that rows refer to what there is."""
    connection = await asyncpg.connect(premises.owner)
    try:
        await connection.execute("set session_replication_role = replica")
        yield connection
        for organization_id in (premises.organization_id, premises.recording_id):
            await connection.execute("delete from series where organization_id = $1", organization_id)
            await connection.execute(_read("series_anew.sql"), organization_id)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _load(addresses: Addresses, *, seeds: bool) -> tuple[str, str]:
    """The tokens of one who reads and of one who records."""
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as scratch:
        folders = [Path(scratch) / slug for slug in (ORGANIZATION, recording.ORGANIZATION)]
        write_catalog(folders[0], ORGANIZATION)
        write_catalog(folders[1], recording.ORGANIZATION, recording.KPIS)
        async with opened(addresses) as database:
            folders = find_catalogs([*([ROOT / "seeds"] if seeds else []), *folders])
            receipts = await seed(database, discover(), folders)
            problems = tuple(problem for receipt in receipts for problem in receipt.problems)
            if problems:
                raise CatalogError("The generated organization or a seed cannot be loaded:", problems)
            reader = await create_token(database, "benchmark", [Opening(ORGANIZATION, Role.EXECUTIVE)])
            recorder = await create_token(database, "recorder", [Opening(recording.ORGANIZATION, Role.INTEGRATOR)])
    return reader.token, recorder.token


def _read(name: str) -> str:
    return (SQL / name).read_text(encoding="utf-8")


async def _execute(address: str, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()
