"""Recording observations: what a source has stated, what is new, and the keys by which a call may be repeated.

These statements run on the driver's own connection, in the write's transaction: arrays travel as arrays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.recording import Measured, Recordable
from kpi_server.domain.retracting import Stated
from kpi_server.store.database import Write
from kpi_server.store.reads import Record
from kpi_server.store.sql import array_text, statement

KEPT: Final = timedelta(hours=24)
"""How long an idempotency key is remembered."""

Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Footing:
    """What recording starts from: calendar, currency, last number, what is closed, how segments are told apart."""

    calendar: Calendar
    currency: str
    version: int
    closed: tuple[Period, ...] = ()
    segment_keys: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Appended:
    """How many values were new, how many took the place of others of their source, and what is to be judged."""

    recorded: int
    corrected: int
    touched: Sequence[int]


@dataclass(frozen=True)
class Repetition:
    """What was answered to the call that first bore an idempotency key, and what that call said."""

    digest: bytes
    answer: Mapping[str, Any]


async def read_terms(write: Write) -> Footing:
    """The organization as it is now."""
    row = await (await write.driver()).fetchrow(
        "select calendar, time_zone, currency, last, "
        "array(select period from closed_periods where organization_id = $1 and ended_in is null) as closed, "
        "array(select split_part(key, '=', 1) from segments where organization_id = $1) as segment_keys "
        "from organizations join sequences as numbers on numbers.organization_id = id where id = $1",
        write.organization_id,
    )
    calendar = parse_calendar(row["calendar"], row["time_zone"])
    closed = tuple(parse_period(text, calendar) for text in row["closed"])
    return Footing(calendar, row["currency"], row["last"], closed, frozenset(row["segment_keys"]))


async def read_external(write: Write, source: str, external_ids: Sequence[str]) -> Mapping[str, tuple[int, Cell]]:
    """What the source has meant by these ids of its own: measures by id, and the cells."""
    if not external_ids:
        return {}
    rows = await (await write.driver()).fetch(
        "select external_id, measure_id, measure.key, segment, period from external_ids as named "
        "join measures as measure on measure.organization_id = $1 and measure.id = named.measure_id "
        "where named.organization_id = $1 and source = $2 and external_id = any ($3::text[])",
        write.organization_id,
        source,
        external_ids,
    )
    return {row["external_id"]: (row["measure_id"], (row["key"], row["segment"], row["period"])) for row in rows}


async def read_stated(write: Write, source: str, cells: Sequence[Stated]) -> Mapping[int, Record]:
    """What the source has stated of these cells, by their places; nothing of those of which it never did."""
    rows = await (await write.driver()).fetch(
        statement("stated_of_cells"),
        write.organization_id,
        source,
        [cell.measure_id for cell in cells],
        [cell.segment for cell in cells],
        [cell.period.grain.value for cell in cells],
        [cell.period.start for cell in cells],
    )
    return {cells[row["place"] - 1].place: row for row in rows}


async def keep_external(write: Write, source: str, named: Sequence[Recordable], ids: Mapping[str, int]) -> None:
    """Remember what the source means by its ids."""
    if named:
        await (await write.driver()).execute(
            statement("keep_external_ids"),
            write.organization_id,
            source,
            [one.external_id for one in named],
            [ids[one.measure.key] for one in named],
            [one.segment for one in named],
            [one.period.text for one in named],
        )


async def ids_of(write: Write, measures: Iterable[Measured]) -> Mapping[str, int]:
    """The id of each measure by its key; those of which nothing was recorded before get one."""
    known = {measure.key: measure.id for measure in measures}
    new = sorted(key for key, number in known.items() if number is None)
    if new:
        await write.start()
        rows = await (await write.driver()).fetch(
            "insert into measures (organization_id, id, key, batch_id) "
            "select $1, nextval('entity_ids'), key, $2 from unnest($3::text[]) as key returning key, id",
            write.organization_id,
            write.batch_id,
            new,
        )
        known |= {row["key"]: row["id"] for row in rows}
    return {key: number for key, number in known.items() if number is not None}


async def append(
    write: Write, source: str, stated: Sequence[Recordable], ids: Mapping[str, int], *, origin: str = "API"
) -> Appended:
    """Append what is new of these values in the place of what stood, and extend their series."""
    _, measures, segments, when, values, texts, _, currencies, sketches = zip(*stated, strict=True)
    periods = {period.text: period for period in when}
    numbers = {text: number for number, text in enumerate(periods, start=1)}
    row = await (await write.driver()).fetchrow(
        statement("record_observations").format(sent=statement("sent_in_call"), order="position"),
        *(write.organization_id, write.batch_id, write.action, write.actor, datetime.now(UTC), source, origin),
        [period.grain.value for period in periods.values()],
        [period.text for period in periods.values()],
        [period.start for period in periods.values()],
        [period.end for period in periods.values()],
        array_text([ids[measure.key] for measure in measures]),
        array_text([numbers[period.text] for period in when]),
        array_text(values),
        texts,
        _some(segments),
        _some(currencies),
        _some([sketch and array_text(sketch.places) for sketch in sketches]),
        _some([sketch and array_text(sketch.amounts) for sketch in sketches]),
    )
    appended = Appended(*row.values())
    if appended.recorded or appended.corrected:
        write.append()
    return appended


def _some(column: Sequence[Any]) -> Sequence[Any]:
    """A column in which something stands; nothing at all costs nothing to send."""
    return column if any(column) else ()


async def read_repetition(write: Write, principal_id: int, key: str, now: datetime) -> Repetition | None:
    """What was answered to this key before; keys that are too old are forgotten first."""
    driver = await write.driver()
    await driver.execute(
        "delete from idempotency_keys where organization_id = $1 and recorded_at < $2",
        write.organization_id,
        now - KEPT,
    )
    row = await driver.fetchrow(
        "select digest, answer::text from idempotency_keys "
        "where organization_id = $1 and principal_id = $2 and key = $3",
        write.organization_id,
        principal_id,
        key,
    )
    return None if row is None else Repetition(row["digest"], orjson.loads(row["answer"]))


async def keep_repetition(write: Write, principal_id: int, key: str, now: datetime, first: Repetition) -> None:
    """Remember what is answered to a key; the write commits even if nothing else is in it."""
    await (await write.driver()).execute(
        "insert into idempotency_keys (organization_id, principal_id, key, digest, answer, recorded_at) "
        "values ($1, $2, $3, $4, $5::text::jsonb, $6)",
        write.organization_id,
        principal_id,
        key,
        first.digest,
        orjson.dumps(first.answer).decode(),
        now,
    )
    write.keep()


async def number_of(write: Write, batch_id: int | None) -> int | None:
    """The number of an earlier write; None for none."""
    number: int | None = await (await write.driver()).fetchval(
        "select sequence from batches where organization_id = $1 and id = $2", write.organization_id, batch_id
    )
    return number
