"""Pace: the lag behind the calendar, on both sides of its bounds."""

from datetime import date
from decimal import Decimal

import pytest

from kpi_server.domain.pace import Pace, pace, planned_fraction
from kpi_server.errors import BadInput

START, DUE = date(2025, 1, 1), date(2025, 4, 11)  # a hundred days


@pytest.mark.parametrize(
    ("today", "fraction"),
    [
        (date(2024, 12, 1), "0"),
        (START, "0"),
        (date(2025, 1, 2), "0.01"),
        (date(2025, 2, 20), "0.5"),
        (DUE, "1"),
        (date(2026, 1, 1), "1"),
    ],
)
def test_the_plan_grows_by_the_day_from_start_to_deadline(today: date, fraction: str) -> None:
    assert planned_fraction(start=START, due=DUE, today=today) == Decimal(fraction)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        ("0.9", Pace.ON_TRACK),
        ("0.5", Pace.ON_TRACK),
        ("0.40", Pace.ON_TRACK),
        ("0.399", Pace.BEHIND),
        ("0.25", Pace.BEHIND),
        ("0.249", Pace.AT_RISK),
        ("0", Pace.AT_RISK),
    ],
)
def test_half_way_the_lag_decides(progress: str, expected: Pace) -> None:
    assert pace(Decimal(progress), start=START, due=DUE, today=date(2025, 2, 20)) is expected


def test_no_progress_known_is_no_pace() -> None:
    assert pace(None, start=START, due=DUE, today=START) is None


@pytest.mark.parametrize("due", [START, date(2024, 12, 31)])
def test_a_deadline_before_its_start_is_refused(due: date) -> None:
    with pytest.raises(BadInput, match="after its start"):
        pace(Decimal(0), start=START, due=due, today=START)
