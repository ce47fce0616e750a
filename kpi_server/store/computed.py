"""Calculated values as they are kept: which are to be calculated, and the revisions that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpi_server.domain.absence import Absent
from kpi_server.domain.calculation import Calculated
from kpi_server.domain.calendar import ISO, Calendar, parse_calendar
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.precision import trimmed
from kpi_server.store.database import Database, Write
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class Leased:
    """A cell that is to be calculated; `key` is that of its KPI, None where that is gone. `marked_in` is a batch."""

    kpi_id: int
    key: str | None
    segment: str
    period: Period
    marked_in: int


@dataclass(frozen=True)
class Lease:
    """Cells that nobody else calculates, until the lease runs out or somebody marks them again."""

    number: int
    cells: Sequence[Leased] = ()
    calendar: Calendar = ISO


async def dirty_organizations(database: Database, ids: Sequence[int], now: datetime) -> list[int]:
    """Those of these organizations for which there is something to calculate."""
    return [row["id"] for row in await database.glance(ids, statement("dirty_organizations"), ids, now)]


async def dirty_count(database: Database, organization_id: int) -> int:
    """How many values of an organization are to be calculated."""
    counting = "select count(*) as count from dirty_cells where organization_id = $1"
    (row,) = await database.glance([organization_id], counting, organization_id)
    return int(row["count"])


async def lease(write: Write, now: datetime, until: datetime, most: int) -> Lease:
    """Lease cells; the write's batch is the lease's number, and is never kept."""
    rows = await (await write.driver()).fetch(
        statement("claim_dirty"), write.organization_id, write.batch_id, now, until, most
    )
    write.keep()
    if not rows:
        return Lease(write.batch_id)
    calendar = parse_calendar(rows[0]["calendar"], rows[0]["time_zone"])
    cells = [
        Leased(row["kpi_id"], row["key"], row["segment"], parse_period(row["period"], calendar), row["batch_id"])
        for row in rows
    ]
    return Lease(write.batch_id, cells, calendar)


async def keep_computed(
    write: Write, leased: Lease, values: Sequence[tuple[Calculated, int] | None], now: datetime
) -> tuple[int, int]:
    """Keep what came of cells, each with its formula's version, or None to drop it; how many were done and changed.

    A cell that was marked again meanwhile, or that another worker took over, is left to its turn.
    """
    cells = leased.cells
    results = [_columns(value) for value in values]
    driver = await write.driver()
    # As in recording: a plan that is made while a table is empty must not scan it when it has grown.
    await driver.execute(
        "select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)"
    )
    row = await driver.fetchrow(
        statement("keep_computed"),
        *(write.organization_id, write.batch_id, write.action, write.actor, now, leased.number),
        [cell.kpi_id for cell in cells],
        [cell.segment for cell in cells],
        [cell.period.grain.value for cell in cells],
        [cell.period.start for cell in cells],
        [cell.marked_in for cell in cells],
        [cell.period.text for cell in cells],
        [cell.period.end for cell in cells],
        *([result[column] for result in results] for column in range(len(_NOTHING))),
    )
    if row["changed"]:
        write.append()
    else:
        write.keep()
    return row["done"], row["changed"]


_NOTHING: tuple[Any, ...] = (None,) * 9


def _columns(found: tuple[Calculated, int] | None) -> tuple[Any, ...]:
    """Value, text, absence, reason, what is known, whether it is stale, and the formula's version."""
    if found is None:
        return _NOTHING
    value, version = found
    outcome, known = value.outcome, value.completeness
    absent = outcome if isinstance(outcome, Absent) else None
    return (
        None if isinstance(outcome, Absent | str) else trimmed(outcome),
        outcome if isinstance(outcome, str) else None,
        None if absent is None else absent.absence.value,
        None if absent is None else absent.reason or None,
        None if known is None else known.known,
        None if known is None else known.of,
        None if known is None else known.grain.value,
        value.stale,
        version,
    )
