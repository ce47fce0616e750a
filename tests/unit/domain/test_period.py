"""Periods: their names, bounds and neighbours."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.period import (
    Grain,
    Period,
    contains,
    next_period,
    ordinal,
    parse_period,
    period_of,
    previous_period,
    shift,
)
from kpi_server.errors import BadInput


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2026", Grain.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
        ("2024-Q1", Grain.QUARTER, date(2024, 1, 1), date(2024, 4, 1)),
        ("2024-Q4", Grain.QUARTER, date(2024, 10, 1), date(2025, 1, 1)),
        ("2024-02", Grain.MONTH, date(2024, 2, 1), date(2024, 3, 1)),
        ("2026-12", Grain.MONTH, date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-W07", Grain.WEEK, date(2026, 2, 9), date(2026, 2, 16)),
        ("2026-W01", Grain.WEEK, date(2025, 12, 29), date(2026, 1, 5)),
        ("2020-W53", Grain.WEEK, date(2020, 12, 28), date(2021, 1, 4)),
        ("2026-03-31", Grain.DAY, date(2026, 3, 31), date(2026, 4, 1)),
        ("2024-02-29", Grain.DAY, date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_a_period_is_half_open_and_keeps_its_name(text: str, grain: Grain, start: date, end: date) -> None:
    assert parse_period(text) == Period(text, grain, start, end)
    assert str(parse_period(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-Q0", "2026-Q5", "2026-00", "2026-13", "2026-W00", "2025-W53", "2026-W54", "2026-02-30",
     "2025-02-29", "2026-3", "2026-q1", " 2026", "2026\n", "0000", "9999", "٢٠٢٦", "2026-Q1-01",
     "FY26", "FY2026-03", "FY2026-P00", "FY2026-P13", "FY2026-Q5", "FY2026-W01", "fy2026", "2026-P01", "FY0000"],
)  # fmt: skip
def test_what_names_no_period_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_period(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2025", "2026"),
        ("2025-Q4", "2026-Q1"),
        ("2025-12", "2026-01"),
        ("2026-02", "2026-03"),
        ("2020-W53", "2021-W01"),
        ("2025-W52", "2026-W01"),
        ("2024-02-28", "2024-02-29"),
        ("2025-02-28", "2025-03-01"),
    ],
)
def test_neighbours_differ_by_one(before: str, after: str) -> None:
    assert str(next_period(parse_period(before))) == after
    assert str(previous_period(parse_period(after))) == before
    assert ordinal(parse_period(after)) - ordinal(parse_period(before)) == 1


def test_a_year_before_is_the_same_month_by_number() -> None:
    assert str(shift(parse_period("2024-03"), -12)) == "2023-03"
    assert str(shift(parse_period("2024-02-29"), 366)) == "2025-03-01"


@pytest.mark.parametrize(
    ("text", "count"), [("9998", 1), ("0001", -1), ("9998-12-31", 1 << 40), ("2026-W01", -(1 << 40))]
)
def test_outside_the_calendar_there_is_no_period(text: str, count: int) -> None:
    with pytest.raises(BadInput, match="outside the years"):
        shift(parse_period(text), count)


@pytest.mark.parametrize(
    ("outer", "inner", "inside"),
    [
        ("2024-Q1", "2024-Q1", True),
        ("2024-Q1", "2024-03", True),
        ("2024-Q1", "2024-03-31", True),
        ("2024-Q1", "2024-04-01", False),
        ("2024-Q1", "2024", False),
        ("2025", "2025-W01", False),
        ("2024-12", "2024-12-01", True),
    ],
)
def test_a_period_contains_another_when_every_day_lies_in_it(outer: str, inner: str, inside: bool) -> None:
    assert contains(parse_period(outer), parse_period(inner)) is inside


DAYS = st.dates(date(2, 1, 1), date(9990, 12, 31))
GRAINS = st.sampled_from(Grain)


@given(DAYS, GRAINS)
def test_a_day_lies_in_its_period_and_the_periods_name_finds_it_again(day: date, grain: Grain) -> None:
    period = period_of(day, grain)
    assert period.start <= day < period.end
    assert parse_period(str(period)) == period


@given(DAYS, GRAINS, st.integers(-12, 12))
def test_shifting_there_and_back_returns_and_neighbours_touch(day: date, grain: Grain, count: int) -> None:
    period = period_of(day, grain)
    if period.start.year > 20 and period.end.year < 9980:
        assert shift(shift(period, count), -count) == period
    assert previous_period(next_period(period)) == period
    assert next_period(period).start == period.end
