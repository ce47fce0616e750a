"""The database that a command works on: the one of DATABASE_URL, or an embedded one started for the command."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy.engine import make_url

from kpi_server.errors import NotFound
from kpi_server.settings import Settings
from kpi_server.store.connecting import place_of, reachable
from kpi_server.store.creating import create_database, drop_database, permitted
from kpi_server.store.database import Database, open_database
from kpi_server.store.embedded import Cluster, find_binaries
from kpi_server.store.migrating import migrate
from kpi_server.store.migrations import NEWEST
from kpi_server.store.organizations import directory

NAME: Final = "kpi"
SERVER_ROLE: Final = "kpi_server"
CONNECTIONS: Final = 4


@dataclass(frozen=True)
class Embedded:
    """A database in a cluster that is ours to fill: where its data lies, and how to make it."""

    data: Path
    maintenance: str


@dataclass(frozen=True)
class Addresses:
    """How the server reaches the database, and how the owner of its tables does when that is known."""

    server: str
    owner: str | None
    embedded: Embedded | None = None

    @property
    def place(self) -> str:
        """Where the data lies, in words that hold no password."""
        return place_of(self.server) if self.embedded is None else str(self.embedded.data)


@contextmanager
def addresses_of(settings: Settings, data: Path) -> Iterator[Addresses]:
    """The addresses to use for as long as the block lasts: an embedded server may end with it.

    Raises:
        OperatorError: there is no DATABASE_URL, and no embedded server can be had.
    """
    if settings.database_url:
        yield Addresses(settings.database_url, settings.database_admin_url or None)
        return
    cluster = Cluster.start(data, find_binaries(None))
    try:
        embedded = Embedded(cluster.data, cluster.dsn())
        yield Addresses(cluster.dsn(NAME, user=SERVER_ROLE), cluster.dsn(NAME), embedded)
    finally:
        cluster.release()


async def prepare(addresses: Addresses) -> None:
    """Make the database of an embedded cluster if there is none, and bring it to today's tables.

    A database of somebody else's is left alone unless its owner's address is known.
    """
    if addresses.embedded is not None:
        await create_database(addresses.embedded.maintenance, NAME)
    if addresses.owner is not None:
        with permitted(addresses.owner):
            await migrate(addresses.owner, addresses.server)


@asynccontextmanager
async def opened(addresses: Addresses) -> AsyncIterator[Database]:
    """The database, opened as the server opens it; losing it inside the block is one sentence.

    Raises:
        OperatorError: it does not answer, or is not one to work on.
    """
    database = await open_database(addresses.server, revision=NEWEST, connections=CONNECTIONS)
    try:
        with reachable(addresses.server):
            yield database
    finally:
        await database.close()


@asynccontextmanager
async def scratch(addresses: Addresses) -> AsyncIterator[Database | None]:
    """An empty database beside an embedded one, gone afterwards; None where the server is somebody else's."""
    if addresses.embedded is None or addresses.owner is None:
        yield None
        return
    maintenance, name = addresses.embedded.maintenance, f"{NAME}_{token_hex(6)}"
    server, owner = (_beside(address, name) for address in (addresses.server, addresses.owner))
    await create_database(maintenance, name)
    try:
        await migrate(owner, server)
        async with opened(Addresses(server, owner)) as database:
            yield database
    finally:
        await drop_database(maintenance, name)


def _beside(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


async def chosen(database: Database, slugs: Sequence[str]) -> Mapping[str, int]:
    """The ids of these organizations, or of all where none is named.

    Raises:
        NotFound: there is no organization of one of the names.
    """
    known = await directory(database)
    if missing := [slug for slug in slugs if slug not in known]:
        raise NotFound(f"there is no organization {missing[0]!r}; there are {', '.join(known) or 'none'}")
    return {slug: known[slug] for slug in slugs or known}
