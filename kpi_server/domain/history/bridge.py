"""Bridges: a balance that opens each period as the one before closed, and the movements between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpi_server.domain.calculation import Definitions
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.domain.expression.inputs import Shift
from kpi_server.domain.history.course import GAPS, MONTHS, Chance, Generated, first_said, level, parts_of
from kpi_server.domain.history.endings import step_of
from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.period import Period, ordinal, shift
from kpi_server.domain.precision import precise

_MOST_MOVED: Final = Decimal("0.2")
"""Of a closing balance so much at the most came in its month, or as much more was there before."""
_WAVERING: Final = Decimal("0.2")

_OWN_PERIOD: Final = (Shift.NONE.value, 0, None)

_Parts = Mapping[str, Decimal]
"""Values by segment."""


@dataclass(frozen=True)
class Bridge:
    """An opening measure, and the measures that add to it or take from it (1 or -1) until the period closes."""

    opening: str
    movements: Mapping[str, int]

    @property
    def keys(self) -> frozenset[str]:
        """Everything that is measured of it."""
        return frozenset({self.opening, *self.movements})


def bridges(definitions: Definitions, measures: Mapping[str, Measure]) -> list[Bridge]:
    """The bridges that formulas state: an opening with sums that are added to it or taken from it, nothing else."""
    found = [_bridge(one, measures) for one in definitions.calculators.values()]
    return list({one.opening: one for one in found if one is not None}.values())


def course_of_bridge(
    seed: str, bridge: Bridge, measures: Mapping[str, Measure], endings: Mapping[str, Decimal], last: Period
) -> Iterator[Generated]:
    """What is recorded of a bridge over two years up to a month, in which its measures are their endings.

    From that month back each opens with what the one before closes with, in every segment. Movements are as large
    beside the balance as in the end, and waver; a month may lack one, which then did not happen.
    """
    moved = [key for key in bridge.movements if key in endings]
    chances = {key: Chance(seed, key) for key in (bridge.opening, *moved)}
    ends: Mapping[str, _Parts] = {key: dict(parts_of(measures[key], endings[key])) for key in (bridge.opening, *moved)}
    opened = ends[bridge.opening]
    for back in range(MONTHS):
        period = shift(last, -back)
        values: Mapping[str, _Parts] = {key: ends[key] for key in moved}
        if back:
            shares = {key: _share(chances[key], back, period, last) for key in moved}
            values = {key: _scaled(ends[key], ends[bridge.opening], opened, shares[key]) for key in moved}
            values, opened = _opened(opened, values, bridge.movements, measures)
        for key, parts in {bridge.opening: opened, **values}.items():
            for segment, value in parts.items():
                if key == bridge.opening or value or not back:
                    first = first_said(chances[key], measures[key], value, back)
                    yield Generated(key, segment, period, value, first)


def _share(chance: Chance, back: int, period: Period, last: Period) -> Decimal:
    """How busy a month is in a movement beside the last one; not at all in one that lacks it."""
    if chance.happens("gap", back, GAPS):
        return Decimal(0)
    return level(period) / level(last) * (1 + (chance.share("noise", ordinal(period)) - Decimal("0.5")) * _WAVERING)


def _scaled(end: _Parts, balance: _Parts, closed: _Parts, share: Decimal) -> _Parts:
    """A movement of a month that closes with a balance, as large beside it as in the end."""
    with precise():
        return {
            segment: end.get(segment, Decimal(0)) * share * closed[segment] / balance[segment]
            for segment in closed
            if balance[segment]
        }


def _opened(
    closed: _Parts, moved: Mapping[str, _Parts], signs: Mapping[str, int], measures: Mapping[str, Measure]
) -> tuple[Mapping[str, _Parts], _Parts]:
    """The movements in whole steps, and what is left of the closing balance without them, by segment."""
    made: dict[str, dict[str, Decimal]] = {key: {} for key in moved}
    opened = {}
    for segment, balance in closed.items():
        net = sum((signs[key] * parts.get(segment, Decimal(0)) for key, parts in moved.items()), Decimal(0))
        most = balance * _MOST_MOVED
        with precise():
            part = most / abs(net) if abs(net) > most else Decimal(1)
            for key, parts in moved.items():
                step = step_of(measures[key].unit)
                made[key][segment] = (parts.get(segment, Decimal(0)) * part / step).to_integral_value() * step
        opened[segment] = balance - sum((signs[key] * made[key][segment] for key in moved), Decimal(0))
    return made, opened


def _bridge(calculator: Calculator, measures: Mapping[str, Measure]) -> Bridge | None:
    read = {one.slot: one for one in calculator.readings}
    known = {slot: measures[one.key] for slot, one in read.items() if one.key in measures and one.way == _OWN_PERIOD}
    openings = [slot for slot, measure in known.items() if measure.over_time is OverTime.FIRST]
    sums = [slot for slot, measure in known.items() if measure.over_time is OverTime.SUM]
    adds_up = all(measure.across is Across.SUM for measure in known.values())
    if len(openings) != 1 or len(openings) + len(sums) < len(read) or not adds_up:
        return None
    signs = _signs(calculator, [*openings, *sums])
    if signs is None or signs[openings[0]] != 1:
        return None
    return Bridge(read[openings[0]].key, {read[slot].key: signs[slot] for slot in sums})


def _signs(calculator: Calculator, slots: Sequence[str]) -> Mapping[str, int] | None:
    """Whether each input is added (1) or taken away (-1), where the formula does nothing else with any."""
    nothing = dict.fromkeys(slots, Decimal(0))
    alone = {slot: calculator.evaluate({**nothing, slot: Decimal(1)}) for slot in slots}
    signs = {slot: int(sign) for slot, sign in alone.items() if sign in (1, -1)}
    different = {slot: Decimal(7) ** place for place, slot in enumerate(slots)}
    together = sum((sign * different[slot] for slot, sign in signs.items()), Decimal(0))
    return signs if len(signs) == len(slots) and calculator.evaluate(different) == together else None
