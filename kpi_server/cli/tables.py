"""Tables on stdout. Apart from console.py, since servers print none and rich takes memory."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Column, Table

WIDE = 160  # columns where no terminal says how many there are


def show(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout."""
    table = Table(*(Column(title, overflow="fold") for title in heading))
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False, markup=False).print(table)
