"""Aggregation: measures are made of events, of just the periods that new and late ones touch.

What an aggregate needs is read in one snapshot, without keeping anybody from recording; what comes of it is written
under the organization's next number, unless another process was quicker.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final

from kpi_server.domain.aggregate import Aggregate, Cell, faults_of, touched_periods
from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.currency import missing_rate
from kpi_server.domain.figure import format_value
from kpi_server.domain.period import Period
from kpi_server.domain.recording import Measured, Recordable
from kpi_server.domain.sketch.distinct import estimate
from kpi_server.domain.sketch.histogram import count
from kpi_server.domain.sketch.sparse import Sketch, Sparse
from kpi_server.errors import BadInput
from kpi_server.registry import Registry
from kpi_server.services.marking import mark
from kpi_server.services.naming import measures_of
from kpi_server.services.recording import RESTATE, state, terms_of
from kpi_server.store import events as store
from kpi_server.store.background import keep_on, stop_if_cancelled
from kpi_server.store.database import Database, Write
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.recording import read_terms
from kpi_server.store.settling import settle, withdraw

SOURCE: Final = "EVENTS"
"""What observations say that are made of events."""

ACTION: Final = "aggregate"
LONGEST_S: Final = 300
"""How long an aggregate may take before it is given up."""

PAUSE_S: Final = 60.0
"""How long to wait in the background before looking again; ten times as long when something failed."""

LOG: Final = logging.getLogger("kpi_server.aggregate")


@dataclass(frozen=True)
class Aggregated:
    """What came of one aggregate: how many periods and cells were made anew, or why none were."""

    aggregate: str
    periods: int = 0
    cells: int = 0
    failure: str | None = None


@dataclass(frozen=True)
class _Task:
    """What one aggregate is to make of an organization's events, as far as they are read."""

    key: str
    aggregate: Aggregate
    ground: store.Ground
    calendar: Calendar
    values: Sequence[str]
    definition: str

    @property
    def is_anew(self) -> bool:
        """Whether everything is to be made, by other rules than before or for the first time."""
        return self.ground.definition != self.definition

    @property
    def after(self) -> int:
        """The last event that counts already."""
        return 0 if self.is_anew else self.ground.event_id


@dataclass(frozen=True)
class _Made:
    """What an aggregate made: all its cells of these periods."""

    periods: Sequence[Period]
    cells: Sequence[Cell]


async def aggregate(
    database: Database,
    registry: Registry,
    organization_id: int,
    now: datetime,
    *,
    kinds: Collection[str] | None = None,
) -> list[Aggregated]:
    """Bring the measures that are made of events of these kinds (None: of all) up to date.

    An aggregate that fails stops no other: nothing of it is written, and it is tried again with the next events.
    """
    chosen = [key for key, one in registry.aggregates.items() if kinds is None or one.kind in kinds]
    return [await _aggregate(database, registry, organization_id, now, key) for key in chosen]


async def keep_aggregating(database: Database, registry: Registry, *, pause_s: float = PAUSE_S) -> None:
    """Make what is due of all organizations' events, until cancelled.

    That is what a process left that ended after events were recorded, and what lasts into a period that begins. What
    fails is told where aggregates are shown, and tried again after a while.
    """

    async def all_of_them() -> bool:
        made: list[Aggregated] = []
        for organization_id in await store.organizations_with_events(database):
            made += await aggregate(database, registry, organization_id, datetime.now(UTC))
        return not any(one.failure for one in made)

    if registry.aggregates:
        failure = "Events were not aggregated; they are tried again."
        await keep_on(all_of_them, pause_s=pause_s, log=LOG, failure=failure)


async def _aggregate(
    database: Database, registry: Registry, organization_id: int, now: datetime, key: str
) -> Aggregated:
    try:
        async with database.read([organization_id], statement_timeout_s=LONGEST_S) as connection:
            task = await _task(connection.fetch, registry, organization_id, key)
            async with asyncio.timeout(LONGEST_S):
                made = await _make(connection.fetch, registry, organization_id, task, now)
        if made is not None and await _write(database, registry, organization_id, now, task, made):
            return Aggregated(key, len(made.periods), len(made.cells))
    except Exception as error:  # a plugin's code can raise anything, and the others go on
        stop_if_cancelled()
        words = f"{error}" if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"
        async with database.write(organization_id, action=ACTION, actor=SOURCE) as write:
            await store.keep_failure(write, key, words, now)
        return Aggregated(key, failure=words)
    return Aggregated(key)


async def _task(fetch: Fetch, registry: Registry, organization_id: int, key: str) -> _Task:
    one = registry.aggregates[key]
    ground = await store.read_ground(fetch, organization_id, key, one.kind)
    calendar = parse_calendar(ground.calendar, ground.time_zone)
    values = [value for value in ground.segments if value.partition("=")[0] in one.by]
    said = (one.version, one.outputs, one.grain, ground.calendar, ground.time_zone, ground.currency, values)
    return _Task(key, one, ground, calendar, values, sha256(repr(said).encode()).hexdigest()[:16])


async def _make(fetch: Fetch, registry: Registry, organization_id: int, task: _Task, now: datetime) -> _Made | None:
    """What the aggregate makes of the periods that events touch; None where there is nothing to make."""
    one, ground, calendar = task.aggregate, task.ground, task.calendar
    if ground.newest is None:
        return None
    touched = await store.read_touched(fetch, organization_id, one, task.after, calendar.time_zone)
    made_to = None if task.is_anew else ground.last_start
    periods = touched_periods(one, touched, made_to=made_to, today=calendar.day(now), calendar=calendar)
    if not periods:
        return None
    lacking = await store.read_unconvertible(fetch, organization_id, one.kind, task.after, ground)
    if lacking is not None:
        raise BadInput(missing_rate(lacking[0], ground.currency, lacking[1]))
    keys = sorted({value.partition("=")[0] for value in task.values})
    events = store.StoredEvents(fetch, organization_id, one.kind, periods, calendar, ground.currency, keys, task.values)
    cells = await one.function(events)
    family = task.key.partition(".")[0]
    sketched = {output for output in one.outputs if registry.measures[f"{family}.{output}"].sketch is not None}
    if faults := faults_of(cells, one, sketched, set(periods)):
        raise BadInput("; ".join(faults[:5]))
    return _Made(periods, cells)


async def _write(
    database: Database, registry: Registry, organization_id: int, now: datetime, task: _Task, made: _Made
) -> bool:
    """Record the cells, withdraw what is no longer said, and remember how far this went; False if another was first."""
    async with database.write(organization_id, action=ACTION, actor=SOURCE) as write:
        await write.wait_for_others()
        if await store.read_progress(write, task.key) != (task.ground.definition, task.ground.event_id):
            return False
        if terms_of(await read_terms(write), now, restates=True).are_closed(made.periods):
            write.action = RESTATE
        measures = await _measures(write, registry, task)
        stated = [_recordable(place, cell, measures[cell.measure]) for place, cell in enumerate(made.cells)]
        await state(write, SOURCE, stated)
        unsaid = await _retire(write, await _measures(write, registry, task), task, made)
        await mark(write, registry, now, {measure.key for measure in measures.values()}, unsaid)
        last = max(period.start for period in made.periods)
        if not task.is_anew and task.ground.last_start is not None:
            last = max(last, task.ground.last_start)
        await store.keep_failure(write, task.key, None, now)
        await store.keep_progress(write, task.key, task.definition, task.ground.newest or 0, last)
    return True


async def _measures(write: Write, registry: Registry, task: _Task) -> Mapping[str, Measured]:
    """The aggregate's measures by their keys in the family."""
    family, fetch = task.key.partition(".")[0], (await write.driver()).fetch
    keys = [f"{family}.{output}" for output in task.aggregate.outputs]
    found = await measures_of(fetch, registry, write.organization_id, keys, currency=task.ground.currency)
    return {key.partition(".")[2]: known for key, known in found.items()}


def _recordable(place: int, cell: Cell, measure: Measured) -> Recordable:
    value, sketch = cell.value, None
    if isinstance(value, Sparse):
        sketch, value = value, estimate(value) if measure.sketch is Sketch.DISTINCT else Decimal(count(value))
    text = format_value(value, measure.unit)
    return Recordable(place, measure, cell.segment, cell.period, value, text, sketch=sketch)


async def _retire(write: Write, measures: Mapping[str, Measured], task: _Task, made: _Made) -> Sequence[Record]:
    """Withdraw what was made of these periods before (or of all, when all is made anew) and is not any more."""
    ids = {key: measure.id for key, measure in measures.items() if measure.id is not None}
    starts = None if task.is_anew else [period.start for period in made.periods]
    said = [(ids[cell.measure], cell.segment, cell.period.start) for cell in made.cells]
    unsaid = await store.read_unsaid(write, SOURCE, list(ids.values()), task.aggregate.grain, starts, said)
    if unsaid:
        await withdraw(write, unsaid)
        await settle(write, unsaid)
        write.append()
    return unsaid
