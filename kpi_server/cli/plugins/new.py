"""`kpi-server plugins new`: a distribution that works, to begin a family with."""

import os
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Final

import click

from kpi_server.cli.checkout import checkout
from kpi_server.errors import BadInput, StartupError

_NAME: Final = re.compile(r"[a-z][a-z0-9]*")
_ENDING: Final = ".in"


@click.command()
@click.argument("name")
@click.option(
    "--into",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="the current directory",
    help="Where the distribution's folder is made.",
)
def command(name: str, into: Path) -> None:
    """Begin the family NAME: one lower-case word, the first part of its KPIs' keys.

    Makes the folder kpi-server-NAME with a distribution that works: two measures, a calculator, its golden vectors and
    a test. What lies there already is left alone.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name of a family: it is one lower-case word such as 'energy'")
    folder = into / f"kpi-server-{name}"
    write(folder, distribution(name))
    click.echo(f"{folder} is a working family. Next:")
    run = checkout() / "run"
    run_it = f"python3 {os.path.relpath(run)}" if run.is_file() else ""  # a checkout's environment has no pip
    click.echo(f"  {run_it} install {folder}" if run_it else f"  pip install -e {folder}")
    click.echo(f"  {run_it or 'kpi-server'} plugins verify {name}")


def distribution(name: str) -> Mapping[str, str]:
    """The files of a new family's distribution, by their paths in it."""
    words = {"name": name, "title": name.capitalize()}
    templates = _templates(files("kpi_server.cli.plugins") / "family")
    package = f"kpi_server_{name}/"
    return {
        path.removesuffix(_ENDING).replace("package/", package): Template(text).substitute(words)
        for path, text in templates
    }


def write(folder: Path, contents: Mapping[str, str]) -> None:
    """Make a folder with these files.

    Raises:
        StartupError: the folder exists, or cannot be written.
    """
    try:
        folder.mkdir(parents=True)
        for path, text in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise StartupError(f"{folder} exists already; nothing was written.") from error
    except OSError as error:
        raise StartupError(f"{folder} cannot be written: {error.strerror}.") from error


def _templates(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _templates(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_ENDING):
            yield f"{above}{entry.name}", entry.read_text(encoding="utf-8")
