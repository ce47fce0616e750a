"""Periods: half-open spans of the calendar, shifted by ordinal and never by date arithmetic."""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from enum import StrEnum
from typing import Final, assert_never

from kpi_server.errors import BadInput

_FORMS: Final = (
    ("YEAR", re.compile(r"(?P<year>[0-9]{4})")),
    ("QUARTER", re.compile(r"(?P<year>[0-9]{4})-Q(?P<part>[1-4])")),
    ("MONTH", re.compile(r"(?P<year>[0-9]{4})-(?P<part>0[1-9]|1[0-2])")),
    ("WEEK", re.compile(r"(?P<year>[0-9]{4})-W(?P<part>[0-9]{2})")),
    ("DAY", re.compile(r"(?P<year>[0-9]{4})-(?P<part>[0-9]{2})-(?P<day>[0-9]{2})")),
)


class Grain(StrEnum):
    """The length of a period; weeks are ISO weeks, from Monday."""

    YEAR = "YEAR"
    QUARTER = "QUARTER"
    MONTH = "MONTH"
    WEEK = "WEEK"
    DAY = "DAY"


@dataclass(frozen=True)
class Period:
    """A span of days: `start` belongs to it, `end` is the first day after it.

    >>> quarter = parse_period("2024-Q1")
    >>> quarter.start.isoformat(), quarter.end.isoformat()
    ('2024-01-01', '2024-04-01')
    """

    text: str
    grain: Grain
    start: date
    end: date

    def __str__(self) -> str:
        return self.text


def parse_period(text: str) -> Period:
    """The period that a text names: "2026", "2026-Q1", "2026-03", "2026-W07" or "2026-03-31".

    Raises:
        BadInput: the text has another form, or names a day or a week that does not exist.

    >>> parse_period("2026-W01").start.isoformat()
    '2025-12-29'
    """
    for grain, form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            parts = [int(part) for part in match.groups()]
            return period_of(_start(text, Grain(grain), parts), Grain(grain))
    raise BadInput(f'"{text}" is no period; periods read like 2026, 2026-Q1, 2026-03, 2026-W07, 2026-03-31')


def _start(text: str, grain: Grain, parts: list[int]) -> date:
    try:
        match grain:
            case Grain.YEAR:
                return date(parts[0], 1, 1)
            case Grain.QUARTER:
                return date(parts[0], 3 * parts[1] - 2, 1)
            case Grain.MONTH:
                return date(parts[0], parts[1], 1)
            case Grain.WEEK:
                return date.fromisocalendar(parts[0], parts[1], 1)
            case Grain.DAY:
                return date(parts[0], parts[1], parts[2])
    except ValueError as error:
        raise BadInput(f'"{text}" is no period: {error}') from error
    assert_never(grain)


def period_of(day: date, grain: Grain) -> Period:
    """The period of a grain to which a day belongs.

    >>> str(period_of(date(2024, 12, 30), Grain.WEEK)), str(period_of(date(2024, 2, 29), Grain.QUARTER))
    ('2025-W01', '2024-Q1')
    """
    return _numbered(_ordinal(day, grain), grain)


def ordinal(period: Period) -> int:
    """The number of a period among those of its grain; neighbours differ by one.

    >>> ordinal(parse_period("2026-01")) - ordinal(parse_period("2025-12"))
    1
    """
    return _ordinal(period.start, period.grain)


def shift(period: Period, count: int) -> Period:
    """The period so many places later (or, negative, earlier) of the same grain.

    Raises:
        BadInput: it would lie outside the calendar (years 1 to 9998).

    >>> str(shift(parse_period("2026-03"), -4))
    '2025-11'
    """
    return _numbered(ordinal(period) + count, period.grain)


def next_period(period: Period) -> Period:
    """The period after.

    >>> str(next_period(parse_period("2026-W53")))
    '2027-W01'
    """
    return shift(period, 1)


def previous_period(period: Period) -> Period:
    """The period before.

    >>> str(previous_period(parse_period("2024-03-01")))
    '2024-02-29'
    """
    return shift(period, -1)


def contains(outer: Period, inner: Period) -> bool:
    """True if every day of the inner period lies in the outer one.

    >>> contains(parse_period("2024-Q1"), parse_period("2024-03"))
    True
    >>> contains(parse_period("2025"), parse_period("2025-W01"))  # the week begins on 30 December 2024
    False
    """
    return outer.start <= inner.start and inner.end <= outer.end


def _ordinal(day: date, grain: Grain) -> int:
    match grain:
        case Grain.YEAR:
            return day.year
        case Grain.QUARTER:
            return day.year * 4 + (day.month - 1) // 3
        case Grain.MONTH:
            return day.year * 12 + day.month - 1
        case Grain.WEEK:
            return (day.toordinal() - 1) // 7  # 0001-01-01 was a Monday
        case Grain.DAY:
            return day.toordinal()
        case _:
            assert_never(grain)


def _first_day(number: int, grain: Grain) -> date:
    match grain:
        case Grain.YEAR:
            return date(number, 1, 1)
        case Grain.QUARTER:
            return date(number // 4, number % 4 * 3 + 1, 1)
        case Grain.MONTH:
            return date(number // 12, number % 12 + 1, 1)
        case Grain.WEEK:
            return date.fromordinal(number * 7 + 1)
        case Grain.DAY:
            return date.fromordinal(number)
        case _:
            assert_never(grain)


def _numbered(number: int, grain: Grain) -> Period:
    try:
        start, end = _first_day(number, grain), _first_day(number + 1, grain)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"a {grain} outside the years {MINYEAR} to {MAXYEAR - 1} is no period") from error
    return Period(_text(start, grain), grain, start, end)


def _text(start: date, grain: Grain) -> str:
    match grain:
        case Grain.YEAR:
            return f"{start.year:04}"
        case Grain.QUARTER:
            return f"{start.year:04}-Q{(start.month + 2) // 3}"
        case Grain.MONTH:
            return f"{start.year:04}-{start.month:02}"
        case Grain.WEEK:
            year, week, _ = start.isocalendar()
            return f"{year:04}-W{week:02}"
        case Grain.DAY:
            return start.isoformat()
        case _:
            assert_never(grain)
