"""On which days reports of a cadence are due; 003:608-629 and 001:165-168 report on four of these cadences."""

from datetime import date, timedelta

import pytest

from kpi_server.domain.cadence import MONDAY, SUNDAY, Cadence, due_cadences, is_due
from kpi_server.errors import BadInput

ALWAYS = {Cadence.CONTINUOUS, Cadence.DAILY}


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 3, 1), {Cadence.MONTHLY}),  # a Sunday
        (date(2026, 3, 2), {Cadence.WEEKLY}),  # a Monday
        (date(2026, 3, 3), set()),
        (date(2026, 3, 31), set()),  # the last day of a quarter, a Tuesday
        (date(2026, 4, 1), {Cadence.MONTHLY, Cadence.QUARTERLY}),  # a Wednesday
        (date(2026, 4, 2), set()),
        (date(2026, 6, 1), {Cadence.MONTHLY, Cadence.WEEKLY}),  # a Monday
        (date(2025, 12, 31), set()),
        (date(2026, 1, 1), {Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.ANNUALLY}),  # a Thursday
        (date(2024, 1, 1), {Cadence.WEEKLY, Cadence.MONTHLY, Cadence.QUARTERLY, Cadence.ANNUALLY}),  # a Monday
        (date(2024, 2, 29), set()),
    ],
    ids=lambda value: value.isoformat() if isinstance(value, date) else "-".join(sorted(value)),
)
def test_a_cadence_is_due_on_the_first_day_of_its_period(day: date, due: set[Cadence]) -> None:
    assert set(due_cadences(day)) == ALWAYS | due


@pytest.mark.parametrize(
    ("week_start", "days"), [(MONDAY, [2, 9, 16, 23, 30]), (6, [7, 14, 21, 28]), (SUNDAY, [1, 8, 15, 22, 29])]
)
def test_weekly_follows_the_day_on_which_a_week_starts(week_start: int, days: list[int]) -> None:
    """1 March 2026 is a Sunday."""
    march = [date(2026, 3, 1) + timedelta(days=passed) for passed in range(31)]
    assert [day.day for day in march if is_due(Cadence.WEEKLY, day, week_start=week_start)] == days


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence.CONTINUOUS, 365),
        (Cadence.DAILY, 365),
        (Cadence.WEEKLY, 52),
        (Cadence.MONTHLY, 12),
        (Cadence.QUARTERLY, 4),
        (Cadence.ANNUALLY, 1),
    ],
)
def test_a_year_has_as_many_due_days_as_its_cadence_says(cadence: Cadence, days: int) -> None:
    """2026 has 52 Mondays: it begins and ends on a Thursday."""
    year = [date(2026, 1, 1) + timedelta(days=passed) for passed in range(365)]
    assert sum(is_due(cadence, day) for day in year) == days


@pytest.mark.parametrize("week_start", [0, 8, -1])
def test_a_week_starts_on_a_day_of_the_week(week_start: int) -> None:
    with pytest.raises(BadInput, match=r"1 \(Monday\) to 7 \(Sunday\)"):
        is_due(Cadence.DAILY, date(2026, 3, 1), week_start=week_start)
