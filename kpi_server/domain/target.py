"""Targets: what a KPI is meant to reach, and how far a value has come."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import is_placeholder
from kpi_server.domain.precision import divide, precise
from kpi_server.domain.quantity import NUMBER, Quantity, read_quantity, refusal, tidy
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.domain.wording import is_known_ending
from kpi_server.errors import BadInput, FigureError


class Operator(StrEnum):
    """How a value is compared with its target."""

    AT_LEAST = "AT_LEAST"
    MORE_THAN = "MORE_THAN"
    AT_MOST = "AT_MOST"
    LESS_THAN = "LESS_THAN"
    EQUAL = "EQUAL"
    BETWEEN = "BETWEEN"
    TEXT = "TEXT"


class AttainmentFlag(StrEnum):
    """Why an attainment is no plain ratio.

    UNBOUNDED: lower is better and the value is zero, so no ratio is large enough; the target is met.
    RATIO_UNDEFINED: the target is zero (or equals the baseline); the attainment is 1 if met, else 0.
    """

    UNBOUNDED = "UNBOUNDED"
    RATIO_UNDEFINED = "RATIO_UNDEFINED"


@dataclass(frozen=True)
class Attainment:
    """How far a target is attained: 1 = 100 %. Neither ratio nor flag: it cannot be said."""

    ratio: Decimal | None = None
    flag: AttainmentFlag | None = None


@dataclass(frozen=True)
class Target:
    """A wish as printed and as read.

    `value` is the bound of a one-sided target, also where a range was printed ("< 5-7%": value 0.07, low 0.05).
    A target relative to another KPI ("> 3x Customer Acquisition Cost") has a `multiple` and, until `resolve` has
    worked it out, no value.

    >>> Target("15-20%", Operator.BETWEEN, low=Decimal("0.15"), high=Decimal("0.20")).value is None
    True
    """

    text: str
    operator: Operator
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    multiple: Decimal | None = None
    multiple_of: str | None = None

    def __post_init__(self) -> None:
        numbers = (self.value, self.low, self.high, self.multiple)
        if any(number is not None and not number.is_finite() for number in numbers):
            raise BadInput(f'target "{self.text}": its numbers must be finite')
        match self.operator:
            case Operator.TEXT:
                wrong = any(number is not None for number in numbers) and "has no number"
            case Operator.BETWEEN:
                ordered = self.low is not None and self.high is not None and self.low < self.high
                wrong = not ordered and "needs a lower and a higher number"
            case _:
                wrong = self.value is None and self.multiple is None and "needs a value"
        if wrong:
            raise BadInput(f'target "{self.text}": {self.operator} {wrong}')


_SYMBOLS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        ">=": Operator.AT_LEAST,
        "=>": Operator.AT_LEAST,
        "at least": Operator.AT_LEAST,
        ">": Operator.MORE_THAN,
        "more than": Operator.MORE_THAN,
        "above": Operator.MORE_THAN,
        "over": Operator.MORE_THAN,
        "<=": Operator.AT_MOST,
        "=<": Operator.AT_MOST,
        "at most": Operator.AT_MOST,
        "up to": Operator.AT_MOST,
        "<": Operator.LESS_THAN,
        "less than": Operator.LESS_THAN,
        "below": Operator.LESS_THAN,
        "under": Operator.LESS_THAN,
        "=": Operator.EQUAL,
        "exactly": Operator.EQUAL,
    }
)
_OPERATOR: Final = re.compile("|".join(sorted(map(re.escape, _SYMBOLS), key=len, reverse=True)), re.IGNORECASE)
_OPENINGS: Final = ("achieve value in", "average", "clv", "clv:cac", "ltv", "ltv:cac", "nps", "overall", "support")
_MULTIPLE: Final = re.compile(rf"(?P<times>{NUMBER})\s?[x×]\s+(?P<of>[A-Za-z].*)")
_QUALIFIER: Final = re.compile(
    r"(?:(?:of|across) .+|(?:by )?month [0-9]+|(?:on )?average|in total|worldwide)?\s*(?:\([^()]*\))?", re.IGNORECASE
)


def parse_target(text: str, unit: Unit, direction: Direction, *, names: Collection[str] = ()) -> Target:
    """The target that a text states for a KPI of this unit and direction.

    A bare number is the least to reach, or the most to allow where lower is better. "75+" is at least 75; a bare range
    is to be inside; behind "<" a range's upper end counts, behind ">" its lower end. With a TEXT unit the words are
    the target. `names` are the KPI's own names, which may stand before or after the number.

    Raises:
        FigureError: the unit needs a number and the text gives none, or says words nobody knows.

    >>> from kpi_server.domain.unit import parse_unit
    >>> parse_target("<2.5%", parse_unit("RATIO"), Direction.DOWN)
    Target(text='<2.5%', operator=<Operator.LESS_THAN: 'LESS_THAN'>, value=Decimal('0.025'), low=None, high=None, \
multiple=None, multiple_of=None)
    >>> parse_target("45 days", parse_unit("DURATION"), Direction.DOWN).operator.value
    'AT_MOST'
    >>> clv = parse_target("> 3x Customer Acquisition Cost", parse_unit("MONEY(USD)"), Direction.UP)
    >>> clv.multiple, clv.multiple_of
    (Decimal('3'), 'Customer Acquisition Cost')
    """
    words = tidy(text)
    if not words:
        raise refusal(text, unit, "it is empty")
    if unit.kind is UnitKind.TEXT:
        return Target(text, Operator.TEXT)
    operator, wanted = _opening(words, names)
    if not re.search(r"[0-9]", wanted) or is_placeholder(wanted):
        raise FigureError(
            f'"{text}": a target of unit {unit} needs a number; give `value:` and `operator:`, or `operator: TEXT`'
        )
    relative = _MULTIPLE.fullmatch(wanted)
    if relative is not None and unit.kind is not UnitKind.MULTIPLE:
        times = Decimal(relative["times"].replace(",", ""))
        return Target(text, operator or _bare(direction), multiple=times, multiple_of=relative["of"])
    return _with_numbers(text, unit, operator, read=_read(text, unit, wanted=wanted, names=names), direction=direction)


def _opening(words: str, names: Collection[str]) -> tuple[Operator | None, str]:
    """The operator, and the rest from the number on; known words in front are passed over."""
    known = sorted({*_OPENINGS, *(name.casefold() for name in names if name)}, key=len, reverse=True)
    pattern = re.compile(rf"(?:(?:{'|'.join(map(re.escape, known))})\s*:?(?=[\s<>=€$£¥₹0-9])\s*)*", re.IGNORECASE)
    match = pattern.match(words)
    rest = words[match.end() if match else 0 :]
    sign = _OPERATOR.match(rest)
    if sign is None:
        return None, rest
    return _SYMBOLS[sign[0].casefold()], rest[sign.end() :].strip()


def _read(text: str, unit: Unit, *, wanted: str, names: Collection[str]) -> Quantity:
    quantity = read_quantity(wanted, unit)
    if not (_QUALIFIER.fullmatch(quantity.words) or is_known_ending(_unqualified(quantity.words), unit, names)):
        raise refusal(text, unit, f'"{quantity.words}" is not understood; give `value:` and `operator:` explicitly')
    return quantity


def _unqualified(words: str) -> str:
    """Without remarks in brackets and without "average" at the end."""
    return re.sub(r"\s*\([^()]*\)$|\s+(?:on )?average$", "", words, flags=re.IGNORECASE)


def _bare(direction: Direction) -> Operator:
    return Operator.AT_MOST if direction is Direction.DOWN else Operator.AT_LEAST


def _with_numbers(text: str, unit: Unit, operator: Operator | None, *, read: Quantity, direction: Direction) -> Target:
    if read.at_least:
        if operator not in {None, Operator.AT_LEAST, Operator.MORE_THAN}:
            raise refusal(text, unit, "it is open upwards and bounded from above at once")
        return Target(text, operator or Operator.AT_LEAST, read.value)
    if read.value is not None:
        return Target(text, operator or _bare(direction), read.value)
    if operator in {None, Operator.EQUAL}:
        return Target(text, Operator.BETWEEN, low=read.low, high=read.high)
    bound = read.high if operator in {Operator.LESS_THAN, Operator.AT_MOST} else read.low
    return Target(text, operator, bound, low=read.low, high=read.high)


def resolve(target: Target, other: Decimal | None) -> Target:
    """The target with its value worked out from the KPI it is a multiple of; any other target as it is.

    >>> relative = Target("> 3x CAC", Operator.MORE_THAN, multiple=Decimal(3), multiple_of="CAC")
    >>> resolve(relative, Decimal(6800)).value
    Decimal('20400')
    """
    if target.multiple is None or other is None:
        return target
    with precise():
        return replace(target, value=target.multiple * other)


_COMPARE: Final[Mapping[Operator, Callable[[Decimal, Decimal], bool]]] = MappingProxyType(
    {
        Operator.AT_LEAST: lambda value, bound: value >= bound,
        Operator.MORE_THAN: lambda value, bound: value > bound,
        Operator.AT_MOST: lambda value, bound: value <= bound,
        Operator.LESS_THAN: lambda value, bound: value < bound,
        Operator.EQUAL: lambda value, bound: value == bound,
    }
)


def met(target: Target, value: Decimal | None, *, text: str | None = None) -> bool | None:
    """True if the exact value fulfils the target; None where there is nothing to compare.

    A text target is met by the same words, in capitals or not. Both ends of a range belong to it.

    >>> at_most = Target("<2.5%", Operator.LESS_THAN, Decimal("0.025"))
    >>> met(at_most, Decimal("0.032")), met(at_most, Decimal("0.0249")), met(at_most, None)
    (False, True, None)
    >>> met(Target("Healthy", Operator.TEXT), None, text="At Risk")
    False
    """
    if target.operator is Operator.TEXT:
        return None if text is None else _same_words(target.text, text)
    if value is None:
        return None
    if target.operator is Operator.BETWEEN:
        low, high = _bounds(target)
        return low <= value <= high
    return None if target.value is None else _COMPARE[target.operator](value, target.value)


def _same_words(first: str, second: str) -> bool:
    return tidy(first).casefold() == tidy(second).casefold()


def _bounds(target: Target) -> tuple[Decimal, Decimal]:
    low, high = (target.low, target.high) if target.operator is Operator.BETWEEN else (target.value, target.value)
    if low is None or high is None:
        raise BadInput(f'target "{target.text}": {target.operator} needs numbers')
    return low, high


def attainment(target: Target, value: Decimal | None, *, baseline: Decimal | None = None) -> Attainment:
    """How far the value has come, 1 = 100 %, uncapped; at least 1 where a one-sided target is reached.

    On the bound it is 1, which a strict target (< or >) does not count as reached.
    Higher is better: value / target. Lower is better: target / value, and UNBOUNDED at zero. A range: 1 inside, else
    the ratio to the nearer end. With a baseline, a one-sided target counts the way covered: (v - b) / (T - b).
    Where a sign breaks the ratio: 1 plus or minus (v - T) / |T|. A target of zero: 1 or 0, RATIO_UNDEFINED.

    >>> attainment(Target("500K", Operator.AT_LEAST, Decimal(500000)), Decimal(425000)).ratio
    Decimal('0.85')
    >>> attainment(Target("< 8 s", Operator.LESS_THAN, Decimal(8)), Decimal(5)).ratio
    Decimal('1.6')
    >>> attainment(Target("<20", Operator.LESS_THAN, Decimal(20)), Decimal(0)).flag
    <AttainmentFlag.UNBOUNDED: 'UNBOUNDED'>
    """
    reached = met(target, value)
    if value is None or reached is None or target.operator is Operator.TEXT:
        return Attainment()
    if target.operator in {Operator.BETWEEN, Operator.EQUAL}:
        return _attained_range(target, value)
    if target.value is None:
        return Attainment()
    if baseline is not None:
        return _attained_way(value, target.value, baseline=baseline, reached=reached)
    rising = target.operator in {Operator.AT_LEAST, Operator.MORE_THAN}
    return (_attained_floor if rising else _attained_ceiling)(value, target.value, reached=reached)


def _attained_range(target: Target, value: Decimal) -> Attainment:
    low, high = _bounds(target)
    if value < low:
        return _attained_floor(value, low, reached=False)
    if value > high:
        return _attained_ceiling(value, high, reached=False)
    return Attainment(Decimal(1))


def _attained_way(value: Decimal, target: Decimal, *, baseline: Decimal, reached: bool) -> Attainment:
    with precise():
        ratio = divide(value - baseline, target - baseline)
    return _undefined(reached=reached) if ratio is None else Attainment(ratio)


def _attained_floor(value: Decimal, target: Decimal, *, reached: bool) -> Attainment:
    if not target:
        return _undefined(reached=reached)
    if target > 0:
        return Attainment(divide(value, target))
    return Attainment(_by_distance(value - target, target))


def _attained_ceiling(value: Decimal, target: Decimal, *, reached: bool) -> Attainment:
    if not target:
        return _undefined(reached=reached)
    if target > 0 and not value:
        return Attainment(flag=AttainmentFlag.UNBOUNDED)
    if target > 0 and value > 0:
        return Attainment(divide(target, value))
    return Attainment(_by_distance(target - value, target))


def _by_distance(ahead: Decimal, target: Decimal) -> Decimal:
    with precise():
        return 1 + ahead / abs(target)


def _undefined(*, reached: bool) -> Attainment:
    return Attainment(Decimal(int(reached)), AttainmentFlag.RATIO_UNDEFINED)


def share_of_target(target: Target, value: Decimal | None) -> Decimal | None:
    """The value divided by the target, as documents print it ("73 % of target" for 22 of 30 minutes).

    None without a value, for ranges and texts, and for a target of zero.

    >>> share_of_target(Target("< 30 minutes", Operator.LESS_THAN, Decimal(1800)), Decimal(1350))
    Decimal('0.75')
    """
    if value is None or target.value is None:
        return None
    return divide(value, target.value)
