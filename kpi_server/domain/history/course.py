"""The course of a measure over two years up to its ending: trend, season, chance, gaps, late and corrected values."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from math import exp
from typing import Final

from kpi_server.domain.history.endings import step_of
from kpi_server.domain.history.spread import VALUES, Percentiles, spread
from kpi_server.domain.measure import Across, Measure, Sketch
from kpi_server.domain.period import Grain, Period, ordinal, shift
from kpi_server.domain.precision import precise
from kpi_server.domain.sketch.distinct import HIGHEST_RANK, REGISTERS, estimate
from kpi_server.domain.sketch.sparse import Sparse, of_places
from kpi_server.domain.unit import UnitKind

MONTHS: Final = 24
_DAYS: Final = 730
_DAYS_OF_SKETCHES: Final = 90
_SEASON: Final = tuple(Decimal(percent) / 100 for percent in (96, 97, 100, 102, 101, 100, 97, 95, 100, 103, 104, 105))
_PARTS: Final = (
    ("plan=enterprise,region=americas", Decimal("0.30")),
    ("plan=enterprise,region=emea", Decimal("0.22")),
    ("plan=starter,region=americas", Decimal("0.26")),
    ("plan=starter,region=emea", Decimal("0.22")),
)
_WEEKEND: Final = Decimal("0.55")
_WAVERING: Final = Decimal("0.2")
GAPS, _LATE, _CORRECTED = Decimal("0.03"), Decimal("0.04"), Decimal("0.03")


@dataclass(frozen=True)
class Generated:
    """A value of one cell. One that is late comes with the second batch; of a corrected one that batch says `value`.

    `first` is what the first batch says of the cell: nothing of one that is late.
    """

    key: str
    segment: str
    period: Period
    value: Decimal
    first: Decimal | None
    sketch: Sparse | None = None


def course(
    seed: str, key: str, measure: Measure, ending: Decimal, last: Period, segment: str = ""
) -> Iterator[Generated]:
    """What is recorded of a measure up to a period, in which it is its ending: the same seed, the same values.

    Over two years by month, or by day where the last period is a day. Sums of money and of customers are recorded by
    plan and region, which add up, unless it is of one segment; different subjects as sketches, of which days go back a
    quarter only.
    """
    chance = Chance(seed, key)
    is_sketch = measure.sketch is Sketch.DISTINCT
    size = _size(seed, key, ending) / float(ending) if is_sketch and ending else 1.0
    for back in reversed(range(_length(last, is_sketch=is_sketch))):
        if back and chance.happens("gap", back, GAPS):
            continue
        period = shift(last, -back)
        whole = _value(chance, measure, ending, last, period) if back else ending
        if is_sketch:
            sketch = _registers(seed, key, size * float(whole))
            yield Generated(key, segment, period, estimate(sketch), estimate(sketch), sketch)
            continue
        for part, value in [(segment, whole)] if segment else parts_of(measure, whole):
            yield Generated(key, part, period, value, first_said(chance, measure, value, back))


def course_of_spread(seed: str, key: str, known: Percentiles, last: Period, segment: str = "") -> Iterator[Generated]:
    """What is recorded of a histogram up to a period, in which its percentiles are these; before, they waver."""
    chance = Chance(seed, key)
    for back in reversed(range(_length(last, is_sketch=True))):
        if back and chance.happens("gap", back, GAPS):
            continue
        period = shift(last, -back)
        noise = chance.share("noise", ordinal(period)) - Decimal("0.5") if back else Decimal(0)
        sketch = spread(known, 1 + noise * _WAVERING)
        yield Generated(key, segment, period, Decimal(VALUES), Decimal(VALUES), sketch)


def _length(last: Period, *, is_sketch: bool) -> int:
    if last.grain is not Grain.DAY:
        return MONTHS
    return _DAYS_OF_SKETCHES if is_sketch else _DAYS


def _value(chance: "Chance", measure: Measure, ending: Decimal, last: Period, period: Period) -> Decimal:
    """What adds up follows trend, season and the days of the week; what is a share or a rating only wavers."""
    with precise():
        value = ending * (1 + (chance.share("noise", ordinal(period)) - Decimal("0.5")) * Decimal("0.05"))
        if measure.across is Across.SUM or measure.sketch is not None:
            growth = Decimal("0.005") + Chance(chance.seed, "").share("growth", 0) * Decimal("0.02")
            value *= level(period) / level(last) * (1 - growth * (last.start - period.start).days / 45)
    step = step_of(measure.unit)
    return (value / step).to_integral_value() * step


def level(period: Period) -> Decimal:
    """How busy a period is among others."""
    season = _SEASON[period.start.month - 1]
    return season * _WEEKEND if period.grain is Grain.DAY and period.start.weekday() >= 5 else season


def first_said(chance: "Chance", measure: Measure, value: Decimal, back: int) -> Decimal | None:
    """What the first batch says of a value so many periods before the last; nothing of one that is late."""
    if back and chance.happens("late", back, _LATE):
        return None
    if back and value and chance.happens("corrected", back, _CORRECTED):
        step = step_of(measure.unit)
        return (value * Decimal("1.04") / step).to_integral_value() * step + step
    return value


def parts_of(measure: Measure, whole: Decimal) -> Sequence[tuple[str, Decimal]]:
    """The parts of a value, which add up to it; the value itself where it is of the whole alone."""
    of_customers = measure.unit.kind is UnitKind.COUNT and measure.unit.of == "customer"
    if measure.across is not Across.SUM or not (of_customers or measure.unit.kind is UnitKind.MONEY):
        return [("", whole)]
    step, rest, made = step_of(measure.unit), whole, []
    for segment, share in _PARTS[:-1]:
        part = (whole * share / step).to_integral_value() * step
        rest -= part
        made.append((segment, part))
    return [*made, (_PARTS[-1][0], rest)]


def _size(seed: str, key: str, wanted: Decimal) -> float:
    """How many subjects leave registers that are read as the wanted number, or nearly.

    >>> size = _size("a", "b", Decimal(425_000))
    >>> abs(estimate(_registers("a", "b", size)) - 425_000) < 300
    True
    """
    low, high = 0.9 * float(wanted), 1.1 * float(wanted)
    for _ in range(10):
        middle = (low + high) / 2
        if estimate(_registers(seed, key, middle)) < wanted:
            low = middle
        else:
            high = middle
    return high


def _registers(seed: str, key: str, count: float) -> Sparse:
    """Registers as so many subjects leave them: each the highest rank that its share of them is likely to reach.

    More subjects include the fewer: whoever merges months counts nobody twice.
    """
    each = count / REGISTERS
    below = [exp(-each / 2**rank) for rank in range(HIGHEST_RANK)]  # below[0]: of the many, none came here
    ranks = [bisect_left(below, luck) for luck in _lucks(seed, key)]
    return of_places({place: rank for place, rank in enumerate(ranks) if rank})


@lru_cache(maxsize=64)
def _lucks(seed: str, key: str) -> Sequence[float]:
    found = []
    for block in range(REGISTERS // 8):
        digest = sha256(f"{seed}/{key}/{block}".encode()).digest()
        found += [int.from_bytes(digest[at : at + 4], "big") / 2**32 for at in range(0, 32, 4)]
    return found


@dataclass(frozen=True)
class Chance:
    """Shares of one that look like chance and are the same each time."""

    seed: str
    key: str

    def share(self, what: str, back: int) -> Decimal:
        digest = sha256(f"{self.seed}/{self.key}/{what}/{back}".encode()).digest()
        return Decimal(int.from_bytes(digest[:4], "big")) / 2**32

    def happens(self, what: str, back: int, probability: Decimal) -> bool:
        return self.share(what, back) < probability
