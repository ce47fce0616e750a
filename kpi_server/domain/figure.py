"""Figures: a number as a document prints it, word for word and parsed."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from kpi_server.domain.absence import Absence
from kpi_server.domain.currency import prefix
from kpi_server.domain.precision import plain, precise
from kpi_server.domain.quantity import read_quantity, refusal, tidy
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.domain.wording import is_known_ending

_PLACEHOLDER: Final = re.compile(
    r"\[[^\[\]]*\]|[-–—]|(?:[<>=]{0,2}\s*)[€$£¥₹]?[0-9.,]*X[X.,0-9]*\s*(?:%|[A-Za-zµ/ ]*)(?:\s*\([^()]*\))?"
)
_NOT_APPLICABLE: Final = frozenset({"n/a", "not applicable"})
_TIMES: Final = (
    (Decimal(172800), Decimal(86400), "days"),
    (Decimal(3600), Decimal(3600), "h"),
    (Decimal(60), Decimal(60), "min"),
    (Decimal(1), Decimal(1), "s"),
)
_SIZES: Final = tuple(
    (Decimal(size), Decimal(size), name)
    for size, name in ((10**15, "PB"), (10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
)


@dataclass(frozen=True)
class Figure:
    """What was printed and the number in it.

    `value` is None for a range (`low` and `high` hold it), for a text, and where `absence` says why there is none.
    `at_least` marks a figure open upwards ("75+").
    """

    text: str
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    at_least: bool = False
    absence: Absence | None = None


def parse_figure(text: str, unit: Unit, *, names: Collection[str] = ()) -> Figure:
    """The figure that a text states in a unit.

    Ratios are fractions, durations seconds, bytes bytes. A placeholder ("XX%", "$XXX,XXX", "[Current Date]", "-") has
    no value and the absence NO_DATA. `names` are the KPI's own names, which may follow the number.

    Raises:
        FigureError: the text is empty, holds no number of this kind, or goes on with words nobody knows.

    >>> from kpi_server.domain.unit import parse_unit
    >>> parse_figure("$4.2M ARR", parse_unit("MONEY(USD)")).value
    Decimal('4200000')
    >>> parse_figure("3.2%", parse_unit("RATIO")).value
    Decimal('0.032')
    >>> parse_figure("99.XX%", parse_unit("RATIO")).absence
    <Absence.NO_DATA: 'NO_DATA'>
    """
    words = tidy(text)
    if not words:
        raise refusal(text, unit, "it is empty")
    if unit.kind is UnitKind.TEXT:
        return Figure(text)
    if words.casefold() in _NOT_APPLICABLE:
        return Figure(text, absence=Absence.NOT_APPLICABLE)
    if is_placeholder(words):
        return Figure(text, absence=Absence.NO_DATA)
    quantity = read_quantity(words, unit)
    if not is_known_ending(quantity.words, unit, names):
        raise refusal(text, unit, f'"{quantity.words}" is not part of this unit')
    return Figure(text, quantity.value, quantity.low, quantity.high, quantity.at_least)


def is_placeholder(text: str) -> bool:
    """True for a text that stands where a number will be.

    >>> [is_placeholder(text) for text in ("XX%", "$XXX,XXX (+XX%)", "0.XX%", "XXX Mbps", "[Current Date]", "10x")]
    [True, True, True, True, True, False]
    """
    return _PLACEHOLDER.fullmatch(text) is not None


def format_value(value: Decimal, unit: Unit) -> str:
    """The value as an English reader expects it: two decimals at most, or three digits where it is smaller than one.

    >>> from kpi_server.domain.unit import parse_unit
    >>> format_value(Decimal("0.032"), parse_unit("RATIO")), format_value(Decimal("7.7"), parse_unit("MULTIPLE"))
    ('3.2 %', '7.7:1')
    >>> format_value(Decimal(1200000), parse_unit("MONEY(EUR)")), format_value(Decimal("0.1"), parse_unit("MONEY(USD)"))
    ('€1,200,000', '$0.10')
    >>> [format_value(Decimal(s), parse_unit("DURATION")) for s in ("0.18", "570", "86400", "3888000")]
    ['180 ms', '9.5 min', '24 h', '45 days']
    """
    return f"{_amount(value, unit)}{f'/{unit.per}' if unit.per else ''}"


def _amount(value: Decimal, unit: Unit) -> str:
    match unit.kind:
        case UnitKind.COUNT | UnitKind.POINTS | UnitKind.TEXT:
            return _rounded(value)
        case UnitKind.RATIO:
            with precise():
                return f"{_rounded(value * 100)} %"
        case UnitKind.MULTIPLE:
            return f"{_rounded(value)}:1"
        case UnitKind.SCORE:
            return _rounded(value) if unit.high is None else f"{_rounded(value)}/{plain(unit.high)}"
        case UnitKind.MONEY:
            return _money(value, unit.currency)
        case UnitKind.DURATION:
            return _in_steps(value, _TIMES, smallest=(Decimal("0.001"), "ms"))
        case UnitKind.MONTHS:
            return f"{_rounded(value)} {'month' if value == 1 else 'months'}"
        case UnitKind.BYTES:
            return _in_steps(value, _SIZES, smallest=(Decimal(1), "B"))


def _money(value: Decimal, currency: str | None) -> str:
    digits = _rounded(abs(value))
    whole, _, cents = digits.partition(".")
    if cents:
        digits = f"{whole}.{cents.ljust(2, '0')}"
    return f"{'-' if value < 0 else ''}{prefix(currency) if currency else ''}{digits}"


def _in_steps(value: Decimal, steps: tuple[tuple[Decimal, Decimal, str], ...], *, smallest: tuple[Decimal, str]) -> str:
    """In the largest step that says the value exactly in two decimals, else in the largest that fits."""
    if not value:
        return f"0 {steps[-1][2]}"
    fitting = [(size, name) for least, size, name in steps if abs(value) >= least] or [smallest]
    with precise():
        size, name = next(((s, n) for s, n in fitting if (value / s * 100) % 1 == 0), fitting[0])
        return f"{_rounded(value / size)} {name}"


def _rounded(value: Decimal) -> str:
    """With thousands separators and without trailing zeros."""
    whole, _, fraction = f"{value:,f}".partition(".")
    if len(fraction) <= 2:  # nothing to round
        kept = fraction.rstrip("0")
        return f"{whole}.{kept}" if kept else whole.removeprefix("-") if whole == "-0" else whole
    decimals = 2 if not value or abs(value) >= 1 else 2 - value.adjusted()
    with precise() as context:
        context.prec = max(context.prec, value.adjusted() + decimals + 2)
        rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    whole, dot, fraction = plain(rounded).partition(".")
    return f"{int(whole):,}{dot}{fraction}" if int(whole) else f"{whole}{dot}{fraction}"
