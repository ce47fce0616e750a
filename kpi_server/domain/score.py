"""Scores: how well the KPIs of a department, and the departments of an organization, do in one number of 0 to 100."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from kpi_server.domain.precision import divide, precise
from kpi_server.domain.status import Status
from kpi_server.domain.target import Attainment, AttainmentFlag
from kpi_server.errors import BadInput

WHOLE: Final = Decimal(100)
LEAST_COVERAGE: Final = Decimal("0.5")
_NOT_JUDGED: Final = frozenset({Status.NO_TARGET, Status.NOT_YET_DUE, Status.NO_DATA})


class Band(StrEnum):
    """A score in a word, the best first.

    Documents bear out EXCELLENT from 90 on and STRONG below it; the bounds of the others are this server's own.
    """

    EXCELLENT = "EXCELLENT"
    STRONG = "STRONG"
    GOOD = "GOOD"
    FAIR = "FAIR"
    POOR = "POOR"


_FROM: Final = (
    (Decimal(90), Band.EXCELLENT),
    (Decimal(80), Band.STRONG),
    (Decimal(70), Band.GOOD),
    (Decimal(60), Band.FAIR),
)


@dataclass(frozen=True)
class Part:
    """What a score is made of: a score of 0 to 100, None where there is none, and how much it weighs."""

    score: Decimal | None
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Score:
    """A score, None where too little is known, and the share of the weight that is known."""

    value: Decimal | None
    coverage: Decimal

    @property
    def band(self) -> Band | None:
        """The word for the score."""
        return None if self.value is None else band(self.value)


def kpi_score(attained: Attainment, status: Status) -> Decimal | None:
    """A KPI's score: 100 times its attainment, at least 0 and at most 100; None where it is not judged.

    A value of zero where lower is better has no attainment, since no ratio is large enough: it scores 100.

    >>> kpi_score(Attainment(Decimal("0.85")), Status.MISSED), kpi_score(Attainment(Decimal("1.2")), Status.MET)
    (Decimal('85.00'), Decimal('100'))
    >>> kpi_score(Attainment(flag=AttainmentFlag.UNBOUNDED), Status.MET)
    Decimal('100')
    >>> kpi_score(Attainment(Decimal("0.4")), Status.NOT_YET_DUE) is None
    True
    """
    if status in _NOT_JUDGED:
        return None
    if attained.flag is AttainmentFlag.UNBOUNDED:
        return WHOLE
    if attained.ratio is None:
        return None
    with precise():
        return min(max(WHOLE * attained.ratio, Decimal(0)), WHOLE)


def weighted_score(parts: Iterable[Part]) -> Score:
    """The weighted mean of the parts that have a score; None when these are less than half of the weight.

    Raises:
        BadInput: a weight is negative.

    >>> weighted_score([Part(Decimal(80)), Part(Decimal(60)), Part(None)]).value
    Decimal('70')
    >>> weighted_score([Part(Decimal(80)), Part(None), Part(None)])
    Score(value=None, coverage=Decimal('0.3333333333333333333333333333333333'))
    """
    everything = tuple(parts)
    if any(part.weight < 0 for part in everything):
        raise BadInput("the weight of a part of a score cannot be negative")
    known = [(part.score, part.weight) for part in everything if part.score is not None]
    with precise():
        weight = sum((weight for _, weight in known), Decimal(0))
        total = sum((part.weight for part in everything), Decimal(0))
        reached = sum((score * weight for score, weight in known), Decimal(0))
    coverage = divide(weight, total) or Decimal(0)
    return Score(divide(reached, weight) if coverage >= LEAST_COVERAGE else None, coverage)


def band(value: Decimal) -> Band:
    """The word for a score; a bound belongs to the better word.

    >>> band(Decimal(90)).value, band(Decimal("89.99")).value
    ('EXCELLENT', 'STRONG')
    """
    return next((word for least, word in _FROM if value >= least), Band.POOR)
