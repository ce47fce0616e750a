"""`python3 run bench`: measure this server against others on this machine, and say how they compare."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

import click
import orjson
from rich.console import Console

from benchmarks.agreement import Disagreement
from benchmarks.contestants import chosen, contestants
from benchmarks.database import ROOT, furnish, own_cluster
from benchmarks.generators import LoadFailed, generator_of
from benchmarks.live import LIVE_FULL, LIVE_QUICK, measure_live
from benchmarks.measuring import FULL, QUICK, Measured, measure
from benchmarks.npm import Peers, find_peers
from benchmarks.npm import versions as peer_versions
from benchmarks.operations import OPERATIONS
from benchmarks.parts import FEW_ROWS, PARTS, ROWS, measure_parts
from benchmarks.plot import svg
from benchmarks.processes import NotStarted
from benchmarks.report import WIDE, Circumstances, Report, markdown, show
from benchmarks.results import BOARD, judged
from kpi_server.cli.stopping import stop_on_signals
from kpi_server.errors import KpiError
from kpi_server.store.embedded import Cluster

MEASURED: Final = ("strawberry-graphql", "graphql-core", "asyncpg", "sqlmodel", "starlette", "uvicorn", "orjson")
NAME: Final = "benchmarks"
SUBSCRIPTIONS: Final = "subscriptions"


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--quick", is_flag=True, help="Two short repetitions: to see that everything works.")
@click.option("--only", multiple=True, metavar="NAME", help="Only servers, operations or parts whose name holds this.")
@click.option("--rows", type=click.IntRange(10_000), help="Rows of the file that is imported.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON.")
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), help="Write JSON, page and plot there.")
@click.option("--publish", is_flag=True, help="Write them to docs/: whole runs on a quiet machine only.")
def command(
    quick: bool, only: tuple[str, ...], rows: int | None, as_json: bool, save: Path | None, publish: bool
) -> None:
    """Compare this server with hand-written routes and other GraphQL servers, on one database with equal answers."""
    circumstances = _circumstances(quick)
    _note(f"The load average is {circumstances.load_average:.2f}.")
    if publish and (only or not circumstances.is_official):
        raise click.UsageError("--publish is for whole runs of everybody that begin with a load average below 1.")
    try:
        report = Report(circumstances, _measured(only, quick=quick, rows=rows or (FEW_ROWS if quick else ROWS)))
    except (Disagreement, LoadFailed, NotStarted, KpiError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(orjson.dumps(report.as_data(), option=orjson.OPT_INDENT_2).decode())
    else:
        show(report, Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False))
    for folder in [*([save] if save else []), *([ROOT / "docs"] if publish else [])]:
        _write(report, folder)
    if any(sample.wrong for sample in report.measured.samples):
        raise click.ClickException("Some answers under load were wrong: see the last column.")
    if report.measured.broken:
        raise click.ClickException(f"Not everything was measured: {'; '.join(report.measured.broken)}")


def _circumstances(quick: bool) -> Circumstances:
    ours = {name: version(name) for name in MEASURED}
    versions = {"Python": python_version(), **ours, **peer_versions()}
    return Circumstances(
        taken_at=datetime.now(UTC).strftime("%Y-%m-%d"),
        cores=os.cpu_count() or 1,
        load_average=os.getloadavg()[0],
        is_quick=quick,
        generator=generator_of((QUICK if quick else FULL).seconds),
        versions=versions,
    )


def _measured(only: tuple[str, ...], *, quick: bool, rows: int) -> Measured:
    """The servers, and the parts on a database of their own; those alone that were asked for."""
    parts, others = (
        [name for name in PARTS if not only or name in only],
        tuple(name for name in only if name not in PARTS),
    )
    measured = Measured([], [], {}, [])
    if others or not only:
        with own_cluster() as cluster:
            measured = asyncio.run(_run(cluster, others, quick=quick))
    if parts:
        with own_cluster() as cluster:
            try:
                asyncio.run(measure_parts(cluster, parts, measured, rows=rows, say=_note))
            except KeyboardInterrupt:  # what was measured before is kept
                measured.broken.append("the parts after that: they were stopped")
    return measured


async def _run(cluster: Cluster, only: tuple[str, ...], *, quick: bool) -> Measured:
    names = {operation.name for operation in OPERATIONS} | {SUBSCRIPTIONS}
    operations = [operation for operation in OPERATIONS if operation.name in only or not names & set(only)]
    servers = [name for name in only if name not in names]
    _note("Filling a database.")
    premises = await furnish(cluster)
    peers = await _peers(servers)
    everybody = chosen(contestants(premises, peers), servers)
    if not everybody:
        raise click.UsageError(f"No server's name holds {' or '.join(servers)}.")
    processes = os.cpu_count() or 1
    of_many = chosen(contestants(premises, peers, processes=processes), servers) if processes > 1 else []
    measured = await measure(
        premises,
        everybody if operations else [],
        operations,
        QUICK if quick else FULL,
        _note,
        several=[one for one in of_many if one.name in judged(BOARD)],
        processes=processes,
    )
    measured.skipped[:0] = peers.skipped
    if SUBSCRIPTIONS in only or not only:
        plan = LIVE_QUICK if quick else LIVE_FULL
        try:
            measured.live.extend(await measure_live(premises, peers, plan, measured.skipped, _note))
        except (NotStarted, LoadFailed, KpiError) as error:
            measured.broken.append(f"{SUBSCRIPTIONS}: {error}")
    return measured


async def _peers(servers: list[str]) -> Peers:
    """Nothing is installed for whoever only asks for other servers."""
    if servers and not any(part in "mercurius postgraphile" for part in map(str.lower, servers)):
        return Peers()
    _note("Looking for the peers from npm.")
    return await find_peers()


def _write(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.json").write_bytes(orjson.dumps(report.as_data(), option=orjson.OPT_INDENT_2) + b"\n")
    (folder / f"{NAME}.md").write_text(markdown(report, plot=f"{NAME}.svg"), encoding="utf-8")
    (folder / f"{NAME}.svg").write_text(svg(report.summaries), encoding="utf-8")
    _note(f"Written to {folder}.")


def _note(sentence: str) -> None:
    click.echo(sentence, err=True)


if __name__ == "__main__":
    stop_on_signals()
    command(prog_name="run bench")
