"""Calculated values as they are kept: which are to be calculated, and the revisions that come of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from kpi_server.domain.absence import Absent
from kpi_server.domain.calculation import Calculated
from kpi_server.domain.calendar import ISO, Calendar, parse_calendar
from kpi_server.domain.frame import Completeness
from kpi_server.domain.period import Grain, Period, parse_period
from kpi_server.store.database import Database, Write
from kpi_server.store.dirty import Places, columns_of
from kpi_server.store.reads import Fetch
from kpi_server.store.sql import array_text, statement

_PLANNED: Final = (
    "select set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)
"""Statements are planned for what they are given: a plan that is made while a table is empty would scan it for ever.

How many rows a line has is not known to the planner: thousands are not to be compared each with each.
"""


@dataclass(frozen=True, eq=False)
class Leased:
    """Cells of a KPI in a segment and at a grain that are to be calculated.

    `key` is that of the KPI, None where that is gone. `marked_in` are batches, one a period.
    """

    kpi_id: int
    key: str | None
    segment: str
    grain: Grain
    periods: tuple[Period, ...]
    marked_in: Sequence[int]


@dataclass(frozen=True)
class Lease:
    """Cells of KPIs that nobody else calculates until the lease runs out."""

    number: int
    lines: Sequence[Leased] = ()
    calendar: Calendar = ISO

    @property
    def cells(self) -> int:
        """How many there are."""
        return sum(len(line.periods) for line in self.lines)


Found = Mapping[Leased, tuple[int, Sequence[Calculated]]]
"""By which version of its formula each line was calculated, and what its cells are; without what is to be dropped."""


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
    lines = [
        Leased(
            *(row["kpi_id"], row["key"], row["segment"], Grain(row["grain"])),
            periods=tuple([parse_period(text, calendar) for text in row["periods"]]),
            marked_in=row["batches"],
        )
        for row in rows
    ]
    return Lease(write.batch_id, lines, calendar)


async def keep_computed(write: Write, leased: Lease, columns: Sequence[Any], now: datetime) -> tuple[int, int]:
    """Keep what came of cells, and drop the others; how many were done and changed.

    A cell that was marked again meanwhile, or that another worker took over, is left to its turn.
    """
    driver = await write.driver()
    await driver.execute(_PLANNED)
    row = await driver.fetchrow(
        statement("keep_computed"),
        *(write.organization_id, write.batch_id, write.action, write.actor, now, leased.number),
        *columns,
    )
    if row["changed"]:
        write.append()
    else:
        write.keep()
    return row["done"], row["changed"]


def columns_to_keep(leased: Sequence[Leased], found: Found) -> Iterator[Any]:
    """Cells as `keep_computed` takes them: what many have in common is sent once."""
    periods, findings = Places(), Places()
    lines, placed, said, marked, numbers = list[int](), list[int](), list[int](), list[int](), list[Decimal | str]()
    for number, line in enumerate(leased, 1):
        version, values = found.get(line) or (None, [_DROPPED] * len(line.periods))
        lines += [number] * len(line.periods)
        placed += [periods[period] for period in line.periods]
        said += [findings[_finding(value, version)] for value in values]
        marked += line.marked_in
        numbers += [value.outcome if isinstance(value.outcome, Decimal) else "null" for value in values]
    yield [line.kpi_id for line in leased]
    yield [line.segment for line in leased]
    yield [line.grain.value for line in leased]
    yield from zip(*(_reach(line.periods) for line in leased), strict=True)
    yield from islice(columns_of(periods), 1, None)  # their grains are those of the lines
    yield from zip(*(_said(*finding) for finding in findings), strict=True)
    for column in (lines, placed, said, marked, numbers):
        yield array_text(column)


def _reach(periods: Sequence[Period]) -> tuple[date, date]:
    """The first days of the first and of the last."""
    starts = [period.start for period in periods]
    return min(starts), max(starts)


_DROPPED: Final = Calculated("")

_Finding = tuple[str | Absent | None, Completeness | None, bool, int | None]
"""What many values have in common: the outcome if it is no number, what is known, whether it is stale, the version."""


def _finding(value: Calculated, version: int | None) -> _Finding:
    outcome = value.outcome
    return None if isinstance(outcome, Decimal) else outcome, value.completeness, value.stale, version


def _said(
    outcome: str | Absent | None, known: Completeness | None, stale: bool, version: int | None
) -> tuple[Any, ...]:
    """Text, absence, reason, what is known, whether it is stale, and the formula's version, if it is not dropped."""
    if version is None:
        return (None,) * 8
    absent = outcome if isinstance(outcome, Absent) else None
    return (
        outcome if isinstance(outcome, str) else None,
        None if absent is None else absent.absence.value,
        None if absent is None else absent.reason or None,
        *((None, None, None) if known is None else (known.known, known.of, known.grain.value)),
        stale,
        version,
    )
