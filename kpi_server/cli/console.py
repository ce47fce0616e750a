"""What people see: results on stdout, what is being done on stderr."""

import sys
from collections.abc import Sequence

import click
import orjson
from rich.console import Console
from rich.table import Column, Table

WIDE = 160  # columns where no terminal says how many there are


def show(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout."""
    table = Table(*(Column(title, overflow="fold") for title in heading))
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False).print(table)


def show_json(data: object) -> None:
    """Print data as indented JSON on stdout."""
    click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def note(sentence: str) -> None:
    """Say on stderr what is being done."""
    click.echo(sentence, err=True)
