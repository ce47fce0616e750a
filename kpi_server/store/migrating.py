"""Bringing a database to today's tables, and letting the server's role in."""

from importlib import import_module
from typing import Final

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from kpi_server.store.connecting import ADVISORY_LOCK, asyncpg_url, reachable
from kpi_server.store.migrations import NEWEST
from kpi_server.store.past import forget_past, picture_past
from kpi_server.store.roles import admit

UPGRADING: Final = "kpi_server.store.upgrading"


async def migrate(admin_url: str, server_url: str) -> str:
    """Bring the database to the newest revision and admit the server's role; return the revision.

    Several may call it at once: an advisory lock lets one in after the other.
    """
    engine = create_async_engine(asyncpg_url(admin_url), poolclass=NullPool)
    server = make_url(server_url)
    try:
        with reachable(admin_url):
            async with engine.begin() as connection:
                await forget_past(connection)
                await _upgrade(connection)
                await admit(connection, role=server.username or "", password=str(server.password or ""))
                await picture_past(connection, server.username or "")
    finally:
        await engine.dispose()
    return NEWEST


async def _upgrade(connection: AsyncConnection) -> None:
    await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    if await _revision(connection) != NEWEST:
        # Read only when there is something to do: servers look here at every start, and would keep it in memory.
        await connection.run_sync(import_module(UPGRADING).upgrade)


async def _revision(connection: AsyncConnection) -> str | None:
    """The revision that the database is at; None for one that holds no tables yet."""
    if (await connection.execute(text("select to_regclass('alembic_version')"))).scalar_one() is None:
        return None
    return (await connection.execute(text("select version_num from alembic_version"))).scalar_one_or_none()
