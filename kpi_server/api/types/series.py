"""Series as the schema shows them: points, and columns for those who draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import strawberry

from kpi_server.api.arguments import segment_text, series_window
from kpi_server.api.execution.obtaining import LATER, Ahead, Batch
from kpi_server.api.fields import computed
from kpi_server.api.request import Request
from kpi_server.api.scalars import Period
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import Unit, absence_of, number, unit_of
from kpi_server.domain.absence import Absence
from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.period import Grain, between, ordinal, period_of
from kpi_server.domain.series import MOST_POINTS, ends
from kpi_server.errors import BadInput
from kpi_server.services.series import SeriesPoints
from kpi_server.store.reads.series import SeriesKey
from kpi_server.store.sql import statement


@strawberry.type(description="The value of a KPI for one period: what was recorded, else what is printed of it.")
class Point:
    period: Period = strawberry.field(description="The period.")
    value: float | None = strawberry.field(description="The number, for charts.")
    exact: Decimal | None = strawberry.field(description="The number, exactly; ratios are fractions.")
    text: str | None = strawberry.field(description="Its words, as printed or recorded.")
    absence: Absence | None = strawberry.field(description="Why there is no number: NO_DATA for a gap.")
    source: Source | None = strawberry.field(description="Where it is from; null for a gap.")


@dataclass(frozen=True)
class SeriesColumns:
    """A series as its two columns."""

    periods: list[Period]
    values: list[float | None]


@strawberry.type(description="The values of one KPI over consecutive periods, without gaps: one entry for each period.")
class Series:
    grain: Grain = strawberry.field(description="The length of its periods.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    unit: Unit = strawberry.field(description="What its numbers are in.")
    found: strawberry.Private[SeriesPoints | SeriesColumns]

    @computed("The values one by one, the earliest first.")
    def points(self) -> list[Point]:
        return [
            Point(
                period=Period(period.text),
                value=None if row is None else number(row["value"]),
                exact=None if row is None else row["value"],
                text=None if row is None else row["text"],
                absence=Absence.NO_DATA
                if row is None
                else absence_of(row["value"], row["low"], row["id"], row["absence"], self.unit.notation),
                source=None if row is None else source_of(row),
            )
            for period, row in zip(self._points.periods, self._points.rows, strict=True)
        ]

    @computed("Its periods, as a column.")
    def periods(self) -> list[Period]:
        if isinstance(self.found, SeriesColumns):
            return self.found.periods
        return [Period(period.text) for period in self.found.periods]

    @computed("Its numbers for charts, as a column; null for a gap.")
    def values(self) -> list[float | None]:
        if isinstance(self.found, SeriesColumns):
            return self.found.values
        return [None if row is None else number(row["value"]) for row in self.found.rows]

    @computed("Its exact numbers, as a column; null for a gap.")
    def exact(self) -> list[Decimal | None]:
        return [None if row is None else row["value"] for row in self._points.rows]

    @property
    def _points(self) -> SeriesPoints:
        """The series with its rows: whoever reads columns alone selects nothing that asks for them."""
        if isinstance(self.found, SeriesColumns):
            raise TypeError("a series of columns has no rows")
        return self.found


def _given(arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is read ahead of a series whose two ends and grain are known; None for any other."""
    return _ahead(*(arguments.get(name) for name in ("grain", "from_", "to", "last", "segment")))


@lru_cache(maxsize=256)
def _ahead(
    grain: Grain | None, start: str | None, end: str | None, last: int | None, segment: str | None
) -> Mapping[str, Any] | None:
    if grain is None or start is None or end is None:
        return None
    try:
        found = ends(grain, series_window(start, end, last), None)
    except BadInput:  # an organization with another calendar may have a week 53 then
        return None
    if found is None:
        return None
    return {
        "first": found[0].start,
        "last": found[1].start,
        # So many days are all days; longer periods may be those of a calendar given up, and are always told.
        "enough": ordinal(found[1]) - ordinal(found[0]) + 1 if grain is Grain.DAY else MOST_POINTS + 1,
        "pattern": _NAMES[grain],
        "segment": segment_text(segment),
        "grain": str(grain),
    }


@dataclass(frozen=True)
class _Spine:
    """Consecutive periods: their names, and the place of each by its first day."""

    names: list[Period]
    places: Mapping[date, int]


@lru_cache(maxsize=16)
def _spine(grain: Grain, first: date, last: date) -> _Spine:
    """The periods between two first days: the same few windows are asked for again and again."""
    periods = between(period_of(first, grain), period_of(last, grain))
    return _Spine(
        [Period(period.text) for period in periods], {period.start: place for place, period in enumerate(periods)}
    )


def _at_once(row: Mapping[str, Any], **arguments: Any) -> Any:
    given = None if row["known"] is None else _given(arguments)
    if given is None:
        return LATER
    grain = Grain(given["grain"])
    spine = _spine(grain, given["first"], given["last"])
    values = row["values"] if row["starts"] is None and row["known"] else _with_gaps(row, spine.places)
    columns = SeriesColumns(spine.names, values)
    return Series(grain=grain, segment=given["segment"], unit=unit_of(row["unit"]), found=columns)


def _with_gaps(row: Mapping[str, Any], places: Mapping[date, int]) -> list[float | None]:
    values: list[float | None] = [None] * len(places)
    for start, value in zip(row["starts"] or (), row["values"] or (), strict=True):
        if start in places:
            values[places[start]] = value
    return values


async def series_of(
    context: Request,
    rows: Sequence[Mapping[str, Any]],
    *,
    grain: Grain | None = None,
    from_: str | None = None,
    to: str | None = None,
    last: int | None = None,
    segment: str | None = None,
) -> list[Any]:
    """The series of KPIs, or for each what keeps it from being shown.

    Raises:
        BadInput: the arguments name no window or no segment.
    """
    wanted = segment_text(segment)
    calendars = [parse_calendar(row["calendar"]) for row in rows]
    keys = [
        SeriesKey(row["organization_id"], row["id"], wanted, grain, series_window(from_, to, last, calendar), calendar)
        for row, calendar in zip(rows, calendars, strict=True)
    ]
    return [
        Series(grain=found.grain, segment=wanted, unit=unit_of(row["unit"]), found=found)
        if isinstance(found, SeriesPoints)
        else found
        for row, found in zip(rows, await context.loaders.series.load_many(keys), strict=True)
    ]


_NAMES: Final[Mapping[Grain, str]] = {
    Grain.DAY: "____-__-__",
    Grain.WEEK: "____-W__",
    Grain.MONTH: "____-__",
    Grain.QUARTER: "____-Q_",
    Grain.YEAR: "____",
}
"""How the names of periods look, by grain, for `like`."""

SERIES: Final = Batch(
    series_of,
    ("organization_id", "id", "unit", "calendar"),
    Ahead(
        statement("series_ahead"),
        ("known", "values", "starts"),
        _given,
        {
            "first": "date",
            "last": "date",
            "enough": "bigint",
            "pattern": "text",
            "segment": "text",
            "grain": "text",
        },
        frozenset({"grain", "segment", "unit", "periods", "values", "__typename"}),
        _at_once,
    ),
)
