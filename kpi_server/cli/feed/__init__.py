"""`kpi-server feed`: what changes, in a terminal."""

from types import MappingProxyType

import click

from kpi_server.cli.commands import Commands

SUBCOMMANDS = MappingProxyType({"tail": "Print what changes in an organization, as it changes."})


@click.group(cls=Commands, modules=SUBCOMMANDS, package=__name__)
def command() -> None:
    """Look at the feed of changes."""
