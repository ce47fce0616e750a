"""Reading a printed number in a unit: "€1.2M", "15-20%", "100GB+", "9.5 minutes", "4.7/5.0"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from kpi_server.domain.currency import is_currency, means
from kpi_server.domain.precision import plain, precise
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import FigureError

NUMBER: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?![0-9])"
_AMOUNT: Final = re.compile(
    rf"(?P<sign>[+-])?\s*(?P<mark>[€$£¥₹]|[A-Z]{{3}}(?=[\s0-9+-]))?\s*(?P<inner>[+-])?(?P<number>{NUMBER})"
)
_MEASURE: Final = re.compile(r"\s*(%|:\s?1(?![0-9.,])|×|[A-Za-zµ]+)")
_OUT_OF: Final = re.compile(rf"\s*/\s*({NUMBER})")
_TO: Final = re.compile(r"\s*(?:[-–—]|\bto\b)\s*(?=[€$£¥₹0-9])")
_MOST_DIGITS: Final = 24
_LONGEST: Final = 200

_ONE: Final = Decimal(1)
_THOUSANDS: Final = MappingProxyType(
    {"": _ONE, "k": Decimal(10**3), "K": Decimal(10**3), "M": Decimal(10**6), "B": Decimal(10**9), "bn": Decimal(10**9)}
)


def _spelled(table: Mapping[str, str]) -> Mapping[str, Decimal]:
    """One factor for each spelling: {"60": "min minute minutes"} gives three entries."""
    return MappingProxyType({word: Decimal(factor) for factor, words in table.items() for word in words.split()})


_FACTORS: Final[Mapping[UnitKind, Mapping[str, Decimal]]] = MappingProxyType(
    {
        UnitKind.COUNT: _THOUSANDS,
        UnitKind.RATIO: _spelled({"0.01": "% percent"}),
        UnitKind.MULTIPLE: MappingProxyType({"": _ONE, ":1": _ONE, "x": _ONE, "×": _ONE}),
        UnitKind.POINTS: MappingProxyType({"": _ONE, "point": _ONE, "points": _ONE, "pts": _ONE}),
        UnitKind.SCORE: MappingProxyType({"": _ONE}),
        UnitKind.MONEY: MappingProxyType({**_THOUSANDS, "m": Decimal(10**6)}),
        UnitKind.DURATION: _spelled(
            {
                "0.000001": "µs",
                "0.001": "ms millisecond milliseconds",
                "1": "s sec secs second seconds",
                "60": "m min mins minute minutes",
                "3600": "h hr hrs hour hours",
                "86400": "d day days",
                "604800": "w wk wks week weeks",
            }
        ),
        UnitKind.MONTHS: MappingProxyType(
            {"": _ONE, **_spelled({"1": "mo mos month months", "3": "quarter quarters", "12": "yr yrs year years"})}
        ),
        UnitKind.BYTES: _spelled(
            {
                "1": "B bytes",
                "1E3": "kB KB",
                "1E6": "MB",
                "1E9": "GB",
                "1E12": "TB",
                "1E15": "PB",
                "1024": "KiB",
                "1048576": "MiB",
                "1073741824": "GiB",
                "1099511627776": "TiB",
            }
        ),
        UnitKind.TEXT: MappingProxyType({}),
    }
)

_EXPECTED: Final[Mapping[UnitKind, str]] = MappingProxyType(
    {UnitKind.RATIO: "%", UnitKind.DURATION: "ms, s, min, h, days or weeks", UnitKind.BYTES: "B, kB, MB, GB, TB or PB"}
)


@dataclass(frozen=True)
class Quantity:
    """A number or a range in the canonical measure of its unit, and the words printed after it."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    at_least: bool
    words: str


@dataclass(frozen=True)
class _Amount:
    number: Decimal
    factor: Decimal | None
    end: int


def tidy(text: str) -> str:
    """The text with one kind of space and one kind of minus.

    >>> tidy(" −3\\u00a0 days ")
    '-3 days'
    """
    return " ".join(text.replace("−", "-").replace("≤", "<=").replace("≥", ">=").split())


def refusal(text: str, unit: Unit, why: str) -> FigureError:
    """The error for a text that cannot be read in a unit; says what was read, what was expected and why it fails."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return FigureError(f'"{shown}" cannot be read in unit {unit}: {why}')


def read_quantity(text: str, unit: Unit) -> Quantity:
    """The number or range at the start of a tidy text.

    Ratios come as fractions, durations in seconds, bytes in bytes, money in whole currency; "75+" is at least 75.

    Raises:
        FigureError: no number stands there, it is of another kind, or it lies outside the unit's scale.

    >>> from kpi_server.domain.unit import parse_unit
    >>> read_quantity("€45K/month", parse_unit("MONEY(EUR)/month"))
    Quantity(value=Decimal('45000'), low=None, high=None, at_least=False, words='/month')
    >>> read_quantity("15-20%", parse_unit("RATIO")).high
    Decimal('0.2')
    """
    if len(text) > _LONGEST:
        raise refusal(text, unit, f"it is longer than {_LONGEST} characters")
    if unit.kind is UnitKind.TEXT:
        raise refusal(text, unit, "a text has no number")
    first = _amount(text, unit, start=0)
    at_least = text.startswith("+", first.end)
    rest = first.end + at_least
    to = _TO.match(text, rest)
    if to is None:
        value = _canonical(text, unit, number=first.number, factor=first.factor)
        return Quantity(value, None, None, at_least, text[rest:].strip())
    if at_least:
        raise refusal(text, unit, "a range cannot also be open upwards")
    second = _amount(text, unit, start=to.end())
    low = _canonical(text, unit, number=first.number, factor=second.factor if first.factor is None else first.factor)
    high = _canonical(text, unit, number=second.number, factor=second.factor)
    if low >= high:
        raise refusal(text, unit, "a range runs from a lower to a higher number")
    return Quantity(None, low, high, False, text[second.end :].strip())


def _amount(text: str, unit: Unit, *, start: int) -> _Amount:
    match = _AMOUNT.match(text, start)
    if match is None or (match["sign"] and match["inner"]):
        raise refusal(text, unit, "a number is expected")
    digits = match["number"].replace(",", "")
    if len(digits) > _MOST_DIGITS:
        raise refusal(text, unit, f"more than {_MOST_DIGITS} digits cannot be kept exactly")
    number = Decimal(f"{match['sign'] or match['inner'] or ''}{digits}")
    _check_mark(text, unit, match["mark"])
    factor, end = _measure(text, unit, start=match.end())
    return _Amount(number, factor, end)


def _check_mark(text: str, unit: Unit, mark: str | None) -> None:
    if unit.kind is UnitKind.MONEY and unit.currency is None:
        raise refusal(text, unit, "its currency is not fixed; write the unit as MONEY(EUR), for example")
    if mark is None:
        return
    if unit.kind is not UnitKind.MONEY:
        raise refusal(
            text, unit, f"{mark} is a currency" if is_currency(mark) or len(mark) == 1 else "a number is expected"
        )
    if not means(mark, unit.currency or ""):
        raise refusal(text, unit, f"{mark} is another currency than {unit.currency}")


def _measure(text: str, unit: Unit, *, start: int) -> tuple[Decimal | None, int]:
    """The factor printed after a number (None if there is none) and where the text goes on."""
    if unit.kind is UnitKind.SCORE:
        return _out_of(text, unit, start=start)
    match = _MEASURE.match(text, start)
    word = match[1].replace(" ", "") if match else ""
    factors = _FACTORS[unit.kind]
    # Single letters keep their case: M is a million, m are minutes.
    factor = (factors.get(word) or (factors.get(word.lower()) if len(word) > 2 else None)) if word else None
    end = match.end() if match and factor is not None else start
    return factor, _after_code(text, unit, start=end) if unit.kind is UnitKind.MONEY else end


def _after_code(text: str, unit: Unit, *, start: int) -> int:
    """Where the text goes on after a currency code, if one stands there."""
    match = _MEASURE.match(text, start)
    if match is None or not is_currency(match[1]):
        return start
    _check_mark(text, unit, match[1])
    return match.end()


def _out_of(text: str, unit: Unit, *, start: int) -> tuple[Decimal | None, int]:
    if unit.high is None:
        raise refusal(text, unit, "its scale is not fixed; write the unit as SCORE(0,5), for example")
    match = _OUT_OF.match(text, start)
    if match is None:
        return None, start
    if Decimal(match[1].replace(",", "")) != unit.high:
        raise refusal(text, unit, f"the scale ends at {match[1]}")
    return _ONE, match.end()


def _canonical(text: str, unit: Unit, *, number: Decimal, factor: Decimal | None) -> Decimal:
    if factor is None:
        factor = _FACTORS[unit.kind].get("", None if number else _ONE)
    if factor is None:
        raise refusal(text, unit, f"the number must be followed by {_EXPECTED[unit.kind]}")
    with precise():
        value = Decimal(plain(number * factor))
    _check_bounds(text, unit, value)
    return value


def _check_bounds(text: str, unit: Unit, value: Decimal) -> None:
    low, high = unit.low, unit.high
    if unit.kind is UnitKind.POINTS:
        low, high = Decimal(-100), Decimal(100)
    if low is not None and high is not None and not low <= value <= high:
        raise refusal(text, unit, f"it lies outside {low} to {high}")
