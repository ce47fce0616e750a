"""`kpi-server schema`: the published contract, printed, compared with this program or written anew."""

from collections.abc import Mapping
from pathlib import Path

import click
import orjson

from kpi_server.api.schema import build_schema
from kpi_server.cli.checkout import checkout
from kpi_server.errors import StartupError
from kpi_server.registry import discover
from kpi_server.services.catalog.schema import catalog_schema


@click.command()
@click.option("--check", is_flag=True, help="Compare the published files with this program; 1 when they differ.")
@click.option("--write", is_flag=True, help="Write the published files.")
@click.option("--catalog", is_flag=True, help="Print the JSON Schema of catalogs in place of the GraphQL schema.")
def command(check: bool, write: bool, catalog: bool) -> None:
    """Print the GraphQL schema of the installed families, or check or write the files in schema/."""
    if check + write + catalog > 1:
        raise click.UsageError("--check, --write and --catalog exclude each other.")
    if check:
        _check(published())
    elif write:
        _write(published())
    else:
        click.echo(_catalog() if catalog else _graphql(), nl=False)


def published() -> Mapping[Path, str]:
    """The files of the contract, as this program would write them."""
    folder = checkout() / "schema"
    return {folder / "schema.graphql": _graphql(), folder / "catalog.schema.json": _catalog()}


def _graphql() -> str:
    return build_schema(discover()).as_str() + "\n"


def _catalog() -> str:
    return orjson.dumps(catalog_schema(), option=orjson.OPT_INDENT_2).decode() + "\n"


def _check(files: Mapping[Path, str]) -> None:
    differing = [path.name for path, text in files.items() if _text(path) != text]
    if differing:
        raise StartupError(
            f"What this program does and what is published differ in {' and '.join(differing)}: look at "
            "`kpi-server schema --write` and its diff."
        )
    click.echo(f"{' and '.join(path.name for path in files)} are what this program does.")


def _write(files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        state = "unchanged" if _text(path) == text else "written"
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise StartupError(f"{path} cannot be written: {error.strerror}.") from error
        click.echo(f"{path.name}: {state}")


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
