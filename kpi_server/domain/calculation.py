"""Calculation: which recorded measures a metric stands on in a cell, and what its formula gives of them there.

Nothing that was calculated is rolled up: every value goes down to measures, which are rolled up to its own cell.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.calculator import Calculator, Manner, Reading, Way
from kpi_server.domain.expression.decimals import Amount, Outcome
from kpi_server.domain.expression.inputs import Missing, Rolling, Shift, ToDate
from kpi_server.domain.frame import Completeness, Frame, frame_from, frame_of
from kpi_server.domain.period import Grain, Period, rolling, shift, to_date, year_before
from kpi_server.domain.rollup import Additivity, Rolled
from kpi_server.domain.sketch.histogram import quantile
from kpi_server.errors import BadInput


@dataclass(frozen=True)
class Definitions:
    """What can be calculated and what is recorded, by their keys with families."""

    calculators: Mapping[str, Calculator]
    measures: Mapping[str, Additivity]


class Wanted(NamedTuple):
    """A metric or measure in one cell."""

    key: str
    segment: str
    period: Period


class Line(NamedTuple):
    """A metric or measure in cells of one segment."""

    key: str
    segment: str
    periods: tuple[Period, ...]


def lines_of(wanted: Iterable[Wanted]) -> list[Line]:
    """Neighbouring cells of the same in one segment put together, in the same order.

    >>> from kpi_server.domain.period import parse_period
    >>> january, february = map(parse_period, ("2026-01", "2026-02"))
    >>> cells = [Wanted("mrr", "", january), Wanted("mrr", "", february), Wanted("arr", "", january)]
    >>> [(line.key, len(line.periods)) for line in lines_of(cells)]
    [('mrr', 2), ('arr', 1)]
    """
    groups = groupby(wanted, lambda one: (one.key, one.segment))
    return [Line(key, segment, tuple(one.period for one in cells)) for (key, segment), cells in groups]


class Taken(NamedTuple):
    """What was read of one input, of which period, and how much of it is known; a carried one is of an earlier one.

    `calculated` is how a metric came about that is an input itself.
    """

    period: Period | None
    frame: Frame | None
    amount: Amount
    completeness: Completeness | None = None
    carried: bool = False
    calculated: "Calculated | None" = None


class Calculated(NamedTuple):
    """A number or a word, or why there is neither; `completeness` is that of the least complete input.

    `inputs` are in the order of the calculator's readings, and none where nothing was read.
    `kept_in`: the batch that kept it, where it is read as it was kept; `pending`: something that it stands on was
    recorded since.
    """

    outcome: Outcome
    completeness: Completeness | None = None
    stale: bool = False
    inputs: tuple[Taken, ...] = ()
    pending: bool = False
    kept_in: int | None = None


def inputs_of(value: Calculated, calculator: Calculator) -> list[tuple[Reading, Taken]]:
    """What was read for a value, with how its calculator reads it; nothing where nothing was read."""
    return list(zip(calculator.readings, value.inputs, strict=True)) if value.inputs else []


Leaves = Mapping[tuple[str, str], Mapping[Frame, None]]
"""Measures by key and segment, with the frames in which each is read."""


class Calculation:
    """Values of any number of lines, each calculated once; `rolled` has the leaves when values are asked for.

    What is the same for many cells is found out once a line, or once for all lines of the same periods.
    """

    def __init__(self, definitions: Definitions, today: date) -> None:
        self._definitions = definitions
        self._today = today
        self._spans: dict[tuple[Period, ...], dict[Way, _Span]] = {}
        self._values: dict[Line, list[Calculated]] = {}
        self.rolled: Mapping[tuple[str, str], Mapping[Frame, Rolled]] = {}

    def leaves(self, lines: Iterable[Line]) -> Leaves:
        """Every measure and cell that these stand on, each once."""
        found: defaultdict[tuple[str, str], dict[Frame, None]] = defaultdict(dict)
        open_ends, seen = list(lines), set[Line]()
        while open_ends:
            key, segment, periods = open_ends.pop()
            due = self._due(periods)
            if key in self._definitions.measures:
                found[key, segment].update(dict.fromkeys(map(frame_of, due)))
            for reading, span in self._read_by(key, due):
                if not reading.is_metric:
                    found[reading.key, segment].update(span.frames)
                elif (read := Line(reading.key, segment, span.periods)) not in seen:
                    seen.add(read)
                    open_ends.append(read)
        return found

    def values(self, line: Line) -> list[Calculated]:
        """What a metric or measure is in each cell of a line, of the leaves that are rolled up."""
        known = self._values.get(line)
        if known is None:
            known = self._values[line] = self._values_of(line)
        return known

    def _values_of(self, line: Line) -> list[Calculated]:
        key, segment, periods = line
        due = self._due(periods)
        if len(due) < len(periods):
            begun = dict(zip(due, self.values(Line(key, segment, due)), strict=True))
            return [begun.get(one) or _not_begun(one) for one in periods]
        if key in self._definitions.measures:
            rolled = [self.rolled[key, segment][frame_of(one)] for one in periods]
            return [Calculated(_amount(one, None), one.completeness) for one in rolled]
        calculator = self._definitions.calculators.get(key)
        if calculator is None:
            return [Calculated(Absent(Absence.NO_DATA, f"{key} is not calculated"))] * len(periods)
        return _evaluated(calculator, periods, [self._column(segment, *read) for read in self._read_by(key, periods)])

    def _column(self, segment: str, reading: Reading, span: "_Span") -> "_Column":
        """An input in each cell of a line, read once for all metrics that read it alike."""
        known = span.columns.get((segment, reading.manner))
        if known is None:
            take = self._metric(segment, reading, span) if reading.is_metric else self._measure(segment, reading)
            known = span.columns[segment, reading.manner] = _column([_taken(reading, one, take) for one in span.steps])
        return known

    def _measure(self, segment: str, reading: Reading) -> "_Take":
        rolled, percentile = self.rolled.get((reading.key, segment), {}), reading.percentile

        def take(period: Period, frame: Frame, carried: bool) -> Taken:
            found = rolled[frame]
            return Taken(period, frame, _amount(found, percentile), found.completeness, carried)

        return take

    def _metric(self, segment: str, reading: Reading, span: "_Span") -> "_Take":
        values = self.values(Line(reading.key, segment, span.periods))
        by_period = dict(zip(span.periods, values, strict=True))

        def take(period: Period, _: Frame, carried: bool) -> Taken:
            value = by_period[period]
            outcome = value.outcome
            amount = Absent(Absence.NOT_APPLICABLE, f"{reading.name} is words") if isinstance(outcome, str) else outcome
            return Taken(period, None, amount, value.completeness, carried or value.stale, value)

        return take

    def _due(self, periods: tuple[Period, ...]) -> tuple[Period, ...]:
        """Those that have begun."""
        today = self._today
        return tuple([one for one in periods if one.start <= today])

    def _read_by(self, key: str, periods: tuple[Period, ...]) -> "Iterator[tuple[Reading, _Span]]":
        """What a metric reads in these periods: found once for all inputs, of whatever metric, read in one way."""
        calculator = self._definitions.calculators.get(key)
        if calculator is None or calculator.lacking:
            return
        known = self._spans.setdefault(periods, {})
        for reading in calculator.readings:
            if reading.way not in known:
                known[reading.way] = _span([tuple(_steps(reading, period)) for period in periods])
            yield reading, known[reading.way]


_Steps = tuple[tuple[Period, Frame], ...]
"""Of which periods an input may be, the wanted one first, each with the days that a measure is rolled up from."""

_Take = Callable[[Period, Frame, bool], Taken]
"""Reads an input in one of its steps; whether it is carried there."""


class _Column(NamedTuple):
    """What was read of an input in each cell of a line: as a whole and in parts."""

    taken: Sequence[Taken]
    amounts: Sequence[Amount]
    completeness: Sequence[Completeness | None]
    carried: Sequence[bool]


def _column(taken: Sequence[Taken]) -> _Column:
    parts = [(one.amount, one.completeness, one.carried) for one in taken]
    amounts, completeness, carried = zip(*parts, strict=True) if parts else ((), (), ())
    return _Column(taken, amounts, completeness, carried)


@dataclass(frozen=True)
class _Span:
    """The steps of inputs that are read in one way in each cell of a line; their periods and frames, each once.

    `columns` are what was read, by segment and input.
    """

    steps: Sequence[_Steps]
    periods: tuple[Period, ...]
    frames: Mapping[Frame, None]
    columns: dict[tuple[str, Manner], _Column] = field(default_factory=dict)


def _span(steps: Sequence[_Steps]) -> _Span:
    periods = dict.fromkeys(period for one in steps for period, _ in one)
    return _Span(steps, tuple(periods), dict.fromkeys(frame for one in steps for _, frame in one))


def _taken(reading: Reading, steps: _Steps, take: _Take) -> Taken:
    """An input: of its own period, or the last before that has a value where it is carried."""
    first: Taken | None = None
    for period, frame in steps:
        taken = take(period, frame, first is not None)
        if not isinstance(taken.amount, Absent) or taken.amount.absence is not Absence.NO_DATA:
            return taken
        first = first or taken
    return first or Taken(None, None, Absent(Absence.NO_DATA, f"there is no such period for {reading.name}"))


def _steps(reading: Reading, period: Period) -> Iterator[tuple[Period, Frame]]:
    for step in range(reading.carry + 1 if reading.missing is Missing.CARRY else 1):
        try:
            own = _shifted(reading.shift, shift(period, -step) if step else period)
            if own is not None:
                yield own, frame_read(reading, own)
        except BadInput:  # before the calendar begins
            return


def _shifted(way: Shift, period: Period) -> Period | None:
    match way:
        case Shift.NONE:
            return period
        case Shift.PREVIOUS:
            return shift(period, -1)
        case Shift.YEAR_BEFORE:
            return year_before(period)


def frame_read(reading: Reading, period: Period) -> Frame:
    """The days that an input of a period is rolled up from."""
    match reading.span:
        case Rolling(periods):
            span = rolling(period, periods)
            return frame_from(span.start, span.end, period.grain, period.calendar)
        case ToDate(grain):
            span = to_date(period, grain)
            lengths = list(Grain)
            longest = min(grain, period.grain, key=lengths.index)
            return frame_from(span.start, span.end, longest, period.calendar)
        case _:
            return frame_of(period)


def _amount(rolled: Rolled, percentile: Decimal | None) -> Amount:
    value, absence, reason, _, _ = rolled
    if absence is not None:
        return Absent(absence, reason)
    if percentile is not None:
        value = None if rolled.sketch is None else quantile(rolled.sketch, percentile)
    return Absent(Absence.NO_DATA, "nothing was counted") if value is None else value


def _evaluated(calculator: Calculator, periods: Sequence[Period], columns: Sequence[_Column]) -> list[Calculated]:
    """The formula in each cell of a line, of its inputs there."""
    if not columns:
        return [Calculated(_outcome(calculator, {}))] * len(periods)
    slots, grains = [reading.slot for reading in calculator.readings], calculator.grains
    taken, amounts, completeness, carried = (zip(*parts, strict=True) for parts in zip(*columns, strict=True))
    return [
        Calculated(
            _outcome(calculator, dict(zip(slots, given, strict=True))), least_complete(known), True in late, inputs
        )
        if not grains or period.grain in grains
        else Calculated(Absent(Absence.NON_ADDITIVE, _other_grain(calculator, period.grain)))
        for period, inputs, given, known, late in zip(periods, taken, amounts, completeness, carried, strict=True)
    ]


def _outcome(calculator: Calculator, amounts: Mapping[str, Amount]) -> Outcome:
    """A calculator that fails marks its own cells and nobody else's."""
    try:
        return calculator.evaluate(amounts)
    except Exception as error:  # whatever a formula does with numbers that nobody thought of
        return Absent(Absence.ERROR, f"the formula of {calculator.key} failed: {type(error).__name__}")


def _not_begun(period: Period) -> Calculated:
    return Calculated(Absent(Absence.NOT_YET_DUE, f"{period} has not begun"))


def _other_grain(calculator: Calculator, asked: Grain) -> str:
    grains = " or ".join(grain.lower() for grain in calculator.grains)
    instead = f", or for {calculator.alternative}" if calculator.alternative else ""
    return f"{calculator.key} is calculated by {grains}, not by {asked.lower()}: ask for a {grains}{instead}"


def least_complete(known: Iterable[Completeness | None]) -> Completeness | None:
    """The one of which the smallest share is known; None where nothing is said."""
    least: Completeness | None = None
    for one in known:
        if one is not None and one is not least and (least is None or one.known * least.of < least.known * one.of):
            least = one
    return least
