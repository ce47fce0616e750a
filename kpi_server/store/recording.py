"""Recording observations: what a source has stated, what is new, and the keys by which a call may be repeated.

These statements run on the driver's own connection, in the write's transaction: arrays travel as arrays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import orjson

from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.recording import Recordable
from kpi_server.store.database import Write
from kpi_server.store.sql import statement

KEPT: Final = timedelta(hours=24)
"""How long an idempotency key is remembered."""

Cell = tuple[int, str, str]


@dataclass(frozen=True)
class Footing:
    """What recording starts from: the organization's calendar, and the number of its last write."""

    calendar: Calendar
    version: int


@dataclass(frozen=True)
class Repetition:
    """What was answered to the call that first bore an idempotency key, and what that call said."""

    digest: bytes
    answer: Mapping[str, Any]


async def read_footing(write: Write) -> Footing:
    """The organization as it is after every earlier write; later ones wait until this one has ended."""
    await write.wait_for_others()
    driver = await write.driver()
    # A connection keeps its plans, and one that is made while a table is empty would scan it when it has grown: these
    # statements reach every row by a key, so scans are off, and planning two dozen partitions once is enough.
    await driver.execute(
        "select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)"
    )
    row = await driver.fetchrow(
        "select calendar, time_zone, last from organizations join sequences on organization_id = id where id = $1",
        write.organization_id,
    )
    return Footing(parse_calendar(row["calendar"], row["time_zone"]), row["last"])


async def read_known(write: Write, source: str, cells: Sequence[Recordable]) -> Mapping[int, tuple[Decimal, str]]:
    """By their index, what the source stated last of these cells: value and text."""
    rows = await (await write.driver()).fetch(
        statement("observations_known"),
        write.organization_id,
        source,
        [one.kpi.kpi_id for one in cells],
        [one.segment for one in cells],
        [one.period.grain.value for one in cells],
        [one.period.start for one in cells],
    )
    return {cells[row["place"] - 1].index: (row["value"], row["text"]) for row in rows}


async def read_external(write: Write, source: str, external_ids: Sequence[str]) -> Mapping[str, Cell]:
    """What the source has meant by these ids of its own."""
    if not external_ids:
        return {}
    rows = await (await write.driver()).fetch(
        "select external_id, measure_id, segment, period from external_ids "
        "where organization_id = $1 and source = $2 and external_id = any ($3::text[])",
        write.organization_id,
        source,
        external_ids,
    )
    return {row["external_id"]: (row["measure_id"], row["segment"], row["period"]) for row in rows}


async def keep_external(write: Write, source: str, named: Sequence[Recordable]) -> None:
    """Remember what the source means by its ids."""
    if named:
        await (await write.driver()).execute(
            statement("keep_external_ids"),
            write.organization_id,
            source,
            [one.external_id for one in named],
            [one.kpi.kpi_id for one in named],
            [one.segment for one in named],
            [one.period.text for one in named],
        )


async def append(write: Write, source: str, new: Sequence[Recordable]) -> set[int]:
    """Append observations in the place of what stood, extend their series; whose latest value may be another now."""
    await write.start()
    await (await write.driver()).execute(
        statement("record_observations"),
        write.organization_id,
        write.batch_id,
        source,
        [one.kpi.kpi_id for one in new],
        [one.segment for one in new],
        [one.period.grain.value for one in new],
        [one.period.text for one in new],
        [one.period.start for one in new],
        [one.period.end for one in new],
        [one.value for one in new],
        [one.text for one in new],
        [one.index for one in new],
    )
    write.append()
    return await _extend(write, new)


async def _extend(write: Write, new: Iterable[Recordable]) -> set[int]:
    starts: dict[tuple[int, str, str], set[date]] = {}
    for one in new:
        starts.setdefault((one.kpi.kpi_id, one.segment, one.period.grain.value), set()).add(one.period.start)
    latest = {series: sorted(days) for series, days in starts.items()}
    rows = await (await write.driver()).fetch(
        statement("extend_series"),
        write.organization_id,
        *([series[part] for series in latest] for part in range(3)),
        [days[0] for days in latest.values()],
        [days[-2] if len(days) > 1 else None for days in latest.values()],
        [days[-1] for days in latest.values()],
    )
    # A value that is older than the two latest of its series can be neither current nor previous.
    return {
        row["measure_id"]
        for row in rows
        if row["previous_start"] is None
        or latest[row["measure_id"], row["segment"], row["grain"]][-1] >= row["previous_start"]
    }


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
