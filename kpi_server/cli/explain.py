"""`kpi-server explain`: what an operation does, field by field and statement by statement."""

import asyncio
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click
import orjson

from kpi_server.api.documents import RequestRefused
from kpi_server.api.explaining import Asked, Explained, Explainer, Ready, analyzed
from kpi_server.api.schema import build_schema
from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import show_json
from kpi_server.cli.databases import addresses_of, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.statements import WIDE, formatted
from kpi_server.errors import StartupError
from kpi_server.registry import Policy, discover
from kpi_server.settings import Settings

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@dataclass(frozen=True)
class Shown:
    """An operation with what PostgreSQL says of each of its statements, if it was asked."""

    explained: Explained
    analyses: Sequence[Sequence[str]] | None


@click.command()
@click.argument("operation_file", type=_FILE)
@click.option(
    "--variables", type=_FILE, help="The variables, as a JSON object; else those of FILE.variables.json beside it."
)
@click.option("--organization", metavar="SLUG", help="Whose data may be seen; else those that the operation names.")
@click.option("--sql", is_flag=True, help="Print each statement with what it binds.")
@click.option("--code", is_flag=True, help="Print the code generated for the rows.")
@click.option("--analyze", is_flag=True, help="Run it on the database, and its statements under EXPLAIN ANALYZE.")
@json_option
@data_option
def command(
    operation_file: Path,
    variables: Path | None,
    organization: str | None,
    sql: bool,
    code: bool,
    analyze: bool,
    as_json: bool,
    data: Path,
) -> None:
    """Tell what the operations of a document cost and do: which fields come from rows, and by which statements.

    No database is needed but for --analyze: without it the statements are those of a database in which each of them
    finds one row. Mutations are not run.
    """
    settings = settings_of_environment()
    registry = discover(Policy(settings.plugins))
    explainer = Explainer(build_schema(registry), registry, settings)
    try:
        ready = explainer.ready(
            operation_file.read_text(encoding="utf-8"), _read(variables or _beside(operation_file)), organization
        )
    except RequestRefused as refused:
        raise StartupError("\n".join(_told(error, operation_file) for error in refused.errors)) from refused
    if analyze:
        shown = _on_the_database(explainer, ready, settings, data)
    else:
        shown = [Shown(asyncio.run(explainer.explained(one)), None) for one in ready]
    if as_json:
        show_json([_as_json(one) for one in shown])
    else:
        click.echo("\n\n".join("\n".join(_lines(one, sql=sql or analyze, code=code)) for one in shown))


def _beside(operation_file: Path) -> Path | None:
    """The variables that a published operation comes with."""
    variables = operation_file.with_suffix(".variables.json")
    return variables if variables.is_file() else None


def _read(variables: Path | None) -> Mapping[str, Any]:
    if variables is None:
        return {}
    try:
        given = orjson.loads(variables.read_bytes())
    except orjson.JSONDecodeError as error:
        raise StartupError(f"{variables} holds no JSON: {error}") from error
    if not isinstance(given, dict):
        raise StartupError(f"{variables} holds no JSON object with a value for each variable.")
    return given


def _told(error: Mapping[str, Any], file: Path) -> str:
    places = error.get("locations") or [{}]
    line = places[0].get("line")
    return f"{file}{f':{line}' if line else ''}: {error['message']}"


def _on_the_database(explainer: Explainer, ready: Sequence[Ready], settings: Settings, data: Path) -> Sequence[Shown]:
    with addresses_of(settings, data) as addresses:

        async def explain() -> Sequence[Shown]:
            if addresses.embedded is not None:
                await prepare(addresses)
            async with opened(addresses) as database:
                return [await _analyzed(explainer, one, database) for one in ready]

        return asyncio.run(explain())


async def _analyzed(explainer: Explainer, ready: Ready, database: Any) -> Shown:
    async with database.read(ready.scope.organization_ids) as connection:
        explained = await explainer.explained(ready, connection)
        return Shown(explained, [await analyzed(connection, asked) for asked in explained.statements or ()])


def _lines(shown: Shown, *, sql: bool, code: bool) -> Sequence[str]:
    explained = shown.explained
    lines = [_summary(explained)]
    if explained.description is not None:
        width = max((len(".".join(use.path)) for use in explained.description.uses), default=0)
        uses = explained.description.uses
        lines += ["", *(f"  {'.'.join(use.path):{width}}  {use.source.value:9}  {use.of}".rstrip() for use in uses)]
    if sql:
        for number, asked in enumerate(explained.statements or (), 1):
            lines += ["", *_statement(number, asked)]
            if shown.analyses is not None:
                lines += ["", *(f"  {line}" for line in shown.analyses[number - 1])]
    if code and explained.description is not None:
        for one in explained.description.codes:
            lines += ["", f"code of {'.'.join(one.path)}", "", *_source(one.source)]
    return lines


def _summary(explained: Explained) -> str:
    title = f"{explained.kind} {explained.name or ''}".rstrip()
    if explained.description is None:
        return f"{title}: cost {explained.cost}; not planned: {explained.reason}"
    fields = f"{explained.description.planned} of {len(explained.description.uses)} fields without a resolver"
    if explained.statements is None:
        return f"{title}: cost {explained.cost}; {fields}; not run"
    count = len(explained.statements)
    number = count if explained.are_all else f"at least {count}"
    return f"{title}: cost {explained.cost}; {fields}; {number} statement{'' if count == 1 else 's'}"


def _statement(number: int, asked: Asked) -> Sequence[str]:
    bound = "; ".join(f"${position} = {_bound(value)}" for position, value in enumerate(asked.values, 1))
    return [f"statement {number}", "", textwrap.indent(formatted(asked.sql), "  "), "", f"  {bound or 'nothing bound'}"]


def _bound(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


def _source(source: str) -> Sequence[str]:
    """The code, wrapped: a line of it holds a whole object."""
    return [
        wrapped
        for line in source.splitlines()
        for wrapped in textwrap.wrap(
            line, WIDE, initial_indent="  ", subsequent_indent=" " * 10, break_long_words=False, drop_whitespace=True
        )
    ]


def _as_json(shown: Shown) -> dict[str, Any]:
    explained, analyses = shown.explained, shown.analyses
    told = explained.description
    return {
        "name": explained.name,
        "kind": explained.kind,
        "cost": explained.cost,
        "notPlanned": explained.reason,
        "fields": None
        if told is None
        else [{"path": list(use.path), "source": use.source.value, "of": use.of} for use in told.uses],
        "withoutResolver": None if told is None else told.planned,
        "code": None if told is None else [{"path": list(one.path), "source": one.source} for one in told.codes],
        "statements": None
        if explained.statements is None
        else [
            {
                "sql": formatted(asked.sql),
                "binds": [str(value) for value in asked.values],
                "analysis": None if analyses is None else list(analyses[number]),
            }
            for number, asked in enumerate(explained.statements)
        ],
        "statementsAreAll": explained.are_all,
    }
