"""Calculated values as they are kept: which are to be calculated, and the revisions that come of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from kpi_server.domain.absence import Absent
from kpi_server.domain.calculation import Calculated
from kpi_server.domain.calendar import ISO, Calendar, parse_calendar
from kpi_server.domain.period import Period, parse_period
from kpi_server.store.database import Database, Write
from kpi_server.store.dirty import Places, columns_of
from kpi_server.store.reads import Fetch
from kpi_server.store.recording import array_text
from kpi_server.store.sql import statement

_PLANNED: Final = (
    "select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""Statements are planned for what they are given: a plan that is made while a table is empty would scan it for ever.

How many rows a line has is not known to the planner: thousands are not to be compared each with each.
"""


class Leased(NamedTuple):
    """A cell that is to be calculated; `key` is that of its KPI, None where that is gone. `marked_in` is a batch."""

    kpi_id: int
    key: str | None
    segment: str
    period: Period
    marked_in: int


@dataclass(frozen=True)
class Lease:
    """Cells of KPIs that nobody else calculates until the lease runs out."""

    number: int
    cells: Sequence[Leased] = ()
    calendar: Calendar = ISO


async def dirty_organizations(database: Database, ids: Sequence[int]) -> list[int]:
    """Those of these organizations for which there is something to calculate."""
    return [row["id"] for row in await database.glance(ids, statement("dirty_organizations"), ids)]


async def dirty_count(database: Database, organization_id: int) -> int:
    """How many values of an organization are to be calculated."""
    counting = "select count(*) as count from dirty_cells where organization_id = $1"
    (row,) = await database.glance([organization_id], counting, organization_id)
    return int(row["count"])


async def read_bases(write: Write) -> Mapping[int, str]:
    """By what the values of each KPI were calculated."""
    rows = await (await write.driver()).fetch(
        "select kpi_id, basis from calculation_bases where organization_id = $1", write.organization_id
    )
    return {row["kpi_id"]: row["basis"] for row in rows}


async def keep_bases(write: Write, bases: Mapping[int, str], others: Collection[int], now: datetime) -> None:
    """Keep by what KPIs are calculated now; of the others, revisions of what is not marked stand no longer."""
    driver = await write.driver()
    await driver.execute(statement("keep_bases"), write.organization_id, list(bases), list(bases.values()))
    ended = await driver.fetchval(
        statement("end_computed"),
        *(write.organization_id, write.batch_id, write.action, write.actor, now, list(others)),
    )
    if ended:
        write.append()
    else:
        write.keep()


async def switched(fetch: Fetch, organization_id: int) -> frozenset[int]:
    """The KPIs whose computed values are current."""
    reading = "select id from kpis where organization_id = $1 and basis = 'COMPUTED'"
    return frozenset(row["id"] for row in await fetch(reading, organization_id))


async def end_all(write: Write, kpi_ids: Sequence[int]) -> None:
    """Let nothing stand that is kept of these KPIs."""
    await write.start()
    await (await write.driver()).execute(
        "update computed_values set ended_in = $2 "
        "where organization_id = $1 and kpi_id = any ($3::bigint[]) and ended_in is null",
        write.organization_id,
        write.batch_id,
        list(kpi_ids),
    )
    write.append()


async def lease(write: Write, now: datetime, until: datetime, most: int) -> Lease:
    """Lease cells; the write's batch is the lease's number, and is never kept."""
    driver = await write.driver()
    await driver.execute(_PLANNED)
    await driver.execute("select pg_advisory_xact_lock(hashtext('leases'), hashint8($1))", write.organization_id)
    rows = await driver.fetch(statement("claim_dirty"), write.organization_id, write.batch_id, now, until, most)
    write.keep()
    if not rows:
        return Lease(write.batch_id)
    calendar = parse_calendar(rows[0]["calendar"], rows[0]["time_zone"])
    periods = {text: parse_period(text, calendar) for text in {row["period"] for row in rows}}
    cells = [
        Leased(kpi_id, key, segment, periods[period], marked_in) for kpi_id, key, segment, period, marked_in, *_ in rows
    ]
    return Lease(write.batch_id, cells, calendar)


async def keep_computed(
    write: Write, leased: Lease, values: Sequence[tuple[Calculated, int] | None], now: datetime
) -> tuple[int, int]:
    """Keep what came of cells, each with its formula's version, or None to drop it; how many were done and changed.

    A cell that was marked again meanwhile, or that another worker took over, is left to its turn.
    """
    driver = await write.driver()
    await driver.execute(_PLANNED)
    row = await driver.fetchrow(
        statement("keep_computed"),
        *(write.organization_id, write.batch_id, write.action, write.actor, now, leased.number),
        *_columns(leased.cells, values),
    )
    if row["changed"]:
        write.append()
    else:
        write.keep()
    return row["done"], row["changed"]


def _columns(cells: Sequence[Leased], values: Sequence[tuple[Calculated, int] | None]) -> Iterator[Any]:
    """Cells as the statement takes them: what many have in common is sent once."""
    lines, periods, findings = Places(), Places(), Places()
    placed = (
        [lines[cell.kpi_id, cell.segment] for cell in cells],
        [periods[cell.period] for cell in cells],
        [findings[_finding(value)] for value in values],
        [cell.marked_in for cell in cells],
        [_number(value) for value in values],
    )
    yield from zip(*lines, strict=True)
    yield from columns_of(periods)
    yield from zip(*findings, strict=True)
    for column in placed:
        yield array_text(column)


def _number(found: tuple[Calculated, int] | None) -> Decimal | str:
    outcome = None if found is None else found[0].outcome
    return outcome if isinstance(outcome, Decimal) else "null"


_NOTHING: Final = (None,) * 8


def _finding(found: tuple[Calculated, int] | None) -> tuple[Any, ...]:
    """Text, absence, reason, what is known, whether it is stale, and the formula's version."""
    if found is None:
        return _NOTHING
    value, version = found
    outcome, known = value.outcome, value.completeness
    absent = outcome if isinstance(outcome, Absent) else None
    return (
        outcome if isinstance(outcome, str) else None,
        None if absent is None else absent.absence.value,
        None if absent is None else absent.reason or None,
        *((None, None, None) if known is None else (known.known, known.of, known.grain.value)),
        value.stale,
        version,
    )
