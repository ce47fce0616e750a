"""Calendars: fiscal years, years of whole weeks, weeks from Sunday, and what rolls up into what."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.calendar import ISO, Calendar, Opening, Weekday, WeekPattern, parse_calendar, print_calendar
from kpi_server.domain.period import (
    Grain,
    Span,
    between,
    contains,
    is_period,
    nests,
    next_period,
    ordinal,
    parse_period,
    parts,
    period_of,
    previous_period,
    rolling,
    shift,
    to_date,
    year_before,
)
from kpi_server.domain.series import Window, spine
from kpi_server.errors import BadInput

OCTOBER = Calendar(fiscal_offset=-3)
APRIL = Calendar(fiscal_offset=3)
RETAIL = Calendar(week_start=Weekday.SUNDAY, fiscal_offset=1, pattern=WeekPattern.FOUR_FIVE_FOUR)
"""As the National Retail Federation publishes it: years open on the Sunday nearest to 1 February."""
SEPTEMBER = Calendar(
    week_start=Weekday.SUNDAY, fiscal_offset=-3, pattern=WeekPattern.FIVE_FOUR_FOUR, opening=Opening.ON_OR_BEFORE
)
"""Years that end on the last Saturday of September, as in several annual reports."""
SUNDAYS = Calendar(week_start=Weekday.SUNDAY)

CALENDARS = st.sampled_from(
    [
        ISO,
        SUNDAYS,
        OCTOBER,
        APRIL,
        RETAIL,
        SEPTEMBER,
        Calendar(pattern=WeekPattern.FOUR_FOUR_FIVE),
        Calendar(week_start=Weekday.WEDNESDAY, fiscal_offset=11, pattern=WeekPattern.FOUR_FOUR_FIVE),
        Calendar(fiscal_offset=-11),
    ]
)
DAYS = st.dates(date(30, 1, 1), date(9900, 12, 31))
GRAINS = st.sampled_from(Grain)


@pytest.mark.parametrize(
    ("calendar", "text", "start", "last"),
    [
        (OCTOBER, "FY2026", "2025-10-01", "2026-09-30"),
        (OCTOBER, "FY2026-Q2", "2026-01-01", "2026-03-31"),
        (APRIL, "FY2025", "2025-04-01", "2026-03-31"),
        (APRIL, "FY2025-Q4", "2026-01-01", "2026-03-31"),
        (APRIL, "2026", "2026-01-01", "2026-12-31"),
        (RETAIL, "FY2023", "2023-01-29", "2024-02-03"),  # published: 53 weeks
        (RETAIL, "FY2024", "2024-02-04", "2025-02-01"),
        (RETAIL, "FY2023-P12", "2023-12-31", "2024-02-03"),  # five weeks where there are four
        (RETAIL, "FY2024-P01", "2024-02-04", "2024-03-02"),
        (RETAIL, "FY2024-P02", "2024-03-03", "2024-04-06"),
        (RETAIL, "FY2024-Q2", "2024-05-05", "2024-08-03"),
        (RETAIL, "2024-02", "2024-02-01", "2024-02-29"),
        (SEPTEMBER, "FY2022", "2021-09-26", "2022-09-24"),
        (SEPTEMBER, "FY2023", "2022-09-25", "2023-09-30"),  # 53 weeks
        (SEPTEMBER, "FY2024-Q1", "2023-10-01", "2023-12-30"),
        (SEPTEMBER, "FY2024-P01", "2023-10-01", "2023-11-04"),
        (SUNDAYS, "2025-W01", "2024-12-29", "2025-01-04"),  # as epidemiologists count: 2025 has 53 such weeks
        (SUNDAYS, "2025-W53", "2025-12-28", "2026-01-03"),
        (SUNDAYS, "2026-W01", "2026-01-04", "2026-01-10"),
    ],
)
def test_a_period_has_the_days_that_its_calendar_gives_it(calendar: Calendar, text: str, start: str, last: str) -> None:
    period = parse_period(text, calendar)
    assert (period.start.isoformat(), previous_of(period.end)) == (start, last)
    assert str(period) == text


def previous_of(day: date) -> str:
    return str(previous_period(period_of(day, Grain.DAY)))


@pytest.mark.parametrize(
    ("calendar", "text", "name"),
    [
        (OCTOBER, "2025-Q4", "FY2026-Q1"),
        (OCTOBER, "FY2026-P03", "2025-12"),
        (ISO, "FY2026", "2026"),
        (ISO, "FY2026-Q3", "2026-Q3"),
        (ISO, "FY2026-P11", "2026-11"),
        (Calendar(fiscal_offset=1), "2026-Q1", "2026-Q1"),  # its own quarters begin in February
        (RETAIL, "2024-W10", "2024-W10"),
    ],
)
def test_the_same_days_have_one_name(calendar: Calendar, text: str, name: str) -> None:
    assert str(parse_period(text, calendar)) == name


@pytest.mark.parametrize(("calendar", "text"), [(ISO, "2025-W53"), (SUNDAYS, "2026-W53"), (RETAIL, "FY2024-P13")])
def test_a_calendar_refuses_what_it_does_not_have(calendar: Calendar, text: str) -> None:
    with pytest.raises(BadInput, match="is no period"):
        parse_period(text, calendar)


@pytest.mark.parametrize("offset", [-12, 12])
def test_a_fiscal_year_begins_within_eleven_months(offset: int) -> None:
    with pytest.raises(BadInput, match="-11 to 11 months"):
        Calendar(fiscal_offset=offset)


def test_an_opening_without_whole_weeks_is_refused() -> None:
    with pytest.raises(BadInput, match="only with a pattern"):
        Calendar(opening=Opening.ON_OR_BEFORE)


@given(CALENDARS)
def test_a_calendar_is_read_as_it_was_printed(calendar: Calendar) -> None:
    assert parse_calendar(print_calendar(calendar), "UTC") == calendar


@given(CALENDARS, DAYS, GRAINS)
def test_periods_follow_each_other_without_gap_or_overlap(calendar: Calendar, day: date, grain: Grain) -> None:
    period = period_of(day, grain, calendar)
    after = next_period(period)
    assert period.start <= day < period.end == after.start
    assert (previous_period(after), ordinal(after) - ordinal(period)) == (period, 1)
    assert parse_period(period.text, calendar) == period


@given(CALENDARS, DAYS, GRAINS, GRAINS)
def test_a_period_is_made_of_the_periods_that_nest_in_it(
    calendar: Calendar, day: date, inner: Grain, outer: Grain
) -> None:
    period = period_of(day, outer, calendar)
    found = parts(period, inner)
    assert bool(found) >= nests(inner, outer, calendar)  # a February of four weeks may be filled by chance
    if found:
        assert (found[0].start, found[-1].end) == (period.start, period.end)
        assert all(contains(period, part) for part in found)
        assert period_of(day, inner, calendar) in found


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2026", "2025"),
        ("2026-Q1", "2025-Q1"),
        ("2026-03", "2025-03"),
        ("2026-W07", "2025-W07"),
        ("2026-W53", None),  # 2025 has 52
        ("2025-02-28", "2024-02-28"),
        ("2024-02-29", None),
    ],
)
def test_the_year_before_is_the_partner_by_name_or_nothing(text: str, before: str | None) -> None:
    found = year_before(parse_period(text))
    assert (None if found is None else str(found)) == before


def test_a_fiscal_month_of_five_weeks_is_compared_with_that_of_four() -> None:
    assert str(year_before(parse_period("FY2024-P12", RETAIL))) == "FY2023-P12"
    assert str(shift(parse_period("FY2024-Q1", RETAIL), -1)) == "FY2023-Q4"


def test_weeks_roll_up_into_fiscal_months_of_weeks_only() -> None:
    april = parse_period("FY2024-P02", RETAIL)
    assert [str(week) for week in parts(april, Grain.WEEK)] == [
        "2024-W10", "2024-W11", "2024-W12", "2024-W13", "2024-W14",
    ]  # fmt: skip
    assert not nests(Grain.WEEK, Grain.MONTH, OCTOBER)
    assert not nests(Grain.QUARTER, Grain.MONTH, RETAIL)
    assert nests(Grain.DAY, Grain.WEEK, OCTOBER)


def test_a_civil_year_is_made_of_civil_months_in_every_calendar() -> None:
    civil = parse_period("2024", RETAIL)
    assert [str(month) for month in parts(civil, Grain.MONTH)] == [f"2024-{month:02}" for month in range(1, 13)]


def test_spans_count_back_and_from_the_fiscal_year() -> None:
    december = parse_period("2025-12", OCTOBER)
    assert rolling(december, 3) == Span(date(2025, 10, 1), date(2026, 1, 1))
    assert to_date(december, Grain.YEAR) == Span(date(2025, 10, 1), date(2026, 1, 1))
    assert [str(quarter) for quarter in parts(to_date(december, Grain.YEAR), Grain.QUARTER, OCTOBER)] == ["FY2026-Q1"]
    assert parts(Span(date(2025, 10, 1), date(2025, 12, 31)), Grain.MONTH, OCTOBER) == []


def test_a_week_over_new_year_counts_to_the_year_in_which_it_ends() -> None:
    assert to_date(parse_period("2026-W01"), Grain.YEAR) == Span(date(2026, 1, 1), date(2026, 1, 5))


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2026-03", Grain.MONTH, date(2026, 3, 1), date(2026, 4, 1)),
        ("2026", Grain.MONTH, date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-03", Grain.DAY, date(2026, 3, 31), date(2026, 4, 1)),
        ("2026-02", Grain.WEEK, date(2026, 2, 23), date(2026, 3, 1)),
    ],
)
def test_of_a_shorter_grain_the_last_period_inside_counts(text: str, grain: Grain, start: date, end: date) -> None:
    assert to_date(parse_period(text), grain) == Span(start, end)


def test_nothing_lies_between_a_period_and_an_earlier_one() -> None:
    assert between(parse_period("2026-03"), parse_period("2026-02")) == []


def test_a_spine_is_dense_in_every_calendar() -> None:
    year = Window(date(2023, 1, 29), date(2024, 2, 4))
    assert [str(period) for period in spine(Grain.QUARTER, year, None, RETAIL)] == [
        "FY2023-Q1", "FY2023-Q2", "FY2023-Q3", "FY2023-Q4",
    ]  # fmt: skip
    assert len(spine(Grain.WEEK, year, None, RETAIL)) == 53


def test_days_begin_at_the_zones_midnight() -> None:
    """São Paulo skipped the hour after midnight when summer time began on 4 November 2018."""
    here = Calendar(time_zone="America/Sao_Paulo")
    assert here.midnight(date(2018, 11, 4)) == datetime(2018, 11, 4, 3, 0, tzinfo=UTC)
    assert here.day(datetime(2018, 11, 4, 2, 59, tzinfo=UTC)) == date(2018, 11, 3)
    assert here.day(datetime(2018, 11, 4, 3, 0, tzinfo=UTC)) == date(2018, 11, 4)


@given(CALENDARS, st.dates(date(1, 1, 1), date(9999, 12, 31)), GRAINS)
def test_the_ends_of_time_give_a_period_or_one_error(calendar: Calendar, day: date, grain: Grain) -> None:
    with suppress(BadInput):
        assert period_of(day, grain, calendar).start <= day


@pytest.mark.parametrize(
    ("text", "exists"),
    [("2025-W53", True), ("FY2026-P12", True), ("2026-02-29", False), ("FY2026-P13", False), ("9999", False)],
)
def test_whether_any_calendar_has_a_period(text: str, exists: bool) -> None:
    assert is_period(text) is exists
