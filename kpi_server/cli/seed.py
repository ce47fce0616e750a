"""`kpi-server seed`: load catalogs, say what changed, and count what is loaded."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kpi_server.cli.checkout import samples
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import note, show_json
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.past import Past, generate_history, withdraw_history
from kpi_server.cli.progress import loading_bar
from kpi_server.cli.tables import show
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.access import open_to_demo
from kpi_server.services.catalog.loading import Receipt, find_catalogs, seed
from kpi_server.services.catalog.report import Report, report

_DONE = ("organization", "created", "updated", "deleted", "version")


@dataclass(frozen=True)
class _Loaded:
    receipts: Sequence[Receipt]
    report: Report | None


@click.command()
@click.argument("paths", metavar="[PATH]…", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--demo-history", is_flag=True, help="Generate two years of what the KPIs are computed from, marked so.")
@click.option("--withdraw-demo-history", is_flag=True, help="Let nothing stand that --demo-history generated.")
@click.option("--report", "with_report", is_flag=True, help="Count every kind of what is loaded then.")
@json_option
@data_option
def command(
    paths: tuple[Path, ...],
    demo_history: bool,
    withdraw_demo_history: bool,
    with_report: bool,
    as_json: bool,
    data: Path,
) -> int:
    """Load catalogs: each PATH is the folder of one, or a folder of such folders; else the sample companies.

    Each organization is loaded whole or not at all. Loading the same again changes nothing. Everything that is wrong
    is printed by file, line and field, and the command then ends with 1.
    """
    if demo_history and withdraw_demo_history:
        raise click.UsageError("--demo-history and --withdraw-demo-history exclude each other.")
    past = generate_history if demo_history else withdraw_history if withdraw_demo_history else None
    folders = find_catalogs(paths or [samples()])
    settings = settings_of_environment()
    registry = discover(Policy(settings.plugins))
    with addresses_of(settings, data) as addresses:
        loaded = asyncio.run(_load(addresses, registry, folders, past, with_report))
    _print(loaded, as_json)
    return _print_problems(loaded.receipts)


async def _load(
    addresses: Addresses, registry: Registry, folders: Sequence[Path], past: Past | None, with_report: bool
) -> _Loaded:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        with loading_bar() as listener:
            receipts = await seed(database, registry, folders, progress=listener)
        await open_to_demo(database)
        if past is not None:
            for sentence in await past(database, registry, [one.slug for one in receipts if one.loaded]):
                note(sentence)
        counted = await report(database, [receipt.slug for receipt in receipts]) if with_report else None
    return _Loaded(receipts, counted)


def _print(loaded: _Loaded, as_json: bool) -> None:
    if loaded.report is not None and as_json:
        show_json(loaded.report.as_json())
    elif loaded.report is not None:
        for heading, *rows in (loaded.report.as_table(), loaded.report.as_document_table()):
            show(heading, rows)
    elif as_json:
        show_json([_as_json(receipt) for receipt in loaded.receipts])
    else:
        show(_DONE, [_as_row(receipt) for receipt in loaded.receipts])


def _as_json(receipt: Receipt) -> dict[str, Any]:
    problems = [{"place": p.place, "field": p.field, "message": p.message} for p in receipt.problems]
    return {**vars(receipt), "problems": problems}


def _as_row(receipt: Receipt) -> tuple[str, ...]:
    if not receipt.loaded:
        return (receipt.slug, "not loaded", "", "", "")
    version = "unchanged" if receipt.sequence is None else str(receipt.sequence)
    return (receipt.slug, f"{receipt.created:,}", f"{receipt.updated:,}", f"{receipt.deleted:,}", version)


def _print_problems(receipts: Sequence[Receipt]) -> int:
    """Print every problem on stderr; the exit code."""
    for receipt in receipts:
        if receipt.problems:
            count = "1 problem" if len(receipt.problems) == 1 else f"{len(receipt.problems)} problems"
            outcome = "loaded, with" if receipt.loaded else "nothing is loaded,"
            click.echo(f"{receipt.slug}: {outcome} {count}:", err=True)
            for problem in receipt.problems:
                click.echo(f"  {problem}", err=True)
    return 1 if any(receipt.problems for receipt in receipts) else 0
