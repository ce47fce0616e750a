"""Currencies: the codes of ISO 4217, the signs that documents print for them, and conversion by dated rates."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from kpi_server.domain.period import Span
from kpi_server.domain.precision import precise

_PLACES: Final = Decimal("1e-12")

# National currencies of ISO 4217 list one. Funds codes (CLF, USN), metals (XAU), drawing rights (XDR) and test
# codes (XTS) are left out: no company reports a KPI in them, and a typing slip that hits one should be refused.
CURRENCIES: Final = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905 - a hundred and fifty quoted codes would be harder to check
)

# A sign is shared: "$" in a Canadian company's document means its own dollar.
_CURRENCIES_OF_SIGN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "€": frozenset({"EUR"}),
        "$": frozenset({"USD", "AUD", "CAD", "CLP", "COP", "HKD", "MXN", "NZD", "SGD", "TWD"}),
        "£": frozenset({"GBP", "GIP"}),
        "¥": frozenset({"JPY", "CNY"}),
        "₹": frozenset({"INR"}),
    }
)

_SIGN_OF_CURRENCY: Final[Mapping[str, str]] = MappingProxyType(
    {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
)


def is_currency(code: str) -> bool:
    """True for an active ISO 4217 code of a national currency, in capitals.

    >>> is_currency("EUR"), is_currency("EURO"), is_currency("XXX")
    (True, False, False)
    """
    return code in CURRENCIES


def means(mark: str, code: str) -> bool:
    """True if a printed mark (a sign or a code) can stand for the currency.

    >>> means("€", "EUR"), means("$", "EUR"), means("$", "CAD"), means("CHF", "CHF")
    (True, False, True, True)
    """
    return mark == code or code in _CURRENCIES_OF_SIGN.get(mark, frozenset())


def prefix(code: str) -> str:
    """What is written in front of an amount: the sign where it names one currency, else the code and a space.

    >>> prefix("EUR"), prefix("CHF")
    ('€', 'CHF ')
    """
    return _SIGN_OF_CURRENCY.get(code, f"{code} ")


@dataclass(frozen=True)
class DailyRate:
    """What one unit of a currency was worth in another from a day on, until the next rate is known."""

    day: date
    rate: Decimal


def closing_rate(rates: Sequence[DailyRate], span: Span) -> Decimal | None:
    """The rate on a span's last day, by which balances are converted: the last that was known by then, or None.

    `rates` are those of one pair of currencies, by ascending days.

    >>> rates = [DailyRate(date(2026, 1, 2), Decimal("0.90")), DailyRate(date(2026, 1, 30), Decimal("0.96"))]
    >>> closing_rate(rates, Span(date(2026, 1, 1), date(2026, 1, 30)))  # the last day is the 29th
    Decimal('0.90')
    """
    known = bisect_left(rates, span.end, key=lambda daily: daily.day)
    return rates[known - 1].rate if known else None


def average_rate(rates: Sequence[DailyRate], span: Span) -> Decimal | None:
    """The mean of the rates of a span's days, by which flows are converted; None where the first day has none.

    A day without a rate has the last one known before it, as weekends do. Rounded to 12 decimals, half up, as
    `store/sql/rates_of_periods.sql` does. `rates` are those of one pair of currencies, by ascending days.

    >>> rates = [DailyRate(date(2025, 12, 31), Decimal(1)), DailyRate(date(2026, 1, 21), Decimal(2))]
    >>> average_rate(rates, Span(date(2026, 1, 1), date(2026, 1, 31)))  # 20 days of 1, 10 days of 2
    Decimal('1.333333333333')
    """
    first = bisect_right(rates, span.start, key=lambda daily: daily.day) - 1
    last = bisect_left(rates, span.end, key=lambda daily: daily.day)
    if first < 0:
        return None
    ends = [*(daily.day for daily in rates[first + 1 : last]), span.end]
    total = Fraction(0)
    for daily, end in zip(rates[first:last], ends, strict=True):
        total += Fraction(daily.rate) * (end - max(daily.day, span.start)).days
    mean = total / (span.end - span.start).days
    with precise():
        return (Decimal(mean.numerator) / mean.denominator).quantize(_PLACES, ROUND_HALF_UP)


@dataclass(frozen=True)
class Rates:
    """What other currencies are worth in one, the `quote`: by their codes the rates, by ascending days."""

    quote: str
    by_base: Mapping[str, Sequence[DailyRate]]


@dataclass(frozen=True, order=True)
class Lacking:
    """A rate that would be needed and is not known on a day."""

    day: date
    base: str
    quote: str

    def __str__(self) -> str:
        return missing_rate(self.base, self.quote, self.day)


def rate_in(rates: Rates, base: str, span: Span, *, is_flow: bool) -> Decimal | Lacking:
    """By what an amount of a span is converted: a flow by the mean of its days, a balance by its last day's rate.

    >>> rates = Rates("EUR", {"USD": [DailyRate(date(2026, 1, 2), Decimal("0.90"))]})
    >>> rate_in(rates, "USD", Span(date(2026, 1, 1), date(2026, 2, 1)), is_flow=False)
    Decimal('0.90')
    >>> str(rate_in(rates, "USD", Span(date(2026, 1, 1), date(2026, 2, 1)), is_flow=True))
    'no rate from USD to EUR is known on 2026-01-01'
    """
    known = rates.by_base.get(base, ())
    rate = average_rate(known, span) if is_flow else closing_rate(known, span)
    day = span.start if is_flow else span.end - timedelta(days=1)
    return Lacking(day, base, rates.quote) if rate is None else rate


def missing_rate(base: str, quote: str, day: date) -> str:
    """What is said where an amount cannot be converted.

    >>> missing_rate("USD", "EUR", date(2026, 1, 1))
    'no rate from USD to EUR is known on 2026-01-01'
    """
    return f"no rate from {base} to {quote} is known on {day}"
