"""Running the migrations: a module of its own, for the tool that does it is large and seldom has anything to do."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

LOCATION = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(LOCATION))
    return config


def newest_revision() -> str:
    """The revision that the last migration leads to."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None  # noqa: S101 — the folder of versions is never empty
    return revision


def upgrade(connection: Connection) -> None:
    """Take every step from what is there to today's tables, in the transaction that is open."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
