"""An organization's calendar as the schema shows it."""

from functools import lru_cache

import strawberry

from kpi_server.domain.calendar import Opening, Weekday, WeekPattern, parse_calendar


@strawberry.type(description="When an organization's weeks and fiscal years begin.")
class Calendar:
    week_start: Weekday = strawberry.field(description="The first day of its weeks.")
    fiscal_offset: int = strawberry.field(
        description="Months from January of the year that names it to a fiscal year's first: -3 is October before."
    )
    pattern: WeekPattern | None = strawberry.field(
        description="How quarters are divided where fiscal years are of whole weeks; else null."
    )
    opening: Opening = strawberry.field(description="With a pattern, the week that opens a fiscal year.")


@lru_cache(maxsize=256)
def calendar_of(stated: str, time_zone: str) -> Calendar:
    """The calendar that an organization's columns state."""
    calendar = parse_calendar(stated, time_zone)
    return Calendar(
        week_start=calendar.week_start,
        fiscal_offset=calendar.fiscal_offset,
        pattern=calendar.pattern,
        opening=calendar.opening,
    )
