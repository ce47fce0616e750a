"""Endings: what measures have to be in one month for their formulas to give what is printed of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from kpi_server.domain.calculation import Calculation, Definitions, Line
from kpi_server.domain.frame import frame_of
from kpi_server.domain.measure import Across, Measure, OverTime, Sketch
from kpi_server.domain.period import Period
from kpi_server.domain.rollup import Rolled
from kpi_server.domain.unit import Unit, UnitKind

_STEPS: Final = MappingProxyType(
    {
        UnitKind.COUNT: Decimal(1),
        UnitKind.BYTES: Decimal(1),
        UnitKind.MONTHS: Decimal(1),
        UnitKind.MONEY: Decimal("0.01"),
        UnitKind.SCORE: Decimal("0.1"),
    }
)
_FINEST: Final = Decimal("0.001")
_USUAL: Final = MappingProxyType(
    {
        UnitKind.COUNT: Decimal(1000),
        UnitKind.DURATION: Decimal(2_592_000),  # a month of thirty days
        UnitKind.BYTES: Decimal(5_000_000_000_000),
        UnitKind.MONTHS: Decimal(12_000),
        UnitKind.RATIO: Decimal("0.2"),
    }
)
_MOVED: Final = Decimal("0.02")
"""What customers add or give up in a month, of what they pay: a movement of a balance is small beside it."""
_MONEY: Final = Decimal(100_000)
"""What a company deals in by the month, at the least."""
_SMALLEST: Final = 100
"""From so many on, a printed number is the usual size of what else is counted so: few whole things give few ratios."""
_TRIALS: Final = 60
"""So many sizes of what is divided by are tried: a small number of whole things gives few ratios."""


@dataclass(frozen=True)
class Anchor:
    """A number that a metric should come to, in its unit, and how far from it is still that number."""

    key: str
    value: Decimal
    tolerance: Decimal
    unit: Unit


@dataclass(frozen=True)
class Endings:
    """Values of measures: those that were decided by anchors, and usual sizes of what else anchored metrics read."""

    aimed: Mapping[str, Decimal]
    usual: Mapping[str, Decimal]


def step_of(unit: Unit) -> Decimal:
    """The smallest difference of a measure's values: whole things are counted, money has cents."""
    return _STEPS.get(unit.kind, _FINEST)


def endings(
    definitions: Definitions, measures: Mapping[str, Measure], anchors: Sequence[Anchor], month: Period
) -> Endings:
    """For every measure that the anchored metrics stand on a value; histograms are left out.

    Anchors are met one after the other, those that stand on the fewest measures first, and of these the one of which
    the fewest are open; of numbers that contradict each other the later ones are not met. What no anchor decides has a
    usual size, and so has what only metrics of other periods read. The same anchors, the same endings.
    """
    solving = _Solving(definitions, measures, month, _money_of(anchors))
    waiting = {anchor: leaves for anchor in anchors if (leaves := solving.leaves(anchor.key))}
    while waiting:
        anchor = min(waiting, key=lambda one: (len(waiting[one]), len(set(waiting[one]) - {*solving.values}), one.key))
        solving.meet(anchor, waiting.pop(anchor))
    read = {key for anchor in anchors for key in definitions.calculators[anchor.key].leaves}
    open_ones = sorted(key for key in read - {*solving.values} if measures[key].sketch is not Sketch.HISTOGRAM)
    return Endings(solving.values, {key: solving.usual(key) for key in open_ones})


def _money_of(anchors: Sequence[Anchor]) -> Decimal:
    """The usual size of money: the middle of what is anchored of it, unless that is what single things cost."""
    amounts = sorted(anchor.value for anchor in anchors if anchor.unit.kind is UnitKind.MONEY and anchor.value > 0)
    return max([_MONEY, *amounts[len(amounts) // 2 :][:1]])


def _is_movement(measure: Measure) -> bool:
    """Whether it says by how much something that is paid a month changed."""
    return measure.unit.kind is UnitKind.MONEY and bool(measure.unit.per) and measure.over_time is OverTime.SUM


class _Solving:
    """Values of measures, as far as they are decided."""

    def __init__(
        self, definitions: Definitions, measures: Mapping[str, Measure], month: Period, money: Decimal
    ) -> None:
        self.values: dict[str, Decimal] = {}
        self._definitions = definitions
        self._measures = measures
        self._month = month
        self._money = money
        self._sizes: dict[Unit, Decimal] = {}

    def leaves(self, metric: str) -> Sequence[str]:
        """The measures of a metric, in the order of its formula; none where other periods or percentiles count."""
        grains = self._definitions.calculators[metric].grains
        if grains and self._month.grain not in grains:
            return ()
        found = Calculation(self._definitions, self._month.end).leaves([Line(metric, "", (self._month,))])
        own, measures = frame_of(self._month), [key for key, _ in found]
        plain = all(frame == own for frames in found.values() for frame in frames)
        histograms = [key for key in measures if self._measures[key].sketch is Sketch.HISTOGRAM]
        return measures if plain and not histograms else ()

    def meet(self, anchor: Anchor, leaves: Sequence[str]) -> None:
        """Decide what is open of these measures, so that the metric comes to its number if it can."""
        open_ones = [key for key in leaves if key not in self.values]
        open_ones.sort(key=lambda key: not _is_movement(self._measures[key]))
        sizes = {key: self.values[key] if key in self.values else self.usual(key) for key in leaves}
        best = min(self._tries(anchor, open_ones, sizes), key=lambda one: one[0], default=(None, sizes))[1]
        for key in open_ones:
            self.values[key] = best[key]
        for key in open_ones:
            unit = self._measures[key].unit
            size = anchor.value if _alike(unit, anchor.unit) else best[key] if len(leaves) == 1 else 0
            if size >= _SMALLEST:
                self._sizes[unit] = Decimal(size)

    def _tries(
        self, anchor: Anchor, open_ones: Sequence[str], sizes: Mapping[str, Decimal]
    ) -> Iterator[tuple[Decimal, Mapping[str, Decimal]]]:
        """Values with their distance from the anchor, none after one that is near enough.

        First those that make nothing larger than it usually is, but money: a part is not larger than the whole.
        """
        for is_bounded in (True, False):
            for key in open_ones:
                others = [other for other in open_ones if other != key]
                for tried in self._sized(sizes, others):
                    made = self._made(anchor, key, tried)
                    if made is None or (is_bounded and self._is_too_large(key, made[1][key])):
                        continue
                    yield made
                    if made[0] <= anchor.tolerance:
                        return

    def _made(
        self, anchor: Anchor, key: str, tried: Mapping[str, Decimal]
    ) -> tuple[Decimal, Mapping[str, Decimal]] | None:
        """The values with that measure solved, and how far from the anchor they come out."""
        value = self._solved(anchor, key, tried)
        made = tried if value is None else {**tried, key: value}
        outcome = None if value is None else self._outcome(anchor.key, made)
        return None if outcome is None else (abs(outcome - anchor.value), made)

    def _sized(self, sizes: Mapping[str, Decimal], others: Sequence[str]) -> Iterator[Mapping[str, Decimal]]:
        """The sizes, then with less of each other, less other money, and more and more of what else is counted."""
        yield sizes
        for key in others:
            yield {**sizes, key: self._stepped(key, sizes[key] / 10)}
        money = [key for key in others if self._measures[key].unit.kind is UnitKind.MONEY]
        for part in (Decimal("0.1"), Decimal("0.01")) if money else ():
            yield {**sizes, **{key: sizes[key] * part for key in money}}
        counted = [key for key in others if self._measures[key].unit.kind is UnitKind.COUNT]
        for trial in range(1, _TRIALS if counted else 1):
            yield {**sizes, **{key: sizes[key] + max(1, int(sizes[key]) // 500) * trial for key in counted}}

    def _solved(self, anchor: Anchor, key: str, sizes: Mapping[str, Decimal]) -> Decimal | None:
        """The value of one measure at which the metric is the anchor, if the formula is a quotient of lines in it."""
        size = sizes[key]
        points = []
        for times in (1, 2, 3):
            outcome = self._outcome(anchor.key, {**sizes, key: size * times})
            if outcome is None:
                return None
            points.append((Fraction(size) * times, Fraction(outcome)))
        found = _inverse(points, Fraction(anchor.value))
        if found is None or found < 0:
            return None
        step = step_of(self._measures[key].unit)
        return round(found / Fraction(step)) * step

    def _outcome(self, metric: str, values: Mapping[str, Decimal]) -> Decimal | None:
        calculation, frame = Calculation(self._definitions, self._month.end), frame_of(self._month)
        calculation.rolled = {(key, ""): {frame: Rolled(value)} for key, value in values.items()}
        outcome = calculation.values(Line(metric, "", (self._month,)))[0].outcome
        return outcome if isinstance(outcome, Decimal) else None

    def usual(self, key: str) -> Decimal:
        """The usual size of a measure, in whole steps of its unit."""
        moved = _MOVED if _is_movement(self._measures[key]) else 1
        return self._stepped(key, self._largest(key) * moved)

    def _stepped(self, key: str, value: Decimal) -> Decimal:
        step = step_of(self._measures[key].unit)
        return (value / step).to_integral_value() * step

    def _is_too_large(self, key: str, value: Decimal) -> bool:
        measure = self._measures[key]
        is_bounded = measure.unit.kind is not UnitKind.MONEY or _is_movement(measure)
        return is_bounded and value > self._largest(key)

    def _largest(self, key: str) -> Decimal:
        """What a measure usually is at the most: of a movement, all of what moves."""
        measure = self._measures[key]
        if measure.unit in self._sizes:
            return self._sizes[measure.unit]
        if measure.unit.kind is UnitKind.MONEY:
            return self._money
        if measure.unit.kind is UnitKind.SCORE and measure.across is not Across.SUM:
            return Decimal(5)
        return _USUAL.get(measure.unit.kind, Decimal(1000))


def _alike(unit: Unit, other: Unit) -> bool:
    """Whether two amounts of money are of the same span of time."""
    return unit.kind is other.kind is UnitKind.MONEY and bool(unit.per) and unit.per == other.per


def _inverse(points: Iterable[tuple[Fraction, Fraction]], wanted: Fraction) -> Fraction | None:
    """Where (p·x + q) / (r·x + 1) through three points is the wanted number.

    >>> _inverse([(Fraction(x), Fraction(100) / x) for x in (1, 2, 4)], Fraction(10)) is None  # no r·x + 1
    True
    >>> _inverse([(Fraction(x), Fraction(x, x + 1)) for x in (1, 2, 3)], Fraction(9, 10))
    Fraction(9, 1)
    """
    (x1, y1), (x2, y2), (x3, y3) = points
    # p·x + q - r·x·y = y in each; q falls out of the differences.
    a, b, c = x2 - x1, x2 * y2 - x1 * y1, y2 - y1
    d, e, f = x3 - x1, x3 * y3 - x1 * y1, y3 - y1
    determinant = b * d - a * e
    if determinant == 0:
        return None
    r = (a * f - d * c) / determinant
    p = (c + r * b) / a
    q = y1 + r * x1 * y1 - p * x1
    return (wanted - q) / (p - r * wanted) if p != r * wanted else None
