"""The value of a KPI in a period that is asked for: as somebody states it, or as it is computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kpi_server.api.arguments import segment_text
from kpi_server.api.execution.obtaining import Batch
from kpi_server.api.request import Request
from kpi_server.api.scalars import Period
from kpi_server.api.types.calculation import Calculation, calculation_of
from kpi_server.api.types.source import source_of
from kpi_server.api.types.value import ReportedFigure, Unit, Value, absence_of, formatted, number
from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculated, Wanted
from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.period import Period as Days
from kpi_server.domain.period import parse_period
from kpi_server.domain.precision import trimmed
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.series import Window
from kpi_server.domain.unit import Unit as DomainUnit
from kpi_server.domain.unit import parse_unit
from kpi_server.services.calculation.calculating import Books
from kpi_server.services.series import SeriesPoints
from kpi_server.store.reads import Record
from kpi_server.store.reads.series import SeriesKey


@dataclass(frozen=True)
class KpiPlace:
    """A KPI and where its periods and days are from."""

    organization_id: int
    kpi_id: int
    key: str
    unit: DomainUnit
    calendar: Calendar

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "KpiPlace":
        """Of the columns that `NEEDS` names."""
        return cls(
            row["organization_id"],
            row["id"],
            row["key"],
            parse_unit(row["unit"]),
            parse_calendar(row["calendar"], row["time_zone"]),
        )

    def books(self, now: datetime, *, generated: bool = True) -> Books:
        return Books(self.organization_id, self.calendar.day(now), generated)


NEEDS: Final = ("organization_id", "id", "key", "unit", "calendar", "time_zone")


async def values_of(
    context: Request,
    rows: Sequence[Mapping[str, Any]],
    *,
    period: str,
    segment: str | None = None,
    basis: ValueBasis | None = None,
    generated: bool = True,
) -> list[Any]:
    """The values of KPIs in a period, or for each what keeps it from being shown.

    Raises:
        BadInput: the arguments name no period or no segment.
    """
    places = [KpiPlace.of(row) for row in rows]
    days = [parse_period(period, place.calendar) for place in places]
    wanted = segment_text(segment)
    stated: Sequence[Value | None] = [None] * len(places)
    if basis is not ValueBasis.COMPUTED:
        stated = await _stated(context, places, days, wanted)
    if basis is ValueBasis.REPORTED:
        return [value or _nothing(place, day, wanted) for place, day, value in zip(places, days, stated, strict=True)]
    lacking = [number for number, value in enumerate(stated) if value is None]
    cells = [(places[one], days[one]) for one in lacking]
    computed = await computed_values(context, cells, wanted, generated=generated)
    found = dict(zip(lacking, computed, strict=True))
    return [value or found[number] for number, value in enumerate(stated)]


async def computed_values(
    context: Request, cells: Sequence[tuple[KpiPlace, Days]], segment: str, *, generated: bool = True
) -> list[Value]:
    """The computed values of KPIs, each in its period."""
    asked = [
        (place.books(context.now, generated=generated), Wanted(place.key, segment, period)) for place, period in cells
    ]
    values = await context.loaders.values.load_many(asked)
    return [
        computed_value(value, place, wanted, books)
        for (place, _), (books, wanted), value in zip(cells, asked, values, strict=True)
    ]


def computed_value(calculated: Calculated, place: KpiPlace, wanted: Wanted, books: Books) -> Value:
    """A computed value as the schema shows it."""
    outcome, completeness = calculated.outcome, calculated.completeness
    absent = outcome if isinstance(outcome, Absent) else None
    exact = None if isinstance(outcome, Absent | str) else trimmed(outcome)
    return Value(
        value=number(exact),
        exact=exact,
        low=None,
        high=None,
        at_least=False,
        text=outcome if isinstance(outcome, str) else None,
        formatted=formatted(exact, None, None, place.unit),
        unit=Unit.shown(place.unit),
        period=Period(wanted.period.text),
        segment=wanted.segment,
        absence=None if absent is None else absent.absence,
        figure=None,
        source=None,
        basis=ValueBasis.COMPUTED,
        reason=None if absent is None else absent.reason or None,
        complete=None if completeness is None else completeness.complete,
        completeness=None if completeness is None else str(completeness),
        stale=calculated.stale,
        pending=calculated.pending,
        kept_in=None if calculated.kept_in is None else (place.organization_id, calculated.kept_in),
        unfinished=wanted.period.end > books.today,
    )


async def _stated(
    context: Request, places: Sequence[KpiPlace], days: Sequence[Days], segment: str
) -> list[Value | None]:
    """What is recorded of each period, else what is printed of it."""
    keys = [
        SeriesKey(place.organization_id, place.kpi_id, segment, day.grain, Window(day.start, day.end), place.calendar)
        for place, day in zip(places, days, strict=True)
    ]
    found = await context.loaders.series.load_many(keys)
    rows = [series.rows[0] if isinstance(series, SeriesPoints) and series.rows else None for series in found]
    printed = [(row["organization_id"], row["id"]) for row in rows if row is not None and not row["is_recorded"]]
    figures = await context.loaders.row("reported_figures").load_many(printed)
    known = {figure["id"]: figure for figure in figures if figure is not None}
    return [
        None if row is None else _shown(row, known.get(row["id"]), place, day, segment)
        for row, place, day in zip(rows, places, days, strict=True)
    ]


def _shown(row: Record, figure: Record | None, place: KpiPlace, period: Days, segment: str) -> Value:
    high = None if figure is None else figure["high"]
    return Value(
        value=number(row["value"]),
        exact=row["value"],
        low=row["low"],
        high=high,
        at_least=figure is not None and figure["at_least"],
        text=row["text"],
        formatted=formatted(row["value"], row["low"], high, place.unit),
        unit=Unit.shown(place.unit),
        period=Period(period.text),
        segment=segment,
        absence=absence_of(row["value"], row["low"], row["id"], row["absence"], str(place.unit)),
        figure=None if figure is None else ReportedFigure.of(figure),
        source=source_of(row),
    )


def _nothing(place: KpiPlace, period: Days, segment: str) -> Value:
    absent = Absent(Absence.NO_DATA, f"nothing is reported of {place.key} for {period}")
    return Value(
        value=None, exact=None, low=None, high=None, at_least=False, text=None, formatted=None,
        unit=Unit.shown(place.unit), period=Period(period.text), segment=segment, absence=absent.absence, figure=None,
        source=None, reason=absent.reason,
    )  # fmt: skip


VALUE: Final = Batch(values_of, NEEDS)


async def computed_of(
    context: Request,
    rows: Sequence[Mapping[str, Any]],
    *,
    period: str | None = None,
    segment: str | None = None,
    generated: bool = True,
) -> list[Any]:
    """The computed values of KPIs that are calculated; without a period that of the current value, where it has one.

    Raises:
        BadInput: the arguments name no period or no segment.
    """
    wanted = segment_text(segment)
    cells: dict[int, tuple[KpiPlace, Days]] = {}
    for number_, row in enumerate(rows):
        place = KpiPlace.of(row)
        text = period or row["standing.period"]
        if text is not None and place.key in context.registry.calculators:
            cells[number_] = place, parse_period(text, place.calendar)
    values = await computed_values(context, list(cells.values()), wanted, generated=generated)
    found = dict(zip(cells, values, strict=True))
    return [found.get(number_) for number_ in range(len(rows))]


COMPUTED: Final = Batch(computed_of, (*NEEDS, "standing.period"))


async def calculation_in(context: Request, place: KpiPlace, period: str, segment: str) -> Calculation | None:
    """How a KPI is calculated in a period.

    Raises:
        BadInput: there is no such period.
    """
    books, wanted = place.books(context.now), Wanted(place.key, segment, parse_period(period, place.calendar))
    value = await context.loaders.calculated.load((books, wanted))
    return calculation_of(context.registry, books, wanted, value)
