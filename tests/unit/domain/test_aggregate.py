"""Which periods of an aggregate new events touch, and what an aggregate may answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.aggregate import Aggregate, Cell, Events, Touched, faults_of, touched_periods
from kpi_server.domain.calendar import ISO, Calendar, Weekday, WeekPattern
from kpi_server.domain.period import Grain, parse_period
from kpi_server.domain.sketch.sparse import EMPTY


def _function(events: Events) -> None:
    del events


DAILY = Aggregate(
    key="sessions",
    kind="session",
    outputs=("active_users", "visits"),
    function=_function,  # type: ignore[arg-type]  # nobody calls it here
    grain=Grain.DAY,
    description="Sessions.",
)
LASTING = replace(DAILY, grain=Grain.MONTH, lasting=True)
TODAY = date(2026, 3, 15)


def touched(aggregate: Aggregate, *days: Touched, made_to: date | None = None, calendar: Calendar = ISO) -> list[str]:
    found = touched_periods(aggregate, days, made_to=made_to, today=TODAY, calendar=calendar)
    return [str(period) for period in found]


def test_an_event_touches_its_own_period() -> None:
    days = (Touched(date(2026, 3, 14)), Touched(date(2026, 1, 2), date(2026, 3, 1)), Touched(date(2026, 3, 14)))
    assert touched(DAILY, *days) == ["2026-01-02", "2026-03-14"]


@pytest.mark.parametrize(
    ("days", "made_to", "periods"),
    [
        ([Touched(date(2026, 1, 31))], None, ["2026-01", "2026-02", "2026-03"]),  # until today
        ([Touched(date(2025, 11, 2), date(2026, 1, 1))], None, ["2025-11", "2025-12", "2026-01"]),
        ([Touched(date(2025, 11, 2), date(2025, 11, 9))], date(2026, 3, 1), ["2025-11"]),
        ([], date(2026, 1, 1), ["2026-02", "2026-03"]),  # months that have begun since
        ([], date(2026, 3, 1), []),
        ([], None, []),
        (
            [Touched(date(2025, 10, 1), date(2025, 11, 1)), Touched(date(2025, 10, 5), date(2025, 10, 6))],
            date(2026, 2, 1),
            ["2025-10", "2025-11", "2026-03"],
        ),
    ],
)
def test_what_lasts_touches_the_periods_up_to_the_next_event(
    days: Sequence[Touched], made_to: date | None, periods: list[str]
) -> None:
    assert touched(LASTING, *days, made_to=made_to) == periods


def test_periods_are_those_of_the_calendar() -> None:
    retail = Calendar(week_start=Weekday.SUNDAY, fiscal_offset=1, pattern=WeekPattern.FOUR_FIVE_FOUR)
    assert touched(replace(DAILY, grain=Grain.MONTH), Touched(date(2024, 3, 2)), calendar=retail) == ["FY2024-P01"]


@given(
    st.lists(st.tuples(st.dates(date(2024, 1, 1), TODAY), st.none() | st.dates(date(2024, 1, 1), TODAY)), max_size=8)
)
def test_every_touched_period_comes_once_and_in_order(days: list[tuple[date, date | None]]) -> None:
    sound = [Touched(first, last) for first, last in days if last is None or last >= first]
    found = touched(LASTING, *sound)
    assert found == sorted(set(found))
    assert {f"{one.first:%Y-%m}" for one in sound} <= set(found)


MARCH = parse_period("2026-03-14")


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (Cell("users", MARCH, "", Decimal(1)), "users of 2026-03-14 is none of its measures"),
        (Cell("visits", parse_period("2026-03-13"), "", Decimal(1)), "visits of 2026-03-13 was not asked for"),
        (Cell("active_users", MARCH, "plan=pro", Decimal(1)), "active_users of 2026-03-14 in plan=pro is no sketch"),
        (Cell("visits", MARCH, "", EMPTY), "visits of 2026-03-14 is a sketch"),
    ],
)
def test_a_cell_that_an_aggregate_may_not_answer_is_named(cell: Cell, fault: str) -> None:
    assert faults_of([cell], DAILY, {"active_users"}, {MARCH}) == [fault]


def test_a_cell_is_answered_once() -> None:
    cell = Cell("visits", MARCH, "", Decimal(1))
    assert faults_of([cell, cell], DAILY, {"active_users"}, {MARCH}) == ["visits of 2026-03-14 is answered twice"]
