"""Units: what a number counts. They live on definitions, never on single values."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from kpi_server.domain.currency import is_currency
from kpi_server.domain.precision import plain
from kpi_server.errors import BadInput

_NOTATION: Final = re.compile(r"(?P<kind>[A-Z]+)(?:\((?P<inside>[^()]*)\))?(?:/(?P<per>[^()/]+))?")
_SCALE: Final = re.compile(r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*,\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")
_FORMS: Final = (
    "COUNT(customer), COUNT(deployment)/week, RATIO, MULTIPLE, POINTS, SCORE(0,5), MONEY(EUR)/month, DURATION, MONTHS, "
    "BYTES/day, TEXT"
)


class UnitKind(StrEnum):
    """The kinds of number (and TEXT, which is none).

    RATIO is stored as a fraction and printed as a percentage; MULTIPLE is a ratio printed as x:1; DURATION is in
    seconds; MONTHS are calendar months, which have no fixed duration; POINTS run from -100 to 100.
    """

    COUNT = "COUNT"
    RATIO = "RATIO"
    MULTIPLE = "MULTIPLE"
    POINTS = "POINTS"
    SCORE = "SCORE"
    MONEY = "MONEY"
    DURATION = "DURATION"
    MONTHS = "MONTHS"
    BYTES = "BYTES"
    TEXT = "TEXT"


@dataclass(frozen=True)
class Unit:
    """A kind, with what is counted, the currency, the scale, and what it is reported per.

    A family declares `MONEY` and `SCORE` without currency and scale; an organization fixes them (see `fix`).

    >>> str(Unit(UnitKind.COUNT, of="story point", per="sprint"))
    'COUNT(story point)/sprint'
    >>> str(Unit(UnitKind.SCORE, low=Decimal(0), high=Decimal("5.0")))
    'SCORE(0,5)'
    """

    kind: UnitKind
    of: str | None = None
    currency: str | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    per: str | None = None

    def __post_init__(self) -> None:
        for problem in (_wrong_words(self), _wrong_currency(self), _wrong_scale(self)):
            if problem:
                raise BadInput(f"a unit of kind {self.kind} {problem}")

    def __str__(self) -> str:
        inside = self.of or self.currency
        if self.low is not None and self.high is not None:
            inside = f"{plain(self.low)},{plain(self.high)}"
        return f"{self.kind}{f'({inside})' if inside else ''}{f'/{self.per}' if self.per else ''}"


def _wrong_words(unit: Unit) -> str | None:
    for words in (unit.of, unit.per):
        if words is not None and (not words or words != " ".join(words.split()) or re.search(r"[()]", words)):
            return f"cannot count {words!r}: plain words without brackets are needed"
    if unit.per is not None and ("/" in unit.per or unit.kind is UnitKind.TEXT):
        return f"cannot be reported per {unit.per!r}"
    if unit.of is not None and unit.kind is not UnitKind.COUNT:
        return f"counts nothing, so it cannot be of {unit.of!r}; only COUNT can"
    return None


def _wrong_currency(unit: Unit) -> str | None:
    if unit.currency is None:
        return None
    if unit.kind is not UnitKind.MONEY:
        return f"has no currency, but {unit.currency!r} was given"
    return None if is_currency(unit.currency) else f"needs an ISO 4217 code such as EUR, not {unit.currency!r}"


def _wrong_scale(unit: Unit) -> str | None:
    low, high = unit.low, unit.high
    if low is None and high is None:
        return None
    if unit.kind is not UnitKind.SCORE:
        return "has no scale, but one was given"
    if low is None or high is None or not low.is_finite() or not high.is_finite() or low >= high:
        return "needs a scale of a lower and a higher number, such as (0,5)"
    return None


@lru_cache(maxsize=1024)
def parse_unit(notation: str) -> Unit:
    """The unit that a notation names; `str(unit)` writes it back.

    Raises:
        BadInput: the notation names no known kind, an unknown currency or an impossible scale.

    >>> parse_unit("MONEY(USD)/month")
    Unit(kind=<UnitKind.MONEY: 'MONEY'>, of=None, currency='USD', low=None, high=None, per='month')
    >>> str(parse_unit("COUNT(ticket)/100 customers"))
    'COUNT(ticket)/100 customers'
    """
    match = _NOTATION.fullmatch(notation.strip())
    if match is None or match["kind"] not in UnitKind.__members__:
        raise BadInput(f"{notation!r} is no unit; units read like {_FORMS}")
    kind = UnitKind[match["kind"]]
    per = None if match["per"] is None else " ".join(match["per"].split())
    inside = None if match["inside"] is None else " ".join(match["inside"].split())
    if inside is None:
        return Unit(kind, per=per)
    if kind is UnitKind.COUNT:
        return Unit(kind, of=inside, per=per)
    if kind is UnitKind.MONEY:
        return Unit(kind, currency=inside, per=per)
    scale = _SCALE.fullmatch(inside) if kind is UnitKind.SCORE else None
    if scale is None:
        raise BadInput(f"{notation!r} is no unit: {kind} cannot hold ({inside}); units read like {_FORMS}")
    return Unit(kind, low=Decimal(scale[1]), high=Decimal(scale[2]), per=per)


def fix(unit: Unit, *, currency: str, scale: tuple[Decimal, Decimal] | None = None) -> Unit:
    """The unit as an organization uses it: MONEY in its currency, SCORE on its scale; what is fixed stays.

    A SCORE without a scale stays open when no scale is given.

    >>> str(fix(parse_unit("MONEY/month"), currency="EUR"))
    'MONEY(EUR)/month'
    >>> str(fix(parse_unit("SCORE"), currency="EUR", scale=(Decimal(0), Decimal(10))))
    'SCORE(0,10)'
    >>> str(fix(parse_unit("MONEY(USD)"), currency="EUR"))
    'MONEY(USD)'
    """
    if unit.kind is UnitKind.MONEY and unit.currency is None:
        return replace(unit, currency=currency)
    if unit.kind is UnitKind.SCORE and unit.low is None and scale is not None:
        return replace(unit, low=scale[0], high=scale[1])
    return unit


def same_kind(first: Unit, second: Unit) -> bool:
    """True if figures of both units can stand under one definition; currency, scale and wording may differ.

    >>> same_kind(parse_unit("MONEY"), parse_unit("MONEY(EUR)/month"))
    True
    >>> same_kind(parse_unit("COUNT(user)"), parse_unit("RATIO"))
    False
    """
    return first.kind is second.kind
