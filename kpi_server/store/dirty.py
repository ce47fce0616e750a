"""Which calculated values are to be calculated again: marked by whoever records, in the same transaction."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.period import Period, parse_period
from kpi_server.store.database import Write
from kpi_server.store.sql import array_text, statement

_AT_ONCE: Final = 50
"""How many rows of what was written are held at once; one has all periods of a measure that have the same segments."""


@dataclass(frozen=True)
class Written:
    """A measure and periods of which something was recorded or taken back, with the segments that it is of in each."""

    measure: str
    periods: Sequence[Period]
    segments: Sequence[str]


class Cell(NamedTuple):
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


def read_written(write: Write, taken_back: Sequence[Mapping[str, Any]], calendar: Calendar) -> AsyncIterator[Written]:
    """What the write recorded so far, and of these rows of observations which it took back."""
    taken = ([row[column] for row in taken_back] for column in ("measure_id", "segment", "grain", "period_start"))
    return _written(write, calendar, "written_in_batch", write.organization_id, write.batch_id, *taken)


def read_recorded(write: Write, measures: Collection[str], calendar: Calendar) -> AsyncIterator[Written]:
    """What was ever recorded of measures."""
    return _written(write, calendar, "recorded_ever", write.organization_id, list(measures))


def read_foreign(write: Write, measures: Collection[str], calendar: Calendar) -> AsyncIterator[Written]:
    """Where amounts of another currency stand for something."""
    return _written(write, calendar, "recorded_foreign", write.organization_id, list(measures))


async def _written(write: Write, calendar: Calendar, name: str, *parameters: Any) -> AsyncIterator[Written]:
    cursor = (await write.driver()).cursor(statement(name), *parameters, prefetch=_AT_ONCE)
    async for row in cursor:
        yield Written(row["key"], [parse_period(one, calendar) for one in row["periods"]], row["segments"])


async def keep_dirty(write: Write, cells: Collection[Cell]) -> None:
    """Mark cells; who is calculating one of them already does so in vain."""
    lines, periods = Places(), Places()
    placed = [lines[cell.kpi_id, cell.segment] for cell in cells], [periods[cell.period] for cell in cells]
    await (await write.driver()).execute(
        statement("mark_dirty"),
        write.organization_id,
        write.batch_id,
        *zip(*lines, strict=True),
        *columns_of(periods),
        *map(array_text, placed),
    )


class Places(dict[Any, int]):
    """Numbers what differs, from 1, in the order in which it came."""

    def __missing__(self, one: Any) -> int:
        self[one] = place = len(self) + 1
        return place


def columns_of(periods: Collection[Period]) -> Iterator[tuple[Any, ...]]:
    """Periods (at least one) as columns: grains, names, first days and the days after the last."""
    return zip(*((one.grain.value, one.text, one.start, one.end) for one in periods), strict=True)
