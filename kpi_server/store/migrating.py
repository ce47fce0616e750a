"""Bringing a database to today's tables, and letting the server's role in."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from kpi_server.store.connecting import ADVISORY_LOCK, asyncpg_url, reachable
from kpi_server.store.past import forget_past, picture_past
from kpi_server.store.roles import admit

LOCATION = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(LOCATION))
    return config


def newest_revision() -> str:
    """The revision that today's tables are."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None  # noqa: S101 — the folder of versions is never empty
    return revision


def _upgrade(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
                await connection.run_sync(_upgrade)
                await admit(connection, role=server.username or "", password=str(server.password or ""))
                await picture_past(connection, server.username or "")
    finally:
        await engine.dispose()
    return newest_revision()
