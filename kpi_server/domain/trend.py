"""Trends: the movement a document prints beside a figure, and the change between two values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import is_placeholder
from kpi_server.domain.precision import divide, precise
from kpi_server.domain.quantity import read_quantity, refusal, tidy
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.domain.wording import is_known_ending


class Arrow(StrEnum):
    """The way a figure moved, whether that is good or not."""

    UP = "UP"
    DOWN = "DOWN"
    FLAT = "FLAT"


class Basis(StrEnum):
    """What a trend is measured against: the previous week, month or quarter, the year before, or not said."""

    WOW = "WOW"
    MOM = "MOM"
    QOQ = "QOQ"
    YOY = "YOY"
    UNSPECIFIED = "UNSPECIFIED"


PERCENT: Final = "PERCENT"

_ARROWS: Final[Mapping[str, Arrow]] = MappingProxyType(
    {
        "↗": Arrow.UP,
        "↑": Arrow.UP,
        "⬆": Arrow.UP,
        "↘": Arrow.DOWN,
        "↓": Arrow.DOWN,
        "⬇": Arrow.DOWN,
        "→": Arrow.FLAT,
        "➡": Arrow.FLAT,
    }
)
_BASES: Final = (
    (
        Basis.WOW,
        re.compile(r"\b(?:WoW|week-over-week|(?:vs\.? |since |with )?(?:last|previous) week)\b", re.IGNORECASE),
    ),
    (
        Basis.MOM,
        re.compile(r"\b(?:MoM|month-over-month|(?:vs\.? |since |with )?(?:last|previous) month)\b", re.IGNORECASE),
    ),
    (
        Basis.QOQ,
        re.compile(
            r"\b(?:QoQ|quarter-over-quarter|(?:vs\.? |since |with )?(?:last|previous) quarter)\b", re.IGNORECASE
        ),
    ),
    (
        Basis.YOY,
        re.compile(r"\b(?:YoY|year-over-year|(?:vs\.? |since |with )?(?:last|previous) year)\b", re.IGNORECASE),
    ),
)
_MARKS: Final = re.compile(r"[↗↑⬆↘↓⬇→➡✅️\s]+")
_MEASURED: Final = re.compile(r"\+|-")
_PERCENT: Final = re.compile(r"[+-]\s?[0-9.,]+\s?%")
_POINTS: Final = re.compile(r"([+-]\s?[0-9.,]+)\s?(?:percentage points|points?|pts|pp)\b\s*")
_FROM: Final = re.compile(
    r"(?P<word>improved|worsened|up|down|rose|fell|declined)\s+from\s+(?P<figure>.+)", re.IGNORECASE
)
_WORDS: Final[Mapping[str, Arrow]] = MappingProxyType(
    {
        "consistent": Arrow.FLAT,
        "falling": Arrow.DOWN,
        "fell": Arrow.DOWN,
        "down": Arrow.DOWN,
        "flat": Arrow.FLAT,
        "rising": Arrow.UP,
        "rose": Arrow.UP,
        "stable": Arrow.FLAT,
        "unchanged": Arrow.FLAT,
        "up": Arrow.UP,
    }
)
_BETTER: Final = frozenset({"improved", "improving"})
_WORSE: Final = frozenset({"declined", "declining", "worsened", "worsening"})
_RATIO: Final = Unit(UnitKind.RATIO)
_POINTS_UNIT: Final = Unit(UnitKind.COUNT, of="point")


@dataclass(frozen=True)
class Trend:
    """A printed movement.

    `amount` is signed and in `unit`: PERCENT as a fraction (0.28 for "+28%"), POINTS as printed, otherwise in the
    canonical measure of the kind (MONEY, DURATION in seconds, MONTHS, COUNT, MULTIPLE, SCORE). `previous` is the
    earlier value where the text names it; `words` are what it says beyond that.
    """

    text: str
    arrow: Arrow | None = None
    amount: Decimal | None = None
    unit: str | None = None
    basis: Basis = Basis.UNSPECIFIED
    previous: Decimal | None = None
    words: str | None = None


@dataclass(frozen=True)
class Change:
    """The difference of two values: absolute, relative (1 = 100 %) and in points, each where it makes sense."""

    amount: Decimal
    ratio: Decimal | None = None
    points: Decimal | None = None


@dataclass(frozen=True)
class _Movement:
    amount: Decimal
    unit: str
    words: str


def parse_trend(text: str, unit: Unit, *, arrow: Arrow | None = None) -> Trend:
    """The trend that a text states for a KPI of this unit.

    For a RATIO, "+2%" may mean percent or percentage points: it stays PERCENT, as printed. An arrow given, then one
    printed, then the sign, then a word such as "Stable" says the way; "Improving" alone says none.

    Raises:
        FigureError: an amount is printed that is not of the KPI's kind, percent or points.

    >>> from kpi_server.domain.unit import parse_unit
    >>> trend = parse_trend("↗️ +25% MoM", parse_unit("COUNT(visitor)/month"))
    >>> trend.arrow, trend.amount, trend.unit, trend.basis
    (<Arrow.UP: 'UP'>, Decimal('0.25'), 'PERCENT', <Basis.MOM: 'MOM'>)
    >>> parse_trend("Improved from 35 minutes last quarter", parse_unit("DURATION")).previous
    Decimal('2100')
    """
    words = tidy(text.replace("\N{VARIATION SELECTOR-16}", ""))
    if not words:
        raise refusal(text, unit, "it is empty")
    printed = next((way for sign, way in _ARROWS.items() if sign in words), None)
    basis, rest = _basis(_MARKS.sub(" ", words).strip())
    if is_placeholder(rest.lstrip("+-")):
        return Trend(text, arrow or printed, basis=basis)
    if _MEASURED.match(rest):
        moved = _movement(text, rest, unit)
        way = arrow or printed or _way(moved.amount)
        return Trend(text, way, moved.amount, moved.unit, basis, words=moved.words or None)
    return _in_words(text, rest, unit, basis=basis, way=arrow or printed)


def _basis(words: str) -> tuple[Basis, str]:
    """What the trend is measured against, and the words without it."""
    for basis, pattern in _BASES:
        match = pattern.search(words)
        if match is not None:
            return basis, tidy(words[: match.start()] + words[match.end() :])
    return Basis.UNSPECIFIED, words


def _way(amount: Decimal) -> Arrow:
    if not amount:
        return Arrow.FLAT
    return Arrow.UP if amount > 0 else Arrow.DOWN


def _movement(text: str, rest: str, unit: Unit) -> _Movement:
    """The signed amount at the start: percent for any KPI, points for points and ratios, else the KPI's own kind."""
    if _PERCENT.match(rest):
        quantity = read_quantity(rest, _RATIO)
        return _Movement(_single(text, unit, quantity.value), PERCENT, quantity.words)
    points = _POINTS.match(rest)
    if points is not None and unit.kind in {UnitKind.POINTS, UnitKind.RATIO}:
        amount = read_quantity(points[1], _POINTS_UNIT).value
        return _Movement(_single(text, unit, amount), UnitKind.POINTS.value, rest[points.end() :])
    quantity = read_quantity(rest, _unbounded(unit))
    if not is_known_ending(quantity.words, unit):
        raise refusal(text, unit, f'"{quantity.words}" is not part of this unit')
    return _Movement(_single(text, unit, quantity.value), unit.kind.value, "")


def _single(text: str, unit: Unit, amount: Decimal | None) -> Decimal:
    if amount is None:
        raise refusal(text, unit, "a trend is one amount, not a range")
    return amount


def _unbounded(unit: Unit) -> Unit:
    """A score's or points' movement is a plain number: -1.2 is no score but a fine change of one."""
    if unit.kind in {UnitKind.SCORE, UnitKind.POINTS}:
        return Unit(UnitKind.COUNT)
    return unit


def _in_words(text: str, rest: str, unit: Unit, *, basis: Basis, way: Arrow | None) -> Trend:
    earlier = _FROM.fullmatch(rest)
    if earlier is not None:
        previous = _single(text, unit, read_quantity(earlier["figure"], unit).value)
        way = way or _WORDS.get(earlier["word"].casefold())
        return Trend(text, way, basis=basis, previous=previous, words=earlier["word"])
    if re.search(r"[0-9]", rest):
        raise refusal(text, unit, "a trend's number needs its sign, such as +3 or -3")
    first = re.match(r"[a-z]*", rest.casefold())
    return Trend(text, way or _WORDS.get(first[0] if first else ""), basis=basis, words=rest or None)


def improving(trend: Trend, direction: Direction) -> bool | None:
    """True if the movement is wanted: churn going down is an improvement. No movement is none.

    The amount decides, then the arrow, then the word; None where neither way is better or nothing is said.

    >>> falling = Trend("↘️ -22%", Arrow.DOWN, Decimal("-0.22"), PERCENT)
    >>> improving(falling, Direction.DOWN), improving(falling, Direction.UP), improving(falling, Direction.NONE)
    (True, False, None)
    """
    way = trend.arrow if trend.amount is None else _way(trend.amount)
    word = (trend.words or "").casefold().split(" ")[0].strip(",.")
    if way is None or (trend.amount is None and word in _BETTER | _WORSE):
        return word in _BETTER if word in _BETTER | _WORSE else None
    if direction is Direction.NONE:
        return None
    return way is (Arrow.UP if direction is Direction.UP else Arrow.DOWN)


def completed(trend: Trend, current: Decimal | None, unit: Unit) -> Trend:
    """The trend with the movement that follows from the earlier value it names, where it prints none itself.

    000:43 prints "Improved from 35 minutes last quarter" beside 22 minutes: 13 minutes (780 s) down.

    >>> told = Trend("Improved from 35 minutes last quarter", basis=Basis.QOQ, previous=Decimal(2100))
    >>> moved = completed(told, Decimal(1320), Unit(UnitKind.DURATION))
    >>> moved.arrow.value, moved.amount, moved.unit
    ('DOWN', Decimal('-780'), 'DURATION')
    """
    if trend.amount is not None or trend.previous is None or current is None:
        return trend
    moved = change(current, trend.previous, unit)
    amount, in_unit = (moved.amount, unit.kind.value) if moved.points is None else (moved.points, UnitKind.POINTS.value)
    return replace(trend, arrow=_way(amount), amount=amount, unit=in_unit)


def change(current: Decimal, previous: Decimal, unit: Unit) -> Change:
    """The change between two values of one unit.

    A ratio changes in percentage points (its relative change reads like them and means something else); so do points,
    whose zero is no starting point. Everything else changes by (current - previous) / |previous|, None from zero.

    >>> change(Decimal(425), Decimal(340), Unit(UnitKind.COUNT)).ratio
    Decimal('0.25')
    >>> change(Decimal("0.032"), Decimal("0.037"), Unit(UnitKind.RATIO)).points
    Decimal('-0.500')
    """
    with precise():
        amount = current - previous
        if unit.kind is UnitKind.RATIO:
            return Change(amount, points=amount * 100)
        if unit.kind is UnitKind.POINTS:
            return Change(amount, points=amount)
    return Change(amount, ratio=divide(amount, abs(previous)))
