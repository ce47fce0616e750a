"""`kpi-server recompute`: calculate now what is dirty, or everything anew."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.databases import Addresses, addresses_of, chosen, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.progress import counting_bar
from kpi_server.cli.serving import settle
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.recompute import LANES, Recomputed, catch_up, follow_all, mark_all
from kpi_server.store.computed import dirty_count
from kpi_server.store.database import Database


@click.command()
@click.argument("organizations", metavar="[ORGANIZATION]…", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything, not only what is marked to be calculated again.")
@json_option
@data_option
def command(organizations: tuple[str, ...], everything: bool, as_json: bool, data: Path) -> None:
    """Calculate the values of each ORGANIZATION, by its short name, else of all, that stand on what was recorded since.

    Values that another version of a family makes are among them. With --all every value is marked first, whether or not
    anything it stands on has changed. What was marked stays marked when the command is interrupted, and is done by the
    next one or by a worker.
    """
    settings = settings_of_environment()
    registry = discover(Policy(settings.plugins))
    with addresses_of(settings, data) as addresses:
        found = asyncio.run(_recompute(addresses, registry, organizations, everything))
    if as_json:
        show_json({slug: asdict(one) for slug, one in found.items()})
    else:
        for slug, one in found.items():
            click.echo(f"{slug}: {one.done:,} calculated, {one.changed:,} changed")


async def _recompute(
    addresses: Addresses, registry: Registry, slugs: Sequence[str], everything: bool
) -> Mapping[str, Recomputed]:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        settle()
        numbers = await chosen(database, slugs)
        return {slug: await _one(database, registry, slug, number, everything) for slug, number in numbers.items()}


async def _one(database: Database, registry: Registry, slug: str, number: int, everything: bool) -> Recomputed:
    with counting_bar(slug) as listener:
        await follow_all(database, registry, [number])
        if everything:
            await mark_all(database, registry, number)
        total, waiting = Recomputed(), await dirty_count(database, number)
        async for one in catch_up(database, registry, [number], lanes=LANES):
            total += one
            listener(total.done, max(waiting, total.done))
    return total
