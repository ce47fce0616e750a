"""What a measure must keep: it does not matter in how many steps it is rolled up, where it may be rolled up at all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Final

from kpi_server.domain.absence import Absence
from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.domain.frame import Frame, frame_of
from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.period import Period, parse_period
from kpi_server.domain.precision import plain
from kpi_server.domain.rollup import Additivity, Recorded, Rolled, roll_up
from kpi_server.domain.segment import WHOLE, Segment, read_segment
from kpi_server.domain.sketch.sparse import Sparse, of_places

_QUARTER: Final = "2024-Q1"
_MONTHS: Final = ("2024-01", "2024-02", "2024-03")
_DAYS: Final = ("02", "11", "29")
_PLANS: Final = ("plan=pro", "plan=free")
_REGIONS: Final = ("region=eu", "region=us")
_STEP: Final = Decimal("1E-12")
_WEIGHTS: Final = Additivity("", Across.SUM, OverTime.SUM)


RollUp = Callable[[Sequence[Recorded], Segment, Frame, Additivity], Rolled]


def rollup_checks(measures: Mapping[str, Measure], roll: RollUp = roll_up) -> list[Check]:
    """For each measure whether steps matter; those that add up in the same way are tried once."""
    ways = {key: Additivity("", one.across, one.over_time, one.sketch) for key, one in measures.items()}
    problems = {way: [*_Trial(way, roll).problems()] for way in dict.fromkeys(ways.values())}
    return [Check(Rule.ROLL_UP, key, "; ".join(problems[way])) for key, way in ways.items()]


@dataclass(frozen=True)
class _Trial:
    way: Additivity
    roll: RollUp

    def problems(self) -> Iterator[str]:
        """What differs when parts are put together first, or months are; a mean of means is none of the whole."""
        recorded = _sample(self.way)
        part = [replace(one, segment=WHOLE) for one in recorded if one.segment == recorded[0].segment]
        quarter, day = parse_period(_QUARTER), recorded[0].period
        if self.way.across is Across.NONE:
            yield from self.refusal(recorded, day)
        else:
            period = day if self.way.over_time is OverTime.NONE else quarter
            days = dict.fromkeys(one.period for one in recorded)
            plans = product([read_segment(plan) for plan in _PLANS], days)
            yield from self.difference("plan by plan", recorded, plans, period)
        if self.way.over_time is OverTime.NONE:
            yield from self.refusal(part, quarter)
        elif self.way.over_time is not OverTime.AVG:
            months = [(WHOLE, parse_period(month)) for month in _MONTHS]
            whole = part if self.way.across is Across.NONE else recorded
            yield from self.difference("month by month", whole, months, quarter)

    def refusal(self, recorded: Sequence[Recorded], period: Period) -> Iterator[str]:
        rolled = self.roll(recorded, WHOLE, frame_of(period), self.way)
        if rolled.absence is not Absence.NON_ADDITIVE:
            yield f"gives {_seen(rolled)} where it must not be rolled up"

    def difference(
        self, steps: str, recorded: Sequence[Recorded], cells: Iterable[tuple[Segment, Period]], period: Period
    ) -> Iterator[str]:
        at_once = _seen(self.roll(recorded, WHOLE, frame_of(period), self.way))
        stepwise = _seen(self.roll(self.cells(recorded, cells), WHOLE, frame_of(period), self.way))
        if stepwise != at_once:
            yield f"rolled up {steps} gives {stepwise}, at once {at_once}"

    def cells(self, recorded: Sequence[Recorded], cells: Iterable[tuple[Segment, Period]]) -> list[Recorded]:
        """What the cells are of what was recorded, as if that had been recorded itself; weights add up."""
        weighed = [replace(one, value=one.weight or Decimal(0)) for one in recorded]
        made = []
        for segment, period in cells:
            rolled = self.roll(recorded, segment, frame_of(period), self.way)
            weight = roll_up(weighed, segment, frame_of(period), _WEIGHTS)
            if rolled.value is not None:
                made.append(Recorded(segment, period, rolled.value, weight.value, rolled.sketch))
        return made


def _seen(rolled: Rolled) -> object:
    if rolled.sketch is not None:
        return rolled.sketch
    return rolled.absence if rolled.value is None else plain(rolled.value.quantize(_STEP))


def _sample(way: Additivity) -> list[Recorded]:
    """Some days of a quarter, each by plan and region, unevenly: of some days a part is missing."""
    cells = [
        (read_segment(f"{plan},{region}"), parse_period(f"{month}-{day}"))
        for month, day, plan, region in product(_MONTHS, _DAYS, _PLANS, _REGIONS)
    ]
    sketch: Callable[[int], Sparse | None] = _sketch if way.sketch else lambda _: None
    return [
        Recorded(segment, period, Decimal(number * 17 % 41), Decimal(1 + number * 5 % 7), sketch(number))
        for number, (segment, period) in enumerate(cells)
        if number % 8
    ]


def _sketch(number: int) -> Sparse:
    return of_places({number * step % 11: 1 + number % 5 for step in (3, 7)})
