"""Calendars: when an organization's days, weeks and fiscal years begin; `domain/period.py` makes periods by them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from kpi_server.errors import BadInput

WEEKS_OF_QUARTER: Final = 13
_MONTHS: Final = 12
_LARGEST_OFFSET: Final = 11


class Weekday(StrEnum):
    """The day on which weeks begin."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @property
    def number(self) -> int:
        """Its place in the week that Python counts: Monday is 0."""
        return list(Weekday).index(self)


class WeekPattern(StrEnum):
    """How many weeks each third of a fiscal quarter has; the year's last third has the 53rd week, if there is one."""

    FOUR_FOUR_FIVE = "4-4-5"
    FOUR_FIVE_FOUR = "4-5-4"
    FIVE_FOUR_FOUR = "5-4-4"

    @property
    def weeks(self) -> tuple[int, int, int]:
        first, second, third = (int(part) for part in self.value.split("-"))
        return first, second, third


class Opening(StrEnum):
    """Which week opens a fiscal year of whole weeks.

    The one that begins NEAREST to the first day of the year's first month; or the last that begins ON_OR_BEFORE it, as
    where a year ends on the last Saturday of September.
    """

    NEAREST = "NEAREST"
    ON_OR_BEFORE = "ON_OR_BEFORE"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """An organization's calendar; without anything the ISO one: years from January, weeks from Monday.

    Attributes:
        time_zone: IANA name of the zone in which its days begin.
        week_start: The first day of its weeks. As with ISO weeks, a year's first week has at least four days in it.
        fiscal_offset: How many months after January of the year that names it a fiscal year begins: -3 begins FY2026
            in October 2025, 3 begins it in April 2026.
        pattern: For fiscal years of 52 or 53 whole weeks, how quarters are divided; else fiscal months are months.
        opening: With a pattern, the week that opens a fiscal year.

    Raises:
        BadInput: the offset is not between -11 and 11, or an opening is said of years that are not of whole weeks.
    """

    time_zone: str = "UTC"
    week_start: Weekday = Weekday.MONDAY
    fiscal_offset: int = 0
    pattern: WeekPattern | None = None
    opening: Opening = Opening.NEAREST

    def __post_init__(self) -> None:
        if abs(self.fiscal_offset) > _LARGEST_OFFSET:
            raise BadInput(f"a fiscal year begins -11 to 11 months after January of its year, not {self.fiscal_offset}")
        if self.pattern is None and self.opening is not Opening.NEAREST:
            raise BadInput("which week opens a fiscal year matters only with a pattern such as 4-4-5")

    @property
    def is_fiscal(self) -> bool:
        """True if its years are not those from January to December."""
        return self.fiscal_offset != 0 or self.pattern is not None

    @property
    def civil(self) -> "Calendar":
        """The same calendar with years from January to December."""
        return replace(self, fiscal_offset=0, pattern=None, opening=Opening.NEAREST) if self.is_fiscal else self

    def year_start(self, year: int) -> date:
        """The first day of a fiscal year.

        Raises:
            ValueError, OverflowError: it lies outside the years 1 to 9999.

        >>> Calendar(fiscal_offset=-3).year_start(2026).isoformat()
        '2025-10-01'
        >>> Calendar(week_start=Weekday.SUNDAY, fiscal_offset=1, pattern=WeekPattern.FOUR_FIVE_FOUR).year_start(2024)
        datetime.date(2024, 2, 4)
        """
        month = year * _MONTHS + self.fiscal_offset
        first = date(month // _MONTHS, month % _MONTHS + 1, 1)
        if self.pattern is None:
            return first
        return self.week_of(first + timedelta(days=3) if self.opening is Opening.NEAREST else first)

    def week_of(self, day: date) -> date:
        """The first day of a day's week."""
        return day - timedelta(days=(day.weekday() - self.week_start.number) % 7)

    def day(self, moment: datetime) -> date:
        """The day it is here at a moment.

        >>> Calendar(time_zone="Asia/Tokyo").day(datetime(2026, 3, 31, 15, 0, tzinfo=UTC)).isoformat()
        '2026-04-01'
        """
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def midnight(self, day: date) -> datetime:
        """The moment, in UTC, at which a day begins here.

        >>> Calendar(time_zone="Europe/Berlin").midnight(date(2026, 7, 1)).isoformat()
        '2026-06-30T22:00:00+00:00'
        """
        return datetime.combine(day, time.min, ZoneInfo(self.time_zone)).astimezone(UTC)


ISO: Final = Calendar()
_STATED: Final = {"week_start": Weekday, "fiscal_offset": int, "pattern": WeekPattern, "opening": Opening}


def print_calendar(calendar: Calendar) -> str:
    """What a calendar states beside its time zone, as it is stored; empty for the ISO calendar.

    >>> print_calendar(Calendar(week_start=Weekday.SUNDAY, fiscal_offset=-3))
    'week_start=SUNDAY fiscal_offset=-3'
    """
    stated = {name: getattr(calendar, name) for name in _STATED}
    return " ".join(f"{name}={value}" for name, value in stated.items() if value != getattr(ISO, name))


@lru_cache(maxsize=1024)
def parse_calendar(stated: str, time_zone: str = "UTC") -> Calendar:
    """The calendar of a time zone that states this; the inverse of `print_calendar`.

    >>> parse_calendar("pattern=4-4-5", "Europe/Berlin").pattern.weeks
    (4, 4, 5)
    """
    pairs = (word.partition("=") for word in stated.split())
    return Calendar(time_zone=time_zone, **{name: _STATED[name](value) for name, _, value in pairs})
