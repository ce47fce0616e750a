"""What people see: progress on stderr, results on stdout."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

WIDE = 160  # columns where no terminal says how many there are


def show(table: Table) -> None:
    """Print a table on stdout."""
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False).print(table)


def show_json(data: object) -> None:
    """Print data as indented JSON on stdout."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def note(sentence: str) -> None:
    """Say on stderr what is being done."""
    click.echo(sentence, err=True)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on stderr; only a terminal sees it move."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress
