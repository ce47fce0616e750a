"""`kpi-server migrate`: bring the database to today's tables and let the server's role in."""

import asyncio
from pathlib import Path

import click

from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.databases import Addresses, addresses_of, prepare
from kpi_server.cli.options import data_option
from kpi_server.errors import StartupError
from kpi_server.store.migrations import NEWEST


@click.command()
@data_option
def command(data: Path) -> None:
    """Bring the database to today's tables, and create the server's role if there is none.

    DATABASE_ADMIN_URL is the address of the tables' owner, DATABASE_URL that of the server.
    """
    with addresses_of(settings_of_environment(), data) as addresses:
        _refuse_without_owner(addresses)
        asyncio.run(prepare(addresses))
        click.echo(f"The database in {addresses.place} is at revision {NEWEST}.")


def _refuse_without_owner(addresses: Addresses) -> None:
    if addresses.owner is None:
        raise StartupError(
            "DATABASE_ADMIN_URL is not set: migrate needs the address of the tables' owner there, "
            "and that of the server's own role in DATABASE_URL."
        )
