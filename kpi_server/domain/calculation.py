"""Calculation: which recorded measures a metric stands on in a cell, and what its formula gives of them there.

Nothing that was calculated is rolled up: every value goes down to measures, which are rolled up to its own cell.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.calculator import Calculator, Reading, Way
from kpi_server.domain.expression.decimals import Amount, Outcome
from kpi_server.domain.expression.inputs import Missing, Rolling, Shift, ToDate
from kpi_server.domain.frame import Completeness, Frame, frame_of
from kpi_server.domain.period import Grain, Period, rolling, shift, to_date, year_before
from kpi_server.domain.rollup import Additivity, Rolled
from kpi_server.domain.sketch.histogram import quantile
from kpi_server.errors import BadInput


@dataclass(frozen=True)
class Definitions:
    """What can be calculated and what is recorded, by their keys with families."""

    calculators: Mapping[str, Calculator]
    measures: Mapping[str, Additivity]


class Leaf(NamedTuple):
    """A measure in one cell."""

    key: str
    segment: str
    frame: Frame


class Wanted(NamedTuple):
    """A metric or measure in one cell."""

    key: str
    segment: str
    period: Period


class Taken(NamedTuple):
    """What was read of one input, of which period, and how much of it is known; a carried one is of an earlier one.

    `calculated` is how a metric came about that is an input itself.
    """

    reading: Reading
    period: Period | None
    frame: Frame | None
    amount: Amount
    completeness: Completeness | None = None
    carried: bool = False
    calculated: "Calculated | None" = None


class Calculated(NamedTuple):
    """A number or a word, or why there is neither; `completeness` is that of the least complete input.

    `kept_in`: the batch that kept it, where it is read as it was kept; `pending`: something that it stands on was
    recorded since.
    """

    outcome: Outcome
    completeness: Completeness | None = None
    stale: bool = False
    inputs: tuple[Taken, ...] = ()
    pending: bool = False
    kept_in: int | None = None


class Calculation:
    """Values of any number of cells, each calculated once; `rolled` has the leaves when values are asked for."""

    def __init__(self, definitions: Definitions, today: date) -> None:
        self._definitions = definitions
        self._today = today
        self._steps: dict[tuple[Way, str, date], _Steps] = {}
        self._values: dict[tuple[str, str, str, date], Calculated] = {}
        self.rolled: dict[tuple[str, str, Frame], Rolled] = {}

    def leaves(self, wanted: Iterable[Wanted]) -> list[Leaf]:
        """Every measure and cell that these stand on, each once."""
        found: dict[tuple[str, str, Frame], None] = {}  # plain ones: most are found twice
        seen: set[Wanted] = set()  # metrics that others read; what is wanted itself seldom is so twice
        open_ends = list(wanted)
        while open_ends:
            key, segment, period = open_ends.pop()
            if key in self._definitions.measures:
                found[key, segment, frame_of(period)] = None
                continue
            for reading in self._read_by(key):
                for own, frame in self._steps_of(reading, period):
                    if not reading.is_metric:
                        found[reading.key, segment, frame] = None
                    elif (read := Wanted(reading.key, segment, own)) not in seen:
                        seen.add(read)
                        open_ends.append(read)
        return [Leaf(*one) for one in found]

    def value(self, wanted: Wanted) -> Calculated:
        """What a metric or measure is in a cell, of the leaves that are rolled up."""
        place = wanted.key, wanted.segment, wanted.period.text, wanted.period.end
        known = self._values.get(place)
        if known is None:
            known = self._values[place] = self._value(wanted)
        return known

    def _value(self, wanted: Wanted) -> Calculated:
        if wanted.period.start > self._today:
            return Calculated(Absent(Absence.NOT_YET_DUE, f"{wanted.period} has not begun"))
        if wanted.key in self._definitions.measures:
            rolled = self.rolled[wanted.key, wanted.segment, frame_of(wanted.period)]
            return Calculated(_amount(rolled, None), rolled.completeness)
        calculator = self._definitions.calculators.get(wanted.key)
        if calculator is None:
            return Calculated(Absent(Absence.NO_DATA, f"{wanted.key} is not calculated"))
        if calculator.grains and wanted.period.grain not in calculator.grains:
            return Calculated(Absent(Absence.NON_ADDITIVE, _other_grain(calculator, wanted.period.grain)))
        inputs = [self._taken(wanted.segment, reading, wanted.period) for reading in self._read_by(wanted.key)]
        amounts = {one.reading.slot: one.amount for one in inputs}
        least = least_complete([one.completeness for one in inputs])
        return Calculated(
            _evaluated(calculator, amounts), least, True in [one.carried for one in inputs], tuple(inputs)
        )

    def _taken(self, segment: str, reading: Reading, of: Period) -> Taken:
        """An input: of its own period, or the last before that has a value where it is carried."""
        first: Taken | None = None
        for period, frame in self._steps_of(reading, of):
            if reading.is_metric:
                taken = self._calculated(segment, reading, period, first is not None)
            else:
                rolled = self.rolled[reading.key, segment, frame]
                amount = _amount(rolled, reading.percentile)
                taken = Taken(reading, period, frame, amount, rolled.completeness, first is not None)
            if not isinstance(taken.amount, Absent) or taken.amount.absence is not Absence.NO_DATA:
                return taken
            first = first or taken
        return first or Taken(
            reading, None, None, Absent(Absence.NO_DATA, f"there is no such period for {reading.name}")
        )

    def _calculated(self, segment: str, reading: Reading, period: Period, carried: bool) -> Taken:
        value = self.value(Wanted(reading.key, segment, period))
        outcome = value.outcome
        amount = Absent(Absence.NOT_APPLICABLE, f"{reading.name} is words") if isinstance(outcome, str) else outcome
        return Taken(reading, period, None, amount, value.completeness, carried or value.stale, value)

    def _read_by(self, key: str) -> tuple[Reading, ...]:
        """What a metric reads."""
        calculator = self._definitions.calculators.get(key)
        return () if calculator is None or calculator.lacking else calculator.readings

    def _steps_of(self, reading: Reading, period: Period) -> "_Steps":
        """The same for every input that is read in the same way, of whatever metric."""
        place = reading.way, period.text, period.end
        known = self._steps.get(place)
        if known is None:
            known = self._steps[place] = tuple(_steps(reading, period))
        return known


_Steps = tuple[tuple[Period, Frame], ...]
"""Of which periods an input may be, the wanted one first, each with the days that a measure is rolled up from."""


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
            return Frame(span.start, span.end, period.grain, period.calendar)
        case ToDate(grain):
            span = to_date(period, grain)
            lengths = list(Grain)
            longest = min(grain, period.grain, key=lengths.index)
            return Frame(span.start, span.end, longest, period.calendar)
        case _:
            return frame_of(period)


def _amount(rolled: Rolled, percentile: Decimal | None) -> Amount:
    value, absence, reason, _, _ = rolled
    if absence is not None:
        return Absent(absence, reason)
    if percentile is not None:
        value = None if rolled.sketch is None else quantile(rolled.sketch, percentile)
    return Absent(Absence.NO_DATA, "nothing was counted") if value is None else value


def _evaluated(calculator: Calculator, amounts: Mapping[str, Amount]) -> Outcome:
    """A calculator that fails marks its own cells and nobody else's."""
    try:
        return calculator.evaluate(amounts)
    except Exception as error:  # whatever a formula does with numbers that nobody thought of
        return Absent(Absence.ERROR, f"the formula of {calculator.key} failed: {type(error).__name__}")


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
