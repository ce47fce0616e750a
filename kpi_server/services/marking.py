"""Marking: what was recorded makes the calculated values dirty that stand on it, in the same transaction.

So does whatever else they depend on: rates, formulas, calendars, and which KPIs there are.
"""

import logging
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from kpi_server.domain.calendar import Calendar, print_calendar
from kpi_server.domain.downstream import Downstream, kept_segments
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.domain.unit import UnitKind
from kpi_server.registry import Registry
from kpi_server.store.computed import end_all, keep_bases, read_bases, switched
from kpi_server.store.database import Write
from kpi_server.store.dirty import Cell, Written, keep_dirty, read_foreign, read_kpis, read_recorded, read_written

_OF_FACTS: Final = " of facts"
"""Said of KPIs whose computed values are current: generated history does not count in them."""

LOG: Final = logging.getLogger("kpi_server.marking")

_UNVERSIONED: Final = (
    "%s: its formula is another than its version %d had before. Its values are calculated again; "
    "raise the version in its family, so that values tell by which formula they were calculated."
)

TOGETHER: Final = 10_000
"""How many cells are marked by one statement, and held at most, however much was written."""


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


async def follow(write: Write, registry: Registry, now: datetime) -> None:
    """Let what is kept follow the KPIs and the way in which they are calculated; nothing where neither has changed.

    What a KPI stands on is marked where it is new, where a formula, its grain or the organization's calendar is another
    by now, and where its computed values are current by now or no longer are. Values of KPIs that are gone, and of
    periods that are none any more, stand no longer, and none of a KPI that was switched to what is computed.
    """
    readers = registry.readers
    calendar, ids = await read_kpis(write, readers.bases)
    stated = f"{calendar.time_zone} {print_calendar(calendar)}"
    own = await switched((await write.driver()).fetch, write.organization_id)
    ways = {
        number: f"{readers.bases[key]} {_formula(registry.calculators[key])} {stated}" for key, number in ids.items()
    }
    bases = {number: way + _OF_FACTS if number in own else way for number, way in ways.items()}
    known = await read_bases(write)
    if bases == known:
        return
    for key in sorted(key for key, number in ids.items() if _is_unversioned(known.get(number, ""), bases[number])):
        LOG.warning(_UNVERSIONED, key, registry.calculators[key].version)
    now_switched = [number for number in own if not known.get(number, _OF_FACTS).endswith(_OF_FACTS)]
    if now_switched:
        await end_all(write, now_switched)
    others = {key for key, number in ids.items() if known.get(number) != bases[number]}
    measures = sorted(measure for measure, metrics in readers.metrics.items() if metrics & others)
    if measures:
        await mark_readers(write, registry, now, others, partial(read_recorded, write, measures))
    gone = known.keys() - bases.keys()
    await keep_bases(write, bases, gone | {ids[key] for key in others}, now)


def _formula(calculator: Calculator) -> str:
    return f"{calculator.version}:{calculator.digest}"


def _is_unversioned(known: str, basis: str) -> bool:
    """Whether one version stands for two formulas: in a basis that is known, and in today's."""
    (before, _, kept), (now, _, digest) = ((*basis.split(" "), "")[1].partition(":") for basis in (known, basis))
    return before == now and bool(kept) and kept != digest


async def mark_readers(
    write: Write,
    registry: Registry,
    now: datetime,
    metrics: Collection[str],
    written: Callable[[Calendar], AsyncIterator[Written]],
) -> int:
    """Mark what the organization has of these metrics and stands on what was written; how many cells that are."""
    calendar, ids = await read_kpis(write, metrics)
    if not ids:
        return 0
    downstream = Downstream(registry.readers, ids, calendar.day(now), calendar)
    marked, waiting = 0, set[Cell]()
    async for one in written(calendar):
        for cell in dirtied(downstream, ids, one):
            waiting.add(cell)
            if len(waiting) == TOGETHER:
                await keep_dirty(write, waiting)
                marked += len(waiting)
                waiting.clear()
    if waiting:
        await keep_dirty(write, waiting)
    return marked + len(waiting)


def dirtied(downstream: Downstream, ids: Mapping[str, int], written: Written) -> Iterator[Cell]:
    """The cells that stand on what was written of a measure, each once; `ids` has those of the KPIs."""
    kept = {segment for own in written.segments for segment in kept_segments(own)}
    cells = {cell for period in written.periods for cell in downstream.cells(written.measure, period)}
    for key, period in cells:
        for segment in kept:
            yield Cell(ids[key], segment, period)
