"""Whether an open database can be used right now."""

import asyncpg

from kpi_server.store.database import Database
from kpi_server.store.failures import Failure, failure_of


async def obstacle(database: Database, revision: str) -> str | None:
    """One sentence on what keeps the database from being used, without its address; None when nothing does."""
    try:
        async with database.borrowed() as connection:
            found = await connection.fetchval("select version_num from alembic_version")
    except asyncpg.UndefinedTableError:
        return "The database is empty: run `kpi-server migrate`."
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if failure_of(error) is Failure.UNAVAILABLE:
            return "The database does not answer."
        return "The database answers with an error; the server's log of PostgreSQL says which."
    if found == revision:
        return None
    return f"The database is at revision {found}, this server needs {revision}: run `kpi-server migrate`."
