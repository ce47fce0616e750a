"""`kpi-server aggregate`: measures made of events, brought up to date."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.databases import Addresses, addresses_of, chosen, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.aggregation import Aggregated, aggregate


@click.command()
@click.argument("organizations", metavar="[ORGANIZATION]…", nargs=-1)
@json_option
@data_option
def command(organizations: tuple[str, ...], as_json: bool, data: Path) -> int:
    """Make measures of the events of each ORGANIZATION, by its short name, else of all.

    Only periods that new or late events touch are made, and months that have begun since. Ends with 1 when an aggregate
    fails; the others are made all the same.
    """
    settings = settings_of_environment()
    registry = discover(Policy(settings.plugins))
    with addresses_of(settings, data) as addresses:
        found = asyncio.run(_aggregate(addresses, registry, organizations))
    if as_json:
        show_json({slug: [asdict(one) for one in made] for slug, made in found.items()})
    else:
        for slug, made in found.items():
            _print(slug, made)
    return 1 if any(one.failure for made in found.values() for one in made) else 0


async def _aggregate(
    addresses: Addresses, registry: Registry, slugs: Sequence[str]
) -> Mapping[str, Sequence[Aggregated]]:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        now = datetime.now(UTC)
        numbers = await chosen(database, slugs)
        return {slug: await aggregate(database, registry, number, now) for slug, number in numbers.items()}


def _print(slug: str, made: Sequence[Aggregated]) -> None:
    for one in made:
        if one.failure is not None:
            click.echo(f"{slug}: {one.aggregate} failed: {one.failure}")
        elif one.periods:
            click.echo(f"{slug}: {one.aggregate} made {one.cells} values of {one.periods} periods")
    if not any(one.failure or one.periods for one in made):
        click.echo(f"{slug}: everything is up to date")
