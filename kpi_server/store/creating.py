"""Making a database on a server that has none of that name."""

import asyncpg

from kpi_server.store.connecting import reachable

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
