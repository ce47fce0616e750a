"""Periods: half-open spans of a calendar, shifted by ordinal and never by date arithmetic.

A period knows the calendar that made it. A text names a civil period ("2026-Q1") or a fiscal one ("FY2026-Q1"), and
days that an organization's own calendar names have one name only: where years begin in October, 2025-Q4 is FY2026-Q1.
"""

import re
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never

from kpi_server.domain.calendar import ISO, WEEKS_OF_QUARTER, Calendar, WeekPattern
from kpi_server.errors import BadInput

_FORMS: Final = (
    ("YEAR", re.compile(r"(FY)?([0-9]{4})")),
    ("QUARTER", re.compile(r"(FY)?([0-9]{4})-Q([1-4])")),
    ("MONTH", re.compile(r"()([0-9]{4})-(0[1-9]|1[0-2])")),
    ("MONTH", re.compile(r"(FY)([0-9]{4})-P(0[1-9]|1[0-2])")),
    ("WEEK", re.compile(r"()([0-9]{4})-W(0[1-9]|[1-4][0-9]|5[0-3])")),
    ("DAY", re.compile(r"()([0-9]{4})-([0-9]{2})-([0-9]{2})")),
)
PERIODS: Final = "2026, 2026-Q1, 2026-03, 2026-W07, 2026-03-31, or FY2026, FY2026-Q1, FY2026-P03"


class Grain(StrEnum):
    """The length of a period, the longest first."""

    YEAR = "YEAR"
    QUARTER = "QUARTER"
    MONTH = "MONTH"
    WEEK = "WEEK"
    DAY = "DAY"


_PLACES: Final = {grain: place for place, grain in enumerate(Grain)}


@dataclass(frozen=True)
class Span:
    """Some days: `start` belongs to it, `end` is the first day after it."""

    start: date
    end: date


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
    calendar: Calendar = field(default=ISO, compare=False, repr=False)

    def __hash__(self) -> int:
        """Cheaper than of everything that is compared: a text has few periods."""
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def parse_period(text: str, calendar: Calendar = ISO) -> Period:
    """The period that a text names: "2026", "2026-Q1", "2026-03", "2026-W07", "2026-03-31", "FY2026-Q1", "FY2026-P03".

    Raises:
        BadInput: the text has another form, or names a day or a week that does not exist.

    >>> parse_period("2026-W01").start.isoformat()
    '2025-12-29'
    >>> october = Calendar(fiscal_offset=-3)
    >>> str(parse_period("2025-Q4", october)), str(parse_period("FY2026-P01", october)), str(parse_period("FY2026"))
    ('FY2026-Q1', '2025-10', '2026')
    """
    grain, fiscal, parts = _read(text)
    owner = calendar if fiscal else calendar.civil
    try:
        start = _first_day(_number(parts, grain, owner), grain, owner)
    except (ValueError, OverflowError) as error:
        raise BadInput(f'"{text}" is no period: {error}') from error
    named = period_of(start, grain, owner)
    if owner is calendar or not calendar.is_fiscal:
        return named
    own = period_of(start, grain, calendar)
    return own if (own.start, own.end) == (named.start, named.end) else named


def is_period(text: str) -> bool:
    """True if some calendar has a period of this name: every civil day must exist, a 53rd week need not.

    >>> is_period("2025-W53"), is_period("FY2026-P12"), is_period("2026-02-30")
    (True, True, False)
    """
    try:
        grain, _, parts = _read(text)
        _ = grain is Grain.DAY and date(*parts)
    except (BadInput, ValueError):
        return False
    return MINYEAR <= parts[0] < MAXYEAR


def _read(text: str) -> tuple[Grain, bool, list[int]]:
    for grain, form in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            mark, *parts = match.groups()
            return Grain(grain), bool(mark), [int(part) for part in parts]
    raise BadInput(f'"{text}" is no period; periods read like {PERIODS}')


def _number(parts: list[int], grain: Grain, calendar: Calendar) -> int:
    match grain:
        case Grain.YEAR:
            return parts[0]
        case Grain.QUARTER:
            return parts[0] * 4 + parts[1] - 1
        case Grain.MONTH:
            return parts[0] * 12 + parts[1] - 1
        case Grain.WEEK:
            first = ordinal_of(date(parts[0], 1, 4), grain, calendar)
            if _week(_first_day(first + parts[1] - 1, grain, calendar))[0] != parts[0]:
                raise ValueError(f"{parts[0]} has no week {parts[1]}")
            return first + parts[1] - 1
        case Grain.DAY:
            return date(parts[0], parts[1], parts[2]).toordinal()
    assert_never(grain)


def period_of(day: date, grain: Grain, calendar: Calendar = ISO) -> Period:
    """The period of a grain to which a day belongs.

    >>> str(period_of(date(2024, 12, 30), Grain.WEEK)), str(period_of(date(2024, 2, 29), Grain.QUARTER))
    ('2025-W01', '2024-Q1')
    >>> str(period_of(date(2024, 12, 30), Grain.YEAR, Calendar(fiscal_offset=-3)))
    'FY2025'
    """
    return _numbered(ordinal_of(day, grain, calendar), grain, calendar)


def ordinal(period: Period) -> int:
    """The number of a period among those of its grain and calendar; neighbours differ by one.

    >>> ordinal(parse_period("2026-01")) - ordinal(parse_period("2025-12"))
    1
    """
    return ordinal_of(period.start, period.grain, period.calendar)


def shift(period: Period, count: int) -> Period:
    """The period so many places later (or, negative, earlier) of the same grain and calendar.

    Raises:
        BadInput: it would lie outside the calendar (years 1 to 9998).

    >>> str(shift(parse_period("2026-03"), -4))
    '2025-11'
    """
    return _numbered(ordinal(period) + count, period.grain, period.calendar)


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


def year_before(period: Period) -> Period | None:
    """The same period a year before; None for a 53rd week or a 29 February without a partner.

    >>> str(year_before(parse_period("2026-W07"))), year_before(parse_period("2026-W53"))
    ('2025-W07', None)
    """
    return _years_later(period, -1)


def year_after(period: Period) -> Period | None:
    """The period that this one is a year before; None for a 53rd week or a 29 February without a partner.

    >>> str(year_after(parse_period("2025-W07"))), year_after(parse_period("2024-02-29"))
    ('2026-W07', None)
    """
    return _years_later(period, 1)


def _years_later(period: Period, count: int) -> Period | None:
    steps = {Grain.YEAR: 1, Grain.QUARTER: 4, Grain.MONTH: 12}.get(period.grain)
    if steps is not None:
        return shift(period, steps * count)
    _, _, (year, *parts) = _read(period.text)
    try:
        return _numbered(_number([year + count, *parts], period.grain, period.calendar), period.grain, period.calendar)
    except ValueError:
        return None


def between(first: Period, last: Period) -> list[Period]:
    """Every period from one to another of its grain and calendar, both included; none when the last is before.

    >>> [str(period) for period in between(parse_period("2025-Q4"), parse_period("2026-Q2"))]
    ['2025-Q4', '2026-Q1', '2026-Q2']
    """
    start = ordinal(first)
    return [_numbered(number, first.grain, first.calendar) for number in range(start, ordinal(last) + 1)]


def contains(outer: Period | Span, inner: Period | Span) -> bool:
    """True if every day of the inner period lies in the outer one.

    >>> contains(parse_period("2024-Q1"), parse_period("2024-03"))
    True
    >>> contains(parse_period("2025"), parse_period("2025-W01"))  # the week begins on 30 December 2024
    False
    """
    return outer.start <= inner.start and inner.end <= outer.end


def nests(inner: Grain, outer: Grain, calendar: Calendar = ISO) -> bool:
    """True if each period of the outer grain is made of whole periods of the inner one, as a roll-up needs.

    Days make weeks, and months, quarters and years; weeks make those only where fiscal years are of whole weeks.

    >>> nests(Grain.MONTH, Grain.QUARTER), nests(Grain.WEEK, Grain.MONTH)
    (True, False)
    >>> nests(Grain.WEEK, Grain.MONTH, Calendar(pattern=WeekPattern.FOUR_FOUR_FIVE))
    True
    """
    if Grain.WEEK in (inner, outer) and inner is not outer:
        return inner is Grain.DAY or (inner is Grain.WEEK and outer is not Grain.DAY and calendar.pattern is not None)
    return _PLACES[inner] >= _PLACES[outer]


def parts(span: Period | Span, grain: Grain, calendar: Calendar = ISO) -> list[Period]:
    """The periods of a grain that a span is made of; none where they do not fill it exactly.

    A period's own calendar counts for it: a civil year is made of civil months in every organization.

    >>> [str(month) for month in parts(parse_period("2026-Q1"), Grain.MONTH)]
    ['2026-01', '2026-02', '2026-03']
    >>> parts(parse_period("2026-03"), Grain.WEEK)
    []
    """
    owner = span.calendar if isinstance(span, Period) else calendar
    first = period_of(span.start, grain, owner)
    last = period_of(span.end - timedelta(days=1), grain, owner)
    return between(first, last) if (first.start, last.end) == (span.start, span.end) else []


def rolling(period: Period, count: int) -> Span:
    """The days of so many periods, this one the last.

    >>> rolling(parse_period("2026-02"), 3) == Span(date(2025, 12, 1), date(2026, 3, 1))
    True
    """
    return Span(shift(period, 1 - count).start, period.end)


def to_date(period: Period, grain: Grain) -> Span:
    """The days from the first of the longer period in which a period ends to that end.

    Of a shorter grain it is the last period inside: what counts by the month is in a quarter that of its last month.

    >>> to_date(parse_period("2026-05"), Grain.QUARTER) == Span(date(2026, 4, 1), date(2026, 6, 1))
    True
    >>> to_date(parse_period("2026-Q2"), Grain.MONTH) == Span(date(2026, 6, 1), date(2026, 7, 1))
    True
    """
    return Span(period_of(period.end - timedelta(days=1), grain, period.calendar).start, period.end)


def ordinal_of(day: date, grain: Grain, calendar: Calendar = ISO) -> int:
    """The number of the period of a grain to which a day belongs.

    >>> ordinal_of(date(2026, 3, 31), Grain.MONTH) == ordinal(parse_period("2026-03"))
    True
    """
    match grain:
        case Grain.DAY:
            return day.toordinal()
        case Grain.WEEK:
            return (day.toordinal() - 1 - calendar.week_start.number) // 7  # 0001-01-01 was a Monday
        case Grain.YEAR | Grain.QUARTER | Grain.MONTH:
            month = day.year * 12 + day.month - 1 - calendar.fiscal_offset
            if calendar.pattern is not None:
                month = _month_of_weeks(day, month // 12, calendar, calendar.pattern)
            return month // _MONTHS_OF[grain]
        case _:
            assert_never(grain)


def _month_of_weeks(day: date, year: int, calendar: Calendar, pattern: WeekPattern) -> int:
    """The number of the fiscal month of whole weeks that has a day; `year` is at most one off."""
    try:
        year += (day >= calendar.year_start(year + 1)) - (day < calendar.year_start(year))
        week = (day - calendar.year_start(year)).days // 7
    except (ValueError, OverflowError) as error:
        raise _outside(Grain.YEAR) from error
    quarter = min(week // WEEKS_OF_QUARTER, 3)
    first, second, _ = pattern.weeks
    inside = week - quarter * WEEKS_OF_QUARTER
    return year * 12 + quarter * 3 + (inside >= first) + (inside >= first + second)


_MONTHS_OF: Final = {Grain.YEAR: 12, Grain.QUARTER: 3, Grain.MONTH: 1}


def _first_day(number: int, grain: Grain, calendar: Calendar) -> date:
    match grain:
        case Grain.DAY:
            return date.fromordinal(number)
        case Grain.WEEK:
            return date.fromordinal(number * 7 + 1 + calendar.week_start.number)
        case Grain.YEAR | Grain.QUARTER | Grain.MONTH:
            month = number * _MONTHS_OF[grain]
            if calendar.pattern is None:
                month += calendar.fiscal_offset
                return date(month // 12, month % 12 + 1, 1)
            weeks = month % 12 // 3 * WEEKS_OF_QUARTER + sum(calendar.pattern.weeks[: month % 3])
            return calendar.year_start(month // 12) + timedelta(weeks=weeks)
        case _:
            assert_never(grain)


def _numbered(number: int, grain: Grain, calendar: Calendar) -> Period:
    try:
        start, end = _first_day(number, grain, calendar), _first_day(number + 1, grain, calendar)
    except (ValueError, OverflowError) as error:
        raise _outside(grain) from error
    return Period(_text(number, start, grain, calendar), grain, start, end, calendar)


def _outside(grain: Grain) -> BadInput:
    return BadInput(f"a {grain} outside the years {MINYEAR} to {MAXYEAR - 1} is no period")


def _text(number: int, start: date, grain: Grain, calendar: Calendar) -> str:
    mark = "FY" if calendar.is_fiscal else ""
    match grain:
        case Grain.YEAR:
            return f"{mark}{number:04}"
        case Grain.QUARTER:
            return f"{mark}{number // 4:04}-Q{number % 4 + 1}"
        case Grain.MONTH if calendar.pattern is not None:
            return f"FY{number // 12:04}-P{number % 12 + 1:02}"
        case Grain.MONTH:
            return f"{start.year:04}-{start.month:02}"
        case Grain.WEEK:
            year, week = _week(start)
            return f"{year:04}-W{week:02}"
        case Grain.DAY:
            return start.isoformat()
        case _:
            assert_never(grain)


def _week(start: date) -> tuple[int, int]:
    """The year and the number of a week: it belongs to the year that has its fourth day."""
    fourth = start + timedelta(days=3)
    return fourth.year, (fourth.timetuple().tm_yday - 1) // 7 + 1
