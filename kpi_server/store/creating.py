"""Making a database on a server that has none of that name, as a user who may."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError

from kpi_server.errors import StartupError
from kpi_server.store.connecting import place_of, reachable

_NOT_ALLOWED = "42501"  # insufficient_privilege
_MADE_MEANWHILE = (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError)


async def create_database(address: str, name: str) -> bool:
    """Create the database unless it exists; `address` is another database of the same server. Whether it was created.

    Raises:
        PostgresUnavailable: nothing answers at the address.
    """
    with reachable(address):
        connection = await asyncpg.connect(address)
    try:
        if await connection.fetchval("select exists (select from pg_database where datname = $1)", name):
            return False
        quoted = '"' + name.replace('"', '""') + '"'
        await connection.execute(f"create database {quoted}")
    except _MADE_MEANWHILE:
        return False
    finally:
        await connection.close()
    return True


async def drop_database(address: str, name: str) -> None:
    """Remove a database, whoever is connected to it; `address` is another database of the same server."""
    connection = await asyncpg.connect(address)
    try:
        quoted = '"' + name.replace('"', '""') + '"'
        await connection.execute(f"drop database if exists {quoted} with (force)")
    finally:
        await connection.close()


@contextmanager
def permitted(address: str) -> Iterator[None]:
    """Turn what PostgreSQL does not let this user do into one sentence.

    Raises:
        StartupError: a table, a role or a grant is the affair of another user.
    """
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_ALLOWED:
            raise
        reason = str(error.orig).rpartition(": ")[2]
        raise StartupError(
            f"PostgreSQL at {place_of(address)} does not let this user do that ({reason}): DATABASE_ADMIN_URL needs "
            "the owner of the tables, who may create roles."
        ) from error
