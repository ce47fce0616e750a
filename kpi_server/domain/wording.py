"""The words documents print after a number, and which of them a unit allows.

An unknown word is refused rather than skipped: "45 dayz" or "€5 per banana" is a slip someone should see.
"""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from kpi_server.domain.unit import Unit, UnitKind

CALENDAR: Final = frozenset({"second", "minute", "hour", "day", "week", "sprint", "month", "quarter", "year"})

_BASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "wow": "week",
        "week-over-week": "week",
        "weekly": "week",
        "mom": "month",
        "month-over-month": "month",
        "monthly": "month",
        "qoq": "quarter",
        "quarter-over-quarter": "quarter",
        "quarterly": "quarter",
        "yoy": "year",
        "year-over-year": "year",
        "annually": "year",
        "yearly": "year",
        "per annum": "year",
    }
)

_SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "s": "second",
        "sec": "second",
        "min": "minute",
        "h": "hour",
        "hr": "hour",
        "d": "day",
        "wk": "week",
        "mo": "month",
        "qtr": "quarter",
        "yr": "year",
    }
)

# Denominators that belong to what a KPI is (a CAC is per customer) and need not stand in its unit.
_INHERENT: Final = frozenset(
    {"account", "customer", "employee", "order", "request", "seat", "student", "ticket", "transaction", "user"}
)

_COUNTED: Final = frozenset(
    {
        "award",
        "concurrent user",
        "customer",
        "deployment",
        "enrollment",
        "feature",
        "market",
        "partnership",
        "point",
        "request",
        "session",
        "ticket",
        "user",
    }
)

_PHRASES: Final[Mapping[UnitKind, frozenset[str]]] = MappingProxyType(
    {
        UnitKind.COUNT: frozenset({"open", "mabv", "mau", "dau"}),
        UnitKind.RATIO: frozenset(
            {
                "churn",
                "core feature adoption",
                "csat",
                "ebitda",
                "grr",
                "gross margin",
                "market share",
                "nrr",
                "retention",
                "revenue from new features",
                "roi",
                "satisfaction",
                "uptime",
                "use 3+ features",
                "utilization",
                "win rate",
            }
        ),
        UnitKind.MULTIPLE: frozenset({"peak load", "roi"}),
        UnitKind.POINTS: frozenset({"nps"}),
        UnitKind.MONEY: frozenset({"acv", "arr", "cac", "clv", "ltv", "mrr"}),
        UnitKind.DURATION: frozenset(
            {"latency", "latency worldwide", "load time", "response time", "time to value", "worldwide"}
        ),
        UnitKind.MONTHS: frozenset({"payback", "runway"}),
    }
)


def is_known_ending(words: str, unit: Unit, names: Collection[str] = ()) -> bool:
    """True if the words after a number say nothing but what the unit or the KPI's own names already say.

    >>> from kpi_server.domain.unit import parse_unit
    >>> is_known_ending("deployments per week", parse_unit("COUNT(deployment)/week"))
    True
    >>> is_known_ending("per month", parse_unit("COUNT(deployment)/week"))
    False
    >>> is_known_ending("MoM", parse_unit("RATIO")), is_known_ending("YoY", parse_unit("RATIO/month"))
    (True, False)
    """
    words = " ".join(words.split())
    if not words or _is_named(words, unit, names) or _is_basis(words, unit):
        return True
    counted, per = _split_per(words)
    if per is None or not _is_per(per, unit):
        return False
    return not counted or _is_named(counted, unit, names)


def _is_named(words: str, unit: Unit, names: Collection[str]) -> bool:
    folded = words.casefold()
    if folded in _PHRASES.get(unit.kind, frozenset()) or folded in {name.casefold() for name in names}:
        return True
    return unit.kind is UnitKind.COUNT and _counts(folded, unit.of)


def _counts(words: str, of: str | None) -> bool:
    """The same thing by its last word: "concurrent users" are users, "points" are story points."""
    if of is None:
        return singular(words) in _COUNTED
    return singular(words).split()[-1] == singular(of.casefold()).split()[-1]


def singular(words: str) -> str:
    """The words without a plural s at the end; good enough to compare two spellings of one noun.

    >>> singular("story points"), singular("class"), singular("mo")
    ('story point', 'class', 'mo')
    """
    return words[:-1] if len(words) > 2 and words.endswith("s") and not words.endswith("ss") else words


def _is_basis(words: str, unit: Unit) -> bool:
    """A growth rate may say its basis; anything else only if its unit is per that very period."""
    base = _BASES.get(words.casefold())
    if base is None:
        return False
    if unit.per in CALENDAR:
        return unit.per == base
    return unit.kind is UnitKind.RATIO


def _split_per(words: str) -> tuple[str, str | None]:
    match = re.fullmatch(r"(?P<counted>.*?)\s*(?:/|\bper\s)\s*(?P<per>[^/]+)", words, re.IGNORECASE)
    return (words, None) if match is None else (match["counted"], match["per"])


def _is_per(words: str, unit: Unit) -> bool:
    per = singular(words.casefold())
    per = _SHORT.get(per, per)
    if unit.per is None:
        return per in _INHERENT
    wanted = singular(unit.per.casefold())
    return per == wanted or (per.isdecimal() and wanted.startswith(f"{per} "))
