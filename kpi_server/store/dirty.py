"""Which calculated values are to be calculated again: marked by whoever records, in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.period import Period, parse_period
from kpi_server.store.database import Write
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class Written:
    """A measure and a period of which something was recorded or taken back, with the segments that it is of."""

    measure: str
    period: Period
    segments: Sequence[str]


@dataclass(frozen=True)
class Cell:
    """A KPI's value at its own grain."""

    kpi_id: int
    segment: str
    period: Period


async def read_kpis(write: Write, keys: Collection[str]) -> tuple[Calendar, Mapping[str, int]]:
    """The organization's calendar, and the ids of those of these KPIs that it has."""
    rows = await (await write.driver()).fetch(
        "select organization.calendar, organization.time_zone, kpi.key, kpi.id from organizations as organization "
        "left join kpis as kpi on kpi.organization_id = organization.id and kpi.key = any ($2::text[]) "
        "where organization.id = $1",
        write.organization_id,
        list(keys),
    )
    calendar = parse_calendar(rows[0]["calendar"], rows[0]["time_zone"])
    return calendar, {row["key"]: row["id"] for row in rows if row["id"] is not None}


async def read_written(write: Write, taken_back: Sequence[Mapping[str, Any]], calendar: Calendar) -> list[Written]:
    """What the write recorded so far, and of these rows of observations which it took back."""
    rows = await (await write.driver()).fetch(
        statement("written_in_batch"),
        write.organization_id,
        write.batch_id,
        *([row[column] for row in taken_back] for column in ("measure_id", "segment", "grain", "period_start")),
    )
    return [Written(row["key"], parse_period(row["period"], calendar), row["segments"]) for row in rows]


async def read_recorded(write: Write, measure: str, calendar: Calendar) -> list[Written]:
    """What was ever recorded of a measure."""
    rows = await (await write.driver()).fetch(statement("recorded_ever"), write.organization_id, measure)
    return [Written(measure, parse_period(row["period"], calendar), row["segments"]) for row in rows]


async def read_foreign(write: Write, measures: Collection[str], calendar: Calendar) -> list[Written]:
    """Where amounts of another currency stand for something."""
    rows = await (await write.driver()).fetch(statement("recorded_foreign"), write.organization_id, list(measures))
    return [Written(row["key"], parse_period(row["period"], calendar), row["segments"]) for row in rows]


async def keep_dirty(write: Write, cells: Collection[Cell]) -> None:
    """Mark cells; who is calculating one of them already does so in vain."""
    if cells:
        ordered = sorted(cells, key=lambda cell: (cell.kpi_id, cell.segment, cell.period.start))
        await (await write.driver()).execute(
            statement("mark_dirty"),
            write.organization_id,
            write.batch_id,
            [cell.kpi_id for cell in ordered],
            [cell.segment for cell in ordered],
            [cell.period.grain.value for cell in ordered],
            [cell.period.text for cell in ordered],
            [cell.period.start for cell in ordered],
            [cell.period.end for cell in ordered],
        )
