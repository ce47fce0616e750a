"""Marking: what was recorded makes the calculated values dirty that stand on it, in the same transaction."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from kpi_server.domain.calendar import Calendar
from kpi_server.domain.downstream import Downstream, kept_segments
from kpi_server.domain.period import Period
from kpi_server.domain.unit import UnitKind
from kpi_server.registry import Registry
from kpi_server.store.database import Write
from kpi_server.store.dirty import Cell, Written, keep_dirty, read_foreign, read_kpis, read_written


async def mark(
    write: Write,
    registry: Registry,
    now: datetime,
    measures: Collection[str],
    taken_back: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Mark what stands on what the write has recorded of these measures, and on observations that it has taken back.

    Nothing is asked where no metric reads them.
    """
    readers = registry.readers
    wanted = {metric for key in measures for metric in readers.metrics.get(key, ())}
    if not wanted:
        return
    await mark_readers(write, registry, now, wanted, partial(read_written, write, taken_back))


async def mark_converted(write: Write, registry: Registry, now: datetime) -> None:
    """Mark what stands on amounts of other currencies, since rates have changed."""
    money = [key for key, measure in registry.measures.items() if measure.unit.kind is UnitKind.MONEY]
    metrics = {metric for key in money for metric in registry.readers.metrics.get(key, ())}
    await mark_readers(write, registry, now, metrics, partial(read_foreign, write, money))


async def mark_readers(
    write: Write,
    registry: Registry,
    now: datetime,
    metrics: Collection[str],
    written: Callable[[Calendar], Awaitable[Iterable[Written]]],
) -> int:
    """Mark what the organization has of these metrics and stands on what was written; how many cells that are."""
    calendar, ids = await read_kpis(write, metrics)
    if not ids:
        return 0
    downstream = Downstream(registry.readers, ids, calendar.day(now), calendar)
    cells = dirtied(downstream, ids, await written(calendar))
    await keep_dirty(write, cells)
    return len(cells)


def dirtied(downstream: Downstream, ids: Mapping[str, int], written: Iterable[Written]) -> list[Cell]:
    """The cells that stand on what was written, each once; `ids` has those of the KPIs."""
    segments: defaultdict[tuple[str, Period], set[str]] = defaultdict(set)
    for one in written:
        kept = {segment for own in one.segments for segment in kept_segments(own)}
        for cell in downstream.cells(one.measure, one.period):
            segments[cell] |= kept
    return [Cell(ids[key], segment, period) for (key, period), kept in segments.items() for segment in kept]
