"""`kpi-server work`: calculate what becomes dirty, beside servers that do not."""

import asyncio
from contextlib import suppress
from pathlib import Path

import click

from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import note
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare
from kpi_server.cli.options import data_option
from kpi_server.cli.serving import settle
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.aggregation import keep_aggregating
from kpi_server.services.recompute import LANES, MANY, keep_up
from kpi_server.web.logs import configure_logs


@click.command()
@data_option
def command(data: Path) -> None:
    """Calculate values again as something is recorded that they stand on, until a signal asks to end.

    So are measures made of events that nobody has made any of yet.

    Any number of workers share the work; what one leaves behind another takes over after a minute.
    """
    settings = settings_of_environment()
    configure_logs(settings.log_format)
    registry = discover(Policy(settings.plugins))
    with addresses_of(settings, data) as addresses, suppress(KeyboardInterrupt):
        asyncio.run(_work(addresses, registry))


async def _work(addresses: Addresses, registry: Registry) -> None:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        note(f"Calculating what is recorded in {addresses.place}.")
        settle()
        await asyncio.gather(
            keep_up(database, registry, most=MANY, lanes=LANES),
            keep_aggregating(database, registry),
        )
