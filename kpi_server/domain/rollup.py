"""Roll-up: what a measure is in a segment and a period, of what was recorded in its parts and in shorter periods.

Across the parts first, in each shorter period, then over time. What was recorded wins over what can be put together: a
value of the segment itself over its parts', and of a longer period over the shorter ones inside it. Amounts of other
currencies are converted one by one before: flows by the mean rate of their period, balances by that of its last day.

This is the reference. Reading does the same in one statement (store/sql/rollup.sql), which tests hold against it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from kpi_server.domain.absence import Absence
from kpi_server.domain.currency import Lacking, Rates, rate_in
from kpi_server.domain.frame import Completeness, Frame
from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.period import Grain, Period, Span
from kpi_server.domain.precision import divide, precise
from kpi_server.domain.segment import Segment
from kpi_server.domain.sketch.distinct import estimate
from kpi_server.domain.sketch.histogram import count
from kpi_server.domain.sketch.sparse import EMPTY, Sketch, Sparse, merge

_LENGTHS: Final = tuple(Grain)


@dataclass(frozen=True)
class Additivity:
    """How one measure rolls up, by which `weight`; `alternative` is what to ask for where it does not.

    `is_flow` and `weight_is_flow` say how amounts of other currencies are converted.
    """

    key: str
    across: Across
    over_time: OverTime
    sketch: Sketch | None = None
    alternative: str = ""
    weight: str = ""
    weight_is_flow: bool = True

    @cached_property
    def folding(self) -> str:
        """How values become one over time: the kind of sketch that is merged, or what is done with numbers."""
        return (self.sketch or self.over_time).value

    @property
    def is_flow(self) -> bool:
        """Whether it is a quantity of a whole period, and not of the moment in which one opens or closes."""
        return is_flow(self.over_time)


def is_flow(over_time: OverTime) -> bool:
    """Whether what rolls up like this is a quantity of a whole period."""
    return over_time not in (OverTime.FIRST, OverTime.LAST)


def additivities_of(measures: Mapping[str, Measure]) -> Mapping[str, Additivity]:
    """How each of the measures rolls up, by its key with the family."""
    found = {key: additivity_of(key, one) for key, one in measures.items()}
    return {
        key: replace(how, weight_is_flow=found[how.weight].is_flow) if how.weight in found else how
        for key, how in found.items()
    }


def additivity_of(key: str, measure: Measure) -> Additivity:
    """How the measure of a key rolls up; what it names is of its own family."""
    family = key.partition(".")[0]
    alternative, weight = (
        f"{family}.{name}" if name and "." not in name else name for name in (measure.alternative, measure.weight)
    )
    return Additivity(key, measure.across, measure.over_time, measure.sketch, alternative, weight)


@dataclass(frozen=True)
class Recorded:
    """A value that stands for a segment and a period; `weight` is its weight there, `sketch` what a sketch holds.

    Without a currency both are in the organization's, or no money; a sketch has none.
    """

    segment: Segment
    period: Period
    value: Decimal
    weight: Decimal | None = None
    sketch: Sparse | None = None
    currency: str | None = None
    weight_currency: str | None = None


class Rolled(NamedTuple):
    """A measure in a cell: a value, or why there is none; `sketch` is what a merged value was read from."""

    value: Decimal | None = None
    absence: Absence | None = None
    reason: str = ""
    completeness: Completeness | None = None
    sketch: Sparse | None = None


@dataclass(frozen=True)
class _Spot:
    """What is known of the wanted segment in one period."""

    period: Period
    value: Decimal | None = None
    sketch: Sparse | None = None
    absence: Absence | None = None
    keys: tuple[str, ...] = ()
    lacking: Lacking | None = None


_NO_RATES: Final = Rates("", {})


def roll_up(
    recorded: Iterable[Recorded], segment: Segment, frame: Frame, how: Additivity, rates: Rates = _NO_RATES
) -> Rolled:
    """What a measure is in a segment and a frame, in the organization's currency.

    >>> from kpi_server.domain.period import parse_period
    >>> from kpi_server.domain.frame import frame_of
    >>> from kpi_server.domain.segment import WHOLE, read_segment
    >>> signups = Additivity("signups", Across.SUM, OverTime.SUM)
    >>> by_plan = [
    ...     Recorded(read_segment("plan=pro"), parse_period("2026-01"), Decimal(4)),
    ...     Recorded(read_segment("plan=free"), parse_period("2026-01"), Decimal(9)),
    ...     Recorded(read_segment("plan=pro"), parse_period("2026-02"), Decimal(5)),
    ... ]
    >>> quarter = roll_up(by_plan, WHOLE, frame_of(parse_period("2026-Q1")), signups)
    >>> quarter.value, str(quarter.completeness)
    (Decimal('18'), '2 of 3 months')
    """
    inside = [one for one in recorded if frame.holds(one.period) and set(segment.pairs) <= set(one.segment.pairs)]
    spots = _spots(inside, segment, how, rates)
    kept = _uncovered([spot for spot in spots if spot.absence is None], how)
    if not kept:
        return _nothing(spots, segment, how)
    is_whole = (kept[0].period.start, kept[0].period.end) == (frame.start, frame.end)
    if how.over_time is OverTime.NONE and not is_whole:
        return Rolled(absence=Absence.NON_ADDITIVE, reason=over_time_refused(how, {one.period.grain for one in kept}))
    lacking = min((spot.lacking for spot in kept if spot.lacking is not None), default=None)
    if lacking is not None:
        return Rolled(absence=Absence.ERROR, reason=unconvertible(how, lacking))
    completeness = _completeness(kept, frame)
    if how.sketch is not None:
        sketch = _merged([spot.sketch for spot in kept], how)
        return Rolled(read_sketch(how.sketch, sketch), completeness=completeness, sketch=sketch)
    return Rolled(_over_time([spot.value for spot in kept if spot.value is not None], how), completeness=completeness)


def _spots(recorded: Sequence[Recorded], segment: Segment, how: Additivity, rates: Rates) -> list[_Spot]:
    """Across: for each period the value of the segment itself, else of the parts by the fewest keys."""
    by_days: defaultdict[tuple[Grain, date, date], list[Recorded]] = defaultdict(list)
    for one in recorded:
        by_days[one.period.grain, one.period.start, one.period.end].append(one)
    return [_spot(parts[0].period, parts, segment, how, rates) for parts in by_days.values()]


def _spot(period: Period, recorded: Sequence[Recorded], segment: Segment, how: Additivity, rates: Rates) -> _Spot:
    keys = min((_keys(one.segment) for one in recorded), key=lambda keys: (len(keys), keys))
    weighed = how.across is Across.WEIGHTED and len(keys) > len(segment.pairs)
    converted = [_converted(one, how, rates, weighed=weighed) for one in recorded if _keys(one.segment) == keys]
    lacking = min((one for _, missing in converted for one in missing), default=None)
    return replace(_together(period, [one for one, _ in converted], keys, segment, how), lacking=lacking)


def _converted(one: Recorded, how: Additivity, rates: Rates, *, weighed: bool) -> tuple[Recorded, list[Lacking]]:
    """A value in the organization's currency, and which rates it would take that are not known."""
    span, own = Span(one.period.start, one.period.end), Decimal(1)
    rate = own if one.currency is None else rate_in(rates, one.currency, span, is_flow=how.is_flow)
    weights = one.weight_currency if weighed else None
    weight_rate = own if weights is None else rate_in(rates, weights, span, is_flow=how.weight_is_flow)
    if isinstance(rate, Lacking) or isinstance(weight_rate, Lacking):
        return one, [found for found in (rate, weight_rate) if isinstance(found, Lacking)]
    if rate is own and weight_rate is own:
        return one, []
    with precise():
        weight = None if one.weight is None else one.weight * weight_rate
        return replace(one, value=one.value * rate, weight=weight), []


def _together(
    period: Period, parts: Sequence[Recorded], keys: tuple[str, ...], segment: Segment, how: Additivity
) -> _Spot:
    if len(keys) == len(segment.pairs):
        return _Spot(period, parts[0].value, parts[0].sketch, keys=keys)
    values = [one.value for one in parts]
    match how.across:
        case Across.NONE:
            return _Spot(period, absence=Absence.NON_ADDITIVE, keys=keys)
        case Across.WEIGHTED:
            return _weighted(period, parts, keys)
        case Across.MERGE:
            return _Spot(period, sketch=_merged([one.sketch for one in parts], how), keys=keys)
        case Across.MIN | Across.MAX:
            return _Spot(period, min(values) if how.across is Across.MIN else max(values), keys=keys)
        case Across.SUM:
            return _Spot(period, _sum(values), keys=keys)


def _weighted(period: Period, parts: Sequence[Recorded], keys: tuple[str, ...]) -> _Spot:
    weights = [one.weight for one in parts if one.weight is not None]
    if len(weights) < len(parts):
        return _Spot(period, absence=Absence.NO_DATA, keys=keys)
    with precise():
        total = sum((one.value * weight for one, weight in zip(parts, weights, strict=True)), Decimal(0))
    mean = divide(total, _sum(weights))
    return _Spot(period, mean, absence=Absence.UNDEFINED if mean is None else None, keys=keys)


def _uncovered(spots: Sequence[_Spot], how: Additivity) -> list[_Spot]:
    """The spots outside of every longer one; means are taken of equally long ones, the longest there are.

    Of two of a grain that begin on one day, by two calendars, that which ends later is longer.
    """
    longest_first = sorted(
        spots, key=lambda spot: (spot.period.start, _LENGTHS.index(spot.period.grain), -spot.period.end.toordinal())
    )
    kept: list[_Spot] = []
    for spot in longest_first:
        if not kept or spot.period.start >= kept[-1].period.end:
            kept.append(spot)
    if how.over_time is not OverTime.AVG or not kept:
        return kept
    longest = min(_LENGTHS.index(spot.period.grain) for spot in kept)
    return [spot for spot in kept if spot.period.grain is _LENGTHS[longest]]


def _over_time(values: Sequence[Decimal], how: Additivity) -> Decimal | None:
    """The value of consecutive spots."""
    match how.over_time:
        case OverTime.SUM:
            return _sum(values)
        case OverTime.AVG:
            return divide(_sum(values), Decimal(len(values)))
        case OverTime.FIRST:
            return values[0]
        case OverTime.MIN:
            return min(values)
        case OverTime.MAX:
            return max(values)
        case OverTime.LAST | OverTime.MERGE | OverTime.NONE:  # the last two of a single spot alone
            return values[-1]


def _merged(sketches: Sequence[Sparse | None], how: Additivity) -> Sparse:
    return EMPTY if how.sketch is None else merge(how.sketch, [sketch or EMPTY for sketch in sketches])


def read_sketch(kind: Sketch, sketch: Sparse) -> Decimal:
    """The number that a sketch stands for: about how many different subjects, or how many values."""
    return estimate(sketch) if kind is Sketch.DISTINCT else Decimal(count(sketch))


def _completeness(spots: Sequence[_Spot], frame: Frame) -> Completeness:
    """Counted in the shortest of the periods that are known."""
    shortest = _LENGTHS[max(_LENGTHS.index(spot.period.grain) for spot in spots)]
    known = sum(Frame(one.period.start, one.period.end, shortest, frame.calendar).count(shortest) for one in spots)
    return Completeness(known, frame.count(shortest), shortest)


def _nothing(spots: Sequence[_Spot], segment: Segment, how: Additivity) -> Rolled:
    """Why there is no value: nothing is recorded, or the parts that are do not make one."""
    if not spots:
        return Rolled(absence=Absence.NO_DATA, reason=nothing_recorded(how))
    worst = min(spots, key=lambda spot: _WORST.index(spot.absence or Absence.NO_DATA))
    keys = sorted({key for spot in spots for key in spot.keys} - {key for key, _ in segment.pairs})
    absence = worst.absence or Absence.NO_DATA
    return Rolled(absence=absence, reason=across_refused(how, absence, keys))


_WORST: Final = (Absence.NON_ADDITIVE, Absence.NO_DATA, Absence.UNDEFINED)


def nothing_recorded(how: Additivity) -> str:
    """The reason for a measure without anything recorded."""
    return f"nothing is recorded of {how.key}"


def across_refused(how: Additivity, absence: Absence, keys: Sequence[str]) -> str:
    """The reason for parts, by these segment keys, that do not make a whole."""
    match absence:
        case Absence.NON_ADDITIVE:
            return f"{how.key} is recorded by {', '.join(keys)} and its parts make no whole{_instead(how)}"
        case Absence.UNDEFINED:
            return f"the weights of {how.key} by {', '.join(keys)} are zero together"
        case _:
            return f"{how.key} is recorded by {', '.join(keys)}, not all of it with a weight"


def unconvertible(how: Additivity, lacking: Lacking) -> str:
    """The reason for amounts that cannot be converted."""
    return f"amounts of {how.key} cannot be converted: {lacking}"


def over_time_refused(how: Additivity, grains: Iterable[Grain]) -> str:
    """The reason for shorter periods that do not make a longer one.

    >>> p95 = Additivity("technical.p95", Across.NONE, OverTime.NONE, alternative="technical.response_times")
    >>> over_time_refused(p95, [Grain.DAY])
    'technical.p95 is recorded by day and does not roll up over time: ask for a day, or for technical.response_times'
    """
    words = [grain.lower() for grain in _LENGTHS if grain in set(grains)]
    one_of = " or a ".join(words)
    instead = f", or for {how.alternative}" if how.alternative else ""
    return f"{how.key} is recorded by {' and '.join(words)} and does not roll up over time: ask for a {one_of}{instead}"


def _instead(how: Additivity) -> str:
    return f": ask for one of them, or for {how.alternative}" if how.alternative else ": ask for one of them"


def _keys(segment: Segment) -> tuple[str, ...]:
    return tuple(key for key, _ in segment.pairs)


def _sum(values: Iterable[Decimal]) -> Decimal:
    with precise():
        return sum(values, Decimal(0))
