"""Guidelines for targets: whether a target is ambitious, grounded, aligned, measurable and somebody's."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.precision import divide, precise

STRETCH_FROM: Final = Decimal("0.10")
STRETCH_TO: Final = Decimal("0.20")


class Guideline(StrEnum):
    """What a good target is, in the words of 004:845-849."""

    STRETCH = "STRETCH"
    BASELINE = "BASELINE"
    MARKET = "MARKET"
    MEASURABLE = "MEASURABLE"
    ACTIONABLE = "ACTIONABLE"


@dataclass(frozen=True)
class Aim:
    """What the guidelines look at: the bound and the values it follows, and what stands around the target."""

    bound: Decimal | None
    current: Decimal | None
    has_history: bool
    has_benchmark: bool
    has_number: bool
    has_deadline: bool
    has_owner: bool
    direction: Direction


def stretch(bound: Decimal | None, current: Decimal | None, direction: Direction) -> Decimal | None:
    """How far a bound lies beyond the current value in the wanted direction, 1 = 100 %; below zero it is reached.

    None without both numbers, from zero, and where neither way is better.

    >>> stretch(Decimal(550), Decimal(500), Direction.UP), stretch(Decimal(27), Decimal(30), Direction.DOWN)
    (Decimal('0.1'), Decimal('0.1'))
    """
    if bound is None or current is None or direction is Direction.NONE:
        return None
    with precise():
        way = bound - current if direction is Direction.UP else current - bound
    return divide(way, abs(current))


def checks(aim: Aim) -> dict[Guideline, bool | None]:
    """For each guideline whether a target follows it; None where it cannot be said.

    STRETCH: 10 to 20 % beyond the current value. BASELINE: an earlier value is known to judge it by. MARKET: a
    benchmark is stated. MEASURABLE: it has a number and a deadline or period. ACTIONABLE: somebody owns the KPI.
    """
    beyond = stretch(aim.bound, aim.current, aim.direction)
    return {
        Guideline.STRETCH: None if beyond is None else STRETCH_FROM <= beyond <= STRETCH_TO,
        Guideline.BASELINE: aim.has_history,
        Guideline.MARKET: aim.has_benchmark,
        Guideline.MEASURABLE: aim.has_number and aim.has_deadline,
        Guideline.ACTIONABLE: aim.has_owner,
    }
