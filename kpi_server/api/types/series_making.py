"""Series of KPIs as they are asked for: stated where somebody states anything, else computed; by parts, compared."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from kpi_server.api.arguments import segment_text, series_window
from kpi_server.api.execution.obtaining import Batch
from kpi_server.api.request import Request
from kpi_server.api.types.period_value import NEEDS, KpiPlace
from kpi_server.api.types.series import Compared, ComputedPoints, Series, number_of
from kpi_server.api.types.series_ahead import COLUMNS
from kpi_server.api.types.value import Unit
from kpi_server.domain.calculation import Wanted
from kpi_server.domain.comparison import Alignment, Comparison, compared_period
from kpi_server.domain.period import Grain, Period
from kpi_server.domain.segment import projected, read_segment
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.series import Extent, Window, spine
from kpi_server.errors import TooMany, UserError
from kpi_server.services.series import MOST_TOGETHER, SeriesPoints
from kpi_server.store.reads.series import SeriesKey

MOST_GROUPS: Final = 200
"""The most segments along `by` that are shown of one KPI."""


@dataclass(frozen=True)
class SeriesArguments:
    """What is asked of series."""

    grain: Grain | None = None
    from_: str | None = None
    to: str | None = None
    last: int | None = None
    segment: str = ""
    by: tuple[str, ...] = ()
    comparison: Comparison | None = None
    alignment: Alignment | None = None
    basis: ValueBasis | None = None
    generated: bool = True


@dataclass(frozen=True)
class _Line:
    """One series that is wanted: of a KPI in a segment."""

    place: KpiPlace
    segment: str
    window: Window
    today: date


async def series_of(
    context: Request,
    rows: Sequence[Mapping[str, Any]],
    *,
    segment: str | None = None,
    by: Sequence[str] | None = None,
    **arguments: Any,
) -> list[Any]:
    """The series of KPIs, or for each what keeps it from being shown.

    Raises:
        BadInput: the arguments name no window, segment or key.
    """
    asked = SeriesArguments(segment=segment_text(segment), by=segment_keys(by), **arguments)
    return await series_at([KpiPlace.of(row) for row in rows], context, asked)


async def series_at(places: Sequence[KpiPlace], context: Request, asked: SeriesArguments) -> list[Any]:
    """The series of KPIs and measures, or for each what keeps it from being shown.

    Raises:
        BadInput: the arguments name no window.
    """
    lines = [_line(context, place, asked) for place in places]
    groups: list[Any] = [[] for _ in lines]
    if asked.by:
        groups = await asyncio.gather(*(_groups(context, line, asked) for line in lines))
    every = [*lines, *(one for group in groups for one in group)]
    made = await _Making(context, asked).all(every)
    found, parts = made[: len(lines)], iter(made[len(lines) :])
    return [_grouped(one, [next(parts) for _ in group]) for one, group in zip(found, groups, strict=True)]


def _line(context: Request, place: KpiPlace, asked: SeriesArguments) -> _Line:
    window = series_window(asked.from_, asked.to, asked.last, place.calendar)
    return _Line(place, asked.segment, window, place.calendar.day(context.now))


def _grouped(found: Any, parts: Sequence[Any]) -> Any:
    broken = next((part for part in parts if isinstance(part, Exception)), None)
    if broken is not None or not isinstance(found, Series):
        return broken or found
    return replace(found, groups=[part for part in parts if part is not None])


def segment_keys(by: Sequence[str] | None) -> tuple[str, ...]:
    """Segment keys, sorted.

    Raises:
        BadInput: one is no key, or is named twice.
    """
    segment = read_segment(",".join(f"{key}=any" for key in by or ()))
    return tuple(key for key, _ in segment.pairs)


async def _groups(context: Request, line: _Line, asked: SeriesArguments) -> list[_Line]:
    """A line for each segment of these keys inside of the line's own of which anything is recorded."""
    keys = _recorded_for(context, line.place)
    found = await context.loaders.recorded_series.load_many([(line.place.organization_id, key) for key in keys])
    own = read_segment(line.segment)
    segments = {
        str(part)
        for rows in found
        for row in rows
        if (part := projected(read_segment(row["segment"]), own, asked.by)) is not None
    }
    if len(segments) > MOST_GROUPS:
        raise TooMany(
            f"{line.place.key} has {len(segments)} segments by {', '.join(asked.by)}; {MOST_GROUPS} are allowed: "
            "ask for part of them by `segment`."
        )
    return [replace(line, segment=segment) for segment in sorted(segments)]


def _recorded_for(context: Request, place: KpiPlace) -> tuple[str, ...]:
    """The measures that say anything of a KPI: its own values, and what it is computed from."""
    calculator = context.registry.calculators.get(place.key)
    return (place.key, *(() if calculator is None else calculator.leaves))


class _Making:
    """The series of one level of an answer, with as few statements as they take together."""

    def __init__(self, context: Request, asked: SeriesArguments) -> None:
        self._context = context
        self._asked = asked

    async def all(self, lines: Sequence[_Line]) -> list[Any]:
        """A series for each line, an error, or None where nothing says what is wanted."""
        basis = self._asked.basis
        stated: list[Any] = [None] * len(lines)
        if basis is not ValueBasis.COMPUTED:
            read = await self._points([(line, line.window, self._asked.grain) for line in lines])
            stated = [self._aligned(line, one) for line, one in zip(lines, read, strict=True)]
        lacking = (
            [] if basis is ValueBasis.REPORTED else [n for n, one in enumerate(stated) if self._lacks(lines[n], one)]
        )
        computed = dict(zip(lacking, await self._computed([lines[number] for number in lacking]), strict=True))
        kept = {n: one for n, one in enumerate(stated) if computed.get(n) is None and isinstance(one, SeriesPoints)}
        before = await self._stated_before([(lines[number], one) for number, one in kept.items()])
        shown = {
            number: self._series(lines[number], one, compared)
            for (number, one), compared in zip(kept.items(), before, strict=True)
        }
        return [computed.get(number) or shown.get(number, stated[number]) for number in range(len(lines))]

    def _lacks(self, line: _Line, stated: Any) -> bool:
        """Whether a series is to be computed: nothing is stated of it, and it can be."""
        registry = self._context.registry
        can_be = line.place.key in registry.calculators or line.place.key in registry.measures
        if not can_be or isinstance(stated, Exception):
            return False
        return stated is None or all(row is None for row in stated.rows)

    async def _points(self, wanted: Sequence[tuple[_Line, Window, Grain | None]]) -> list[Any]:
        keys = [
            SeriesKey(line.place.organization_id, line.place.kpi_id, line.segment, grain, window, line.place.calendar)
            for line, window, grain in wanted
        ]
        return list(await self._context.loaders.series.load_many(keys))

    def _aligned(self, line: _Line, found: Any) -> Any:
        if self._asked.alignment is not Alignment.COMPLETE or not isinstance(found, SeriesPoints):
            return found
        ended = sum(period.end <= line.today for period in found.periods)
        return replace(found, periods=found.periods[:ended], rows=found.rows[:ended])

    async def _stated_before(self, shown: Sequence[tuple[_Line, SeriesPoints]]) -> list[Compared | None]:
        """What is stated of the earlier periods; of a part of one nothing is."""
        if self._asked.comparison is None or not shown:
            return [None] * len(shown)
        periods = [[self._earlier(line, period) for period in one.periods] for line, one in shown]
        wanted = [(line, _window_of(earlier), one.grain) for (line, one), earlier in zip(shown, periods, strict=True)]
        return [
            Compared(earlier, [None if period is None else _stated_in(points, period) for period in earlier])
            for earlier, points in zip(periods, await self._points(wanted), strict=True)
        ]

    async def _computed(self, lines: Sequence[_Line]) -> list[Any]:
        spines = await asyncio.gather(*(self._spine(line) for line in lines))
        cells: list[list[Period | None]] = [
            [*one, *(self._earlier(line, period) for period in one if self._asked.comparison)]
            if isinstance(one, list)
            else []
            for line, one in zip(lines, spines, strict=True)
        ]
        total = sum(map(len, cells))
        if total > MOST_TOGETHER:
            refused = TooMany(f"The series have {total} points together; {MOST_TOGETHER} are allowed: ask for fewer.")
            return [refused] * len(lines)
        asked = [
            (
                line.place.books(self._context.now, generated=self._asked.generated),
                Wanted(line.place.key, line.segment, period),
            )
            for line, periods in zip(lines, cells, strict=True)
            for period in periods
            if period is not None
        ]
        values = iter(await self._context.loaders.values.load_many(asked))
        read = [[None if period is None else next(values) for period in periods] for periods in cells]
        return [
            self._computed_series(line, one, periods[len(one) :], known) if isinstance(one, list) else one
            for line, one, periods, known in zip(lines, spines, cells, read, strict=True)
        ]

    def _computed_series(
        self, line: _Line, periods: list[Period], earlier: Sequence[Period | None], known: Any
    ) -> Series:
        found = ComputedPoints(self._asked.grain or Grain.MONTH, periods, known[: len(periods)])
        before = known[len(periods) :]
        compared = Compared(earlier, [None if one is None else number_of(one.outcome) for one in before])
        return self._series(line, found, compared if self._asked.comparison else None)

    async def _spine(self, line: _Line) -> list[Period] | UserError | None:
        """The periods of a computed series; None without a grain or anything recorded."""
        grain = self._asked.grain
        if grain is None:
            return None
        try:
            known = None
            if line.window.start is None or line.window.end is None:
                known = await self._extent(line)
            periods = spine(grain, line.window, known, line.place.calendar)
        except UserError as error:
            return error
        if self._asked.alignment is Alignment.COMPLETE:
            periods = [period for period in periods if period.end <= line.today]
        return periods

    async def _extent(self, line: _Line) -> Extent | None:
        calculator = self._context.registry.calculators.get(line.place.key)
        leaves = (line.place.key,) if calculator is None else calculator.leaves
        keys = [(line.place.organization_id, key) for key in leaves]
        rows = [row for rows in await self._context.loaders.recorded_series.load_many(keys) for row in rows]
        if not rows:
            return None
        return Extent(min(row["first_start"] for row in rows), max(row["last_start"] for row in rows))

    def _earlier(self, line: _Line, period: Period) -> Period | None:
        to_date = line.today if self._asked.alignment is Alignment.TO_DATE else None
        return compared_period(period, self._asked.comparison or Comparison.PREVIOUS, to_date=to_date)

    def _series(self, line: _Line, found: SeriesPoints | ComputedPoints, compared: Compared | None) -> Series:
        return Series(
            grain=found.grain,
            segment=line.segment,
            unit=Unit.shown(line.place.unit),
            found=found,
            compared=compared,
            today=line.today,
            organization_id=line.place.organization_id,
        )


def _window_of(periods: Sequence[Period | None]) -> Window:
    """The days of periods, of whole ones where one is cut short."""
    known = [period for period in periods if period is not None]
    return Window(known[0].start, max(period.end for period in known)) if known else Window(date.max, date.max)


def _stated_in(points: Any, period: Period) -> Any:
    """The number that is stated of a period, and None of a part of one."""
    if not isinstance(points, SeriesPoints):
        return None
    found = {(known.start, known.end): row for known, row in zip(points.periods, points.rows, strict=True)}
    row = found.get((period.start, period.end))
    return None if row is None else row["value"]


SERIES: Final = Batch(series_of, NEEDS, COLUMNS)
