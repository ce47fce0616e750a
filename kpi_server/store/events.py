"""The event stream: recording events, and answering what aggregates ask of those of some periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson

from kpi_server.domain.aggregate import Aggregate, Movement, Sketched, Total, Touched
from kpi_server.domain.calendar import Calendar
from kpi_server.domain.event import Event
from kpi_server.domain.period import Grain, Period
from kpi_server.domain.sketch.histogram import bounds
from kpi_server.domain.sketch.sparse import Sparse
from kpi_server.store.database import Database, Write
from kpi_server.store.importing import Taken, taken
from kpi_server.store.organizations import directory
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class Appended:
    """How many events the source had sent before, and how many of its names were of others, with the first of these."""

    unchanged: int
    conflicts: int
    places: Sequence[int]
    names: Sequence[str]


async def append_events(write: Write, source: str, events: Sequence[Event]) -> Appended:
    """Record the events whose names are new; places are counted from 1."""
    return await _append(write, "events_in_call", source, len(events), _columns(events))


async def open_event_stage(write: Write) -> None:
    """Make the table in which events wait."""
    await (await write.driver()).execute(statement("staged_events"))


async def stage_events(write: Write, events: Sequence[Event]) -> None:
    """Add events to those that wait."""
    if events:
        rows = zip([one.place for one in events], *_columns(events), strict=True)
        await (await write.driver()).copy_records_to_table("staged_events", records=rows)


async def take_closed_events(write: Write, begin: datetime, end: datetime, told: int) -> Taken:
    """Take out events of a closed period, from its first moment up to the first after it."""
    return taken(await (await write.driver()).fetch(statement("staged_events_closed"), begin, end, told))


async def publish_events(write: Write, source: str, told: int) -> Appended:
    """Record what was staged."""
    await (await write.driver()).execute("analyze staged_events")
    return await _append(write, "events_in_file", source, told, ())


async def _append(write: Write, sent: str, source: str, told: int, columns: Sequence[Sequence[Any]]) -> Appended:
    row = await (await write.driver()).fetchrow(
        statement("record_events").format(sent=statement(sent)),
        *(write.organization_id, write.batch_id, source, told, write.action, write.actor, datetime.now(UTC)),
        *columns,
    )
    return Appended(*row.values())


def _columns(events: Sequence[Event]) -> tuple[list[Any], ...]:
    return (
        [one.kind for one in events],
        [one.subject for one in events],
        [one.occurred_at for one in events],
        [one.amount for one in events],
        [one.currency for one in events],
        [orjson.dumps(one.attributes).decode() for one in events],
        [one.external_id for one in events],
        [one.digest for one in events],
    )


@dataclass(frozen=True)
class Ground:
    """What aggregating starts from: the organization, the segments it tells apart, and how far an aggregate is."""

    currency: str
    calendar: str
    time_zone: str
    segments: Sequence[str]
    definition: str | None
    event_id: int
    last_start: date | None
    newest: int | None


async def organizations_with_events(database: Database) -> list[int]:
    """The organizations of which there are events."""
    ids = list((await directory(database)).values())
    return [row["id"] for row in await database.glance(ids, statement("organizations_with_events"), ids)]


async def read_ground(fetch: Fetch, organization_id: int, aggregate: str, kind: str) -> Ground:
    """How things stand with an aggregate; `newest` is the last event of its kind."""
    (row,) = await fetch(statement("aggregation_ground"), organization_id, aggregate, kind)
    return Ground(**row)


async def read_touched(
    fetch: Fetch, organization_id: int, aggregate: Aggregate, after: int, time_zone: str
) -> Sequence[Touched]:
    """The days that events after a given one touch."""
    question = statement("events_touching" if aggregate.lasting else "event_days")
    rows = await fetch(question, organization_id, aggregate.kind, after, time_zone)
    return [Touched(row["first"], row["last"]) for row in rows]


async def read_unconvertible(
    fetch: Fetch, organization_id: int, kind: str, after: int, ground: Ground
) -> tuple[str, date] | None:
    """The currency and the day of an event after a given one that no known rate converts; None if all can be."""
    rows = await fetch(statement("event_without_rate"), organization_id, kind, after, ground.currency, ground.time_zone)
    return (rows[0]["currency"], rows[0]["day"]) if rows else None


@dataclass(frozen=True)
class StoredEvents:
    """The events of some periods, as an aggregate asks for them."""

    fetch: Fetch
    organization_id: int
    kind: str
    periods: Sequence[Period]
    calendar: Calendar
    currency: str
    keys: Sequence[str]
    values: Sequence[str]

    async def distinct(self) -> Sequence[Sketched]:
        return self._sketched(await self._ask("event_subjects"))

    async def histogram(self) -> Sequence[Sketched]:
        return self._sketched(await self._ask("event_amounts", bounds()))

    async def totals(self) -> Sequence[Total]:
        rows = await self._ask("event_totals")
        return [Total(self._period(row), row["segment"], row["number"], row["amount"]) for row in rows]

    async def movements(self) -> Sequence[Movement]:
        rows = await self._ask("event_movements")
        return [Movement(self._period(row), *(row[name] for name in _MOVED)) for row in rows]

    async def _ask(self, question: str, *more: Any) -> Sequence[Record]:
        parts = {"segment": statement("segment_of_event"), "amount": statement("amount_of_event")}
        sql = statement(question).format(events=statement("events_of_periods").format(**parts), **parts)
        return await self.fetch(
            sql,
            self.organization_id,
            self.kind,
            [self.calendar.midnight(period.start) for period in self.periods],
            [self.calendar.midnight(period.end) for period in self.periods],
            self.keys,
            self.values,
            self.currency,
            self.calendar.time_zone,
            *more,
        )

    def _period(self, row: Record) -> Period:
        place: int = row["place"]
        return self.periods[place - 1]

    def _sketched(self, rows: Sequence[Record]) -> Sequence[Sketched]:
        return [
            Sketched(self._period(row), row["segment"], Sparse(tuple(row["places"]), tuple(row["amounts"])))
            for row in rows
        ]


_MOVED = ("segment", "opening", "entered", "grown", "shrunk", "gone", "closing")


async def keep_progress(write: Write, aggregate: str, definition: str, event_id: int, last_start: date) -> None:
    """Remember up to which event and period an aggregate is made."""
    await (await write.driver()).execute(
        "insert into aggregations (organization_id, aggregate, definition, event_id, last_start) "
        "values ($1, $2, $3, $4, $5) on conflict (organization_id, aggregate) do update "
        "set definition = excluded.definition, event_id = excluded.event_id, last_start = excluded.last_start",
        write.organization_id,
        aggregate,
        definition,
        event_id,
        last_start,
    )
    write.keep()


async def keep_failure(write: Write, aggregate: str, failure: str | None, now: datetime) -> None:
    """Remember why an aggregate could not be made, or that it could."""
    driver = await write.driver()
    await driver.execute(
        "delete from aggregation_failures where organization_id = $1 and aggregate = $2",
        write.organization_id,
        aggregate,
    )
    if failure is not None:
        await driver.execute(
            "insert into aggregation_failures (organization_id, aggregate, failed_at, failure) values ($1, $2, $3, $4)",
            write.organization_id,
            aggregate,
            now,
            failure,
        )
    write.keep()


async def read_progress(write: Write, aggregate: str) -> tuple[str | None, int]:
    """By which rules and up to which event an aggregate is made, as it is after every earlier write."""
    row = await (await write.driver()).fetchrow(
        "select definition, event_id from aggregations where organization_id = $1 and aggregate = $2",
        write.organization_id,
        aggregate,
    )
    return (None, 0) if row is None else (row["definition"], row["event_id"])


async def read_unsaid(
    write: Write,
    source: str,
    measures: Sequence[int],
    grain: Grain,
    starts: Sequence[date] | None,
    said: Sequence[tuple[int, str, date]],
) -> Sequence[Record]:
    """What a source stated of measures in the periods that begin so (None: in all) and does not say any more."""
    rows: Sequence[Record] = await (await write.driver()).fetch(
        statement("observations_unsaid"),
        write.organization_id,
        source,
        measures,
        grain.value,
        starts,
        *([cell[part] for cell in said] for part in range(3)),
    )
    return rows
