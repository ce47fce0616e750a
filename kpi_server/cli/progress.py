"""How far loading and calculating have come, on stderr."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from kpi_server.services.catalog.loading import Progress as Listener
from kpi_server.services.catalog.loading import Step


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


Count = Callable[[int, int], None]
"""Told how many are done, of how many."""


@contextmanager
def counting_bar(words: str) -> Iterator[Count]:
    """Shows on stderr how many of something are done; only a terminal sees it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(words, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


Bytes = Callable[[int], None]
"""Told how many more bytes were read."""


@contextmanager
def reading_bar(files: Sequence[Path]) -> Iterator[Bytes]:
    """Shows on stderr how much of the files was read; only a terminal sees it."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading", total=sum(file.stat().st_size for file in files))
        yield lambda count: progress.advance(task, count)
