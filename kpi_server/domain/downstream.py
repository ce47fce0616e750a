"""What stands downstream of what is recorded: the computed values that are to be calculated again.

The inverse of `Calculation.leaves`: a measure's value in a period counts in exactly the cells that are named here.
Cells are those of a metric's own grain, the one at which its values are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from itertools import combinations
from types import MappingProxyType
from typing import Final

from kpi_server.domain.calculation import Definitions, frame_read
from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.expression.calculator import Calculator, Reading, Way
from kpi_server.domain.expression.inputs import Missing, Rolling, Shift, ToDate
from kpi_server.domain.period import Grain, Period, nests, ordinal, period_of, shift, year_after
from kpi_server.domain.segment import Segment, read_segment
from kpi_server.errors import BadInput

MOST_KEYS: Final = 2
"""Values of segments with more keys are calculated when they are asked for, and not kept."""

_DIGITS: Final = 16
_OWN: Final = (Grain.MONTH, Grain.QUARTER, Grain.YEAR, Grain.WEEK, Grain.DAY)


def own_grain(calculator: Calculator) -> Grain:
    """The grain at which a metric's values are kept: months, else what its formula allows."""
    return next(grain for grain in _OWN if not calculator.grains or grain in calculator.grains)


def kept_segments(segment: str) -> Iterator[str]:
    """The segments of kept values in which a segment counts: itself and the more general ones, of two keys at most.

    >>> list(kept_segments("plan=pro,region=eu"))
    ['', 'plan=pro', 'region=eu', 'plan=pro,region=eu']
    """
    pairs = read_segment(segment).pairs
    for count in range(min(len(pairs), MOST_KEYS) + 1):
        for chosen in combinations(pairs, count):
            yield str(Segment(chosen))


@dataclass(frozen=True)
class Readers:
    """Who reads what, among everything that is defined."""

    definitions: Definitions

    @cached_property
    def grains(self) -> Mapping[str, Grain]:
        """The own grain of every metric."""
        return MappingProxyType({key: own_grain(one) for key, one in self.definitions.calculators.items()})

    @cached_property
    def above(self) -> Mapping[str, tuple[tuple[str, Reading], ...]]:
        """The metrics that read a measure or metric, each with how it does."""
        found: defaultdict[str, list[tuple[str, Reading]]] = defaultdict(list)
        for key, calculator in self.definitions.calculators.items():
            for reading in () if calculator.lacking else calculator.inputs.values():
                found[reading.key].append((key, reading))
        return MappingProxyType({key: tuple(readers) for key, readers in found.items()})

    @cached_property
    def counted(self) -> Mapping[str, tuple[str, ...]]:
        """For each measure those whose values it makes: itself, and what it weights."""
        found = {key: [key] for key in self.definitions.measures}
        for key, how in self.definitions.measures.items():
            if how.weight in found:
                found[how.weight].append(key)
        return MappingProxyType({key: tuple(keys) for key, keys in found.items()})

    @cached_property
    def metrics(self) -> Mapping[str, frozenset[str]]:
        """For each measure the metrics that stand on it, through however many others."""
        return MappingProxyType({key: frozenset(self._reached(key)) for key in self.counted})

    @cached_property
    def bases(self) -> Mapping[str, str]:
        """For each metric what its kept values depend on besides recorded ones, in short: its grain and all formulas.

        Another formula or version of its own, or of one that it reads through however many others, is another basis.
        """
        calculators, found = self.definitions.calculators, dict[str, str]()
        for key in sorted(calculators, key=lambda key: calculators[key].rank):
            one = calculators[key]
            read = sorted({reading.key for reading in one.inputs.values() if reading.is_metric and not one.lacking})
            said = [self.grains[key], str(one.version), one.digest, *(found[metric] for metric in read)]
            found[key] = sha256(" ".join(said).encode()).hexdigest()[:_DIGITS]
        return MappingProxyType(found)

    def _reached(self, measure: str) -> set[str]:
        reached: set[str] = set()
        waiting = list(self.counted[measure])
        while waiting:
            new = {metric for metric, _ in self.above.get(waiting.pop(), ())} - reached
            reached |= new
            waiting += new
        return reached


class Downstream:
    """The cells downstream of what one organization records: of these of its KPIs, in periods that have begun."""

    def __init__(self, readers: Readers, kpis: Iterable[str], today: date, calendar: Calendar = ISO) -> None:
        self._readers = readers
        self._kpis = frozenset(kpis)
        self._today = today
        self._calendar = calendar
        self._wanted: dict[str, Mapping[Grain, frozenset[str]]] = {}
        self._counting: dict[tuple[Way, Grain, Period], tuple[Period, ...]] = {}
        self._reading: dict[tuple[Way, Period], tuple[Period, ...]] = {}

    def cells(self, measure: str, period: Period) -> list[tuple[str, Period]]:
        """The KPIs and periods that a measure's value in a period counts in, whatever the segment."""
        return [
            (key, one)
            for grain, own in self._by_grain(measure).items()
            for key, one in self._at(grain, measure, period)
            if key in own and one.start <= self._today
        ]

    def _by_grain(self, measure: str) -> Mapping[Grain, frozenset[str]]:
        """Of these KPIs those that stand on a measure, by the grain of their values."""
        known = self._wanted.get(measure)
        if known is None:
            wanted = self._readers.metrics.get(measure, frozenset()) & self._kpis
            grains = {key: self._readers.grains[key] for key in wanted}
            known = self._wanted[measure] = {
                grain: frozenset(key for key, own in grains.items() if own is grain) for grain in {*grains.values()}
            }
        return known

    def _at(self, grain: Grain, measure: str, period: Period) -> set[tuple[str, Period]]:
        """Every metric in every period of a grain."""
        above, found = self._readers.above, set[tuple[str, Period]]()
        for counted in self._readers.counted[measure]:
            for key, reading in above.get(counted, ()):
                found.update([(key, one) for one in self._counted(reading, period, grain)])
        waiting = list(found)
        while waiting:
            metric, own = waiting.pop()
            for key, reading in above.get(metric, ()):
                new = {(key, one) for one in self._read(reading, own)} - found
                found |= new
                waiting += new
        return found

    def _counted(self, reading: Reading, period: Period, grain: Grain) -> tuple[Period, ...]:
        """The periods in which an input counts a shorter one; the same for all that are read in the same way."""
        place = reading.way, grain, period
        known = self._counting.get(place)
        if known is None:
            frames = _frames(reading, period, grain, self._calendar)
            known = self._counting[place] = tuple({one for frame in frames for one in _read_in(reading, frame)})
        return known

    def _read(self, reading: Reading, period: Period) -> tuple[Period, ...]:
        place = reading.way, period
        known = self._reading.get(place)
        if known is None:
            known = self._reading[place] = tuple(_read_in(reading, period))
        return known


def _frames(reading: Reading, period: Period, grain: Grain, calendar: Calendar) -> list[Period]:
    """The periods of a grain in which an input that is rolled up counts a shorter period."""
    if not nests(period.grain, grain, calendar) and not isinstance(reading.span, ToDate):
        return []
    last = period.end - timedelta(days=1)
    candidates = _following(period_of(last, grain, calendar), _span(reading, last, grain, calendar))
    return [one for one in candidates if frame_read(reading, one).holds(period)]


def _span(reading: Reading, day: date, grain: Grain, calendar: Calendar) -> int:
    """How many periods later than its own a day may still count."""
    match reading.span:
        case Rolling(periods):
            return periods - 1
        case ToDate(longer):
            last = period_of(period_of(day, longer, calendar).end - timedelta(days=1), grain, calendar)
            return ordinal(last) - ordinal(period_of(day, grain, calendar))
        case _:
            return 0


def _read_in(reading: Reading, source: Period) -> list[Period]:
    """The periods in which an input is of that period: shifted back, or carried from it."""
    own = _unshifted(reading.shift, source)
    if own is None:
        return []
    return list(_following(own, reading.carry if reading.missing is Missing.CARRY else 0))


def _unshifted(way: Shift, period: Period) -> Period | None:
    try:
        match way:
            case Shift.NONE:
                return period
            case Shift.PREVIOUS:
                return shift(period, 1)
            case Shift.YEAR_BEFORE:
                return year_after(period)
    except BadInput:  # after the calendar ends
        return None


def _following(period: Period, count: int) -> Iterator[Period]:
    """A period and so many after it."""
    yield period
    for step in range(1, count + 1):
        try:
            yield shift(period, step)
        except BadInput:  # after the calendar ends
            return
