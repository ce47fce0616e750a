"""What people see: progress on stderr, results on stdout."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from kpi_server.services.catalog.loading import Progress as Listener
from kpi_server.services.catalog.loading import Step

WIDE = 160  # columns where no terminal says how many there are


def show(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout."""
    table = Table(*heading)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False).print(table)


def show_json(data: object) -> None:
    """Print data as indented JSON on stdout."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def note(sentence: str) -> None:
    """Say on stderr what is being done."""
    click.echo(sentence, err=True)


@contextmanager
def loading_bar() -> Iterator[Listener]:
    """Shows on stderr how far loading has come; only a terminal sees it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Loading", total=None)

        def reach(step: Step) -> None:
            progress.update(task, description=f"{step.slug}: {step.words}", completed=step.done, total=step.total)

        yield reach
