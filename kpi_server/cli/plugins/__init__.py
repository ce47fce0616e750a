"""`kpi-server plugins`: list the families, verify them, begin a new one."""

from types import MappingProxyType

import click

from kpi_server.cli.commands import Commands
from kpi_server.cli.options import json_option
from kpi_server.cli.plugins.listing import list_families

SUBCOMMANDS = MappingProxyType(
    {
        "verify": "Check what families promise: golden vectors, missing and zero inputs, agreement with PostgreSQL.",
        "new": "Begin a family: a distribution that works, with its tests.",
    }
)


@click.group(cls=Commands, modules=SUBCOMMANDS, package=__name__, invoke_without_command=True)
@json_option
@click.pass_context
def command(context: click.Context, as_json: bool) -> int:
    """List the families that are loaded, and from where; or verify them, or begin a new one.

    Ends with 1 when a family has a problem, for which a server with the policy "strict" would not start.
    """
    return 0 if context.invoked_subcommand else list_families(as_json=as_json)
