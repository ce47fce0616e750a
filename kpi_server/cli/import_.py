"""`kpi-server import`: record what files hold, and say what became of every row that is not right."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from kpi_server.api.recorders import check_source
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.progress import Bytes, reading_bar
from kpi_server.cli.serving import settle
from kpi_server.cli.tables import show
from kpi_server.domain.importing.rows import Content, Format
from kpi_server.errors import BadInput, NotFound, UserError
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivered, Delivery
from kpi_server.store.database import Database
from kpi_server.store.organizations import directory

_PIECE: Final = 1 << 18
_FORMATS: Final = {".csv": Format.CSV, ".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON}
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_ACTOR: Final = "kpi-server import"


@dataclass(frozen=True)
class _Wanted:
    """What the command line asks for."""

    organization: str
    source: str
    mapping: Mapping[str, str]
    form: Format | None
    atomic: bool
    rehearses: bool
    restates: bool
    content: Content


@dataclass(frozen=True)
class _Done:
    """What became of a file: `error` says why nothing of it was recorded."""

    file: str
    delivered: Delivered
    error: str | None = None


@click.command()
@click.argument(
    "files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--organization", metavar="SLUG", required=True, help="The organization, by its short name.")
@click.option("--source", metavar="NAME", required=True, help="The system that the values come from.")
@click.option("--map", "pairs", metavar="COLUMN=FIELD", multiple=True, help="What a column is; `-` leaves it out.")
@click.option("--format", "form", type=click.Choice([*Format], case_sensitive=False), help="Else by the file's name.")
@click.option("--events", is_flag=True, help="Each row is an event: sessions, requests, subscriptions.")
@click.option("--retract", is_flag=True, help="Take back what rows name, in place of recording it.")
@click.option("--atomic", is_flag=True, help="Record nothing of a file with a wrong row.")
@click.option("--restate", is_flag=True, help="Record values of closed periods too.")
@click.option("--dry-run", is_flag=True, help="Check everything and tell what would be recorded; record nothing.")
@json_option
@data_option
def command(
    files: tuple[Path, ...], pairs: tuple[str, ...], form: str | None, as_json: bool, data: Path, **options: Any
) -> int:
    """Record what files hold: CSV with a header, or one JSON object a line, plain or packed by gzip.

    Each FILE is recorded at once when all of it was read, under one number; sent again, it changes nothing. Every row
    that is not right is printed with its line and the reason, and the command then ends with 1.
    """
    wanted = _Wanted(
        organization=options["organization"],
        source=options["source"],
        mapping=_mapping(pairs),
        form=None if form is None else Format(form.upper()),
        atomic=options["atomic"],
        rehearses=options["dry_run"],
        restates=options["restate"],
        content=_content(options["events"], options["retract"]),
    )
    check_source(wanted.source)
    settings = settings_of_environment()
    registry = discover(Policy(settings.plugins))
    with addresses_of(settings, data) as addresses:
        settle()
        done = asyncio.run(_import(addresses, registry, files, wanted))
    _print(done, wanted, as_json)
    return 1 if any(_has_failed(one) for one in done) else 0


def _content(holds_events: bool, takes_back: bool) -> Content:
    if holds_events and takes_back:
        raise click.UsageError("events do not change: --retract goes without --events")
    return Content.EVENTS if holds_events else Content.RETRACTIONS if takes_back else Content.OBSERVATIONS


def _has_failed(done: _Done) -> bool:
    """Whether something of a file was not taken, or not made of it."""
    delivered = done.delivered
    return bool(done.error or delivered.rejected or any(one.failure for one in delivered.aggregated))


def _mapping(pairs: Sequence[str]) -> Mapping[str, str]:
    split = [pair.rpartition("=") for pair in pairs]
    wrong = [pair for pair, (column, _, field) in zip(pairs, split, strict=True) if not column or not field]
    if wrong:
        raise click.UsageError(f"--map reads like --map Amount=value, not {wrong[0]!r}")
    return {column: field for column, _, field in split}


async def _import(addresses: Addresses, registry: Registry, files: Sequence[Path], wanted: _Wanted) -> list[_Done]:
    if addresses.embedded is not None:
        await prepare(addresses)
    async with opened(addresses) as database:
        number = (await directory(database)).get(wanted.organization)
        if number is None:
            raise NotFound(f'there is no organization "{wanted.organization}"')
        sender = Sender(number, 0, _ACTOR, wanted.source)
        with reading_bar(files) as read:
            return [await _one(database, registry, sender, file, wanted, read) for file in files]


async def _one(
    database: Database, registry: Registry, sender: Sender, file: Path, wanted: _Wanted, read: Bytes
) -> _Done:
    try:
        delivery = Delivery(
            form=wanted.form or _format(file),
            now=datetime.now(UTC),
            name=file.name,
            mapping=wanted.mapping,
            atomic=wanted.atomic,
            rehearses=wanted.rehearses,
            restates=wanted.restates,
            content=wanted.content,
        )
        return _Done(str(file), await deliver(database, registry, sender, delivery, _pieces(file, read)))
    except UserError as error:
        return _Done(str(file), Delivered(), error.message)


def _format(file: Path) -> Format:
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() != ".gz"]
    found = _FORMATS.get(suffixes[-1] if suffixes else "")
    if found is None:
        raise BadInput(f"{file.name}: its name does not say what it is: give --format")
    return found


async def _pieces(file: Path, read: Bytes) -> AsyncIterator[bytes]:
    with file.open("rb") as opened_file:
        while piece := opened_file.read(_PIECE):
            yield piece
            read(len(piece))


def _print(done: Sequence[_Done], wanted: _Wanted, as_json: bool) -> None:
    if as_json:
        show_json([_as_json(one) for one in done])
        return
    done_with = "retracted" if wanted.content is Content.RETRACTIONS else "recorded"
    heading = ("file", done_with, "corrected", "unchanged", "rejected", "version")
    show(heading, [_row(one, wanted) for one in done])
    for one in done:
        if one.error:
            click.echo(f"{one.file}: nothing is recorded: {one.error}", err=True)
        for fault in one.delivered.faults:
            click.echo(
                f"{one.file}:{fault.index}: {f'{fault.field}: ' if fault.field else ''}{fault.message}", err=True
            )
        for made in one.delivered.aggregated:
            words = f"failed: {made.failure}" if made.failure else f"made {made.cells} values of {made.periods} periods"
            click.echo(f"{one.file}: {made.aggregate} {words}", err=True)
        more = one.delivered.rejected - len({fault.index for fault in one.delivered.faults})
        if more > 0:
            click.echo(f"{one.file}: and {more:,} more rows are rejected", err=True)


def _as_json(one: _Done) -> dict[str, Any]:
    return {"file": one.file, "error": one.error, **one.delivered.plain}


def _row(one: _Done, wanted: _Wanted) -> tuple[str, ...]:
    counted = one.delivered
    counts = (counted.recorded, counted.corrected, counted.unchanged, counted.rejected)
    return (one.file, *(f"{count:,}" for count in counts), _outcome(one, wanted))


def _outcome(one: _Done, wanted: _Wanted) -> str:
    """Under which number a file was recorded, or why under none."""
    if one.delivered.version is not None:
        return str(one.delivered.version)
    if one.error or (wanted.atomic and one.delivered.rejected):
        return "refused"
    return "dry run" if wanted.rehearses else "unchanged"
