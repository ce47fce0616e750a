"""Addresses of databases, and one sentence when a database cannot be reached."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from kpi_server.errors import PostgresUnavailable

ADVISORY_LOCK = 0x6B7069  # "kpi": migrations of one database run one after the other
_UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)
_REFUSED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
)


def asyncpg_url(address: str) -> URL:
    """The address for SQLAlchemy's asyncpg dialect."""
    try:
        return make_url(address).set(drivername="postgresql+asyncpg")
    except ArgumentError as error:
        raise PostgresUnavailable(
            "The database address is not a URL: expected postgresql://user:password@host:port/database."
        ) from error


def place_of(address: str) -> str:
    """Host, port and database of an address, without its password."""
    url = asyncpg_url(address)
    return f"{url.host or 'localhost'}:{url.port or 5432}/{url.database or ''}"


@contextmanager
def reachable(address: str) -> Iterator[None]:
    """Turn a driver's failure to connect into one sentence that names the place.

    Raises:
        PostgresUnavailable: nothing answers there, or it refuses the user or the database.
    """
    try:
        yield
    except _REFUSED as error:
        raise PostgresUnavailable(f"PostgreSQL at {place_of(address)} refuses the connection: {error}.") from error
    except _UNREACHABLE as error:
        raise PostgresUnavailable(
            f"No PostgreSQL answers at {place_of(address)}: start it, or set DATABASE_URL to one that runs."
        ) from error
    except DBAPIError as error:
        if isinstance(error.orig, Exception) and isinstance(error.orig.__cause__, (*_REFUSED, *_UNREACHABLE)):
            raise PostgresUnavailable(f"PostgreSQL at {place_of(address)}: {error.orig.__cause__}.") from error
        raise
