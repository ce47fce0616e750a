"""The spine of a series: every period of a window, whether something is known of it or not."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.period import Grain, next_period, period_of
from kpi_server.domain.series import MOST_POINTS, Extent, Window, spine
from kpi_server.errors import TooMany

DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


def _texts(grain, window, known=None):
    return [period.text for period in spine(grain, window, known)]


def test_without_a_window_the_spine_is_all_that_is_known():
    known = Extent(date(2025, 11, 1), date(2026, 2, 1))
    assert _texts(Grain.MONTH, Window(), known) == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_without_window_and_knowledge_there_are_no_points():
    assert _texts(Grain.MONTH, Window()) == []
    assert _texts(Grain.MONTH, Window(start=date(2026, 1, 1))) == []


def test_a_closed_window_needs_no_knowledge():
    assert _texts(Grain.QUARTER, Window(date(2026, 1, 1), date(2026, 7, 1))) == ["2026-Q1", "2026-Q2"]


def test_periods_that_reach_over_an_end_are_left_out():
    # Of 2024 the weeks from Monday 1 January to Sunday 29 December; the 30th begins the first week of 2025.
    weeks = _texts(Grain.WEEK, Window(date(2024, 1, 1), date(2025, 1, 1)))
    assert (weeks[0], weeks[-1], len(weeks)) == ("2024-W01", "2024-W52", 52)
    assert _texts(Grain.QUARTER, Window(date(2026, 2, 1), date(2026, 6, 1))) == []


def test_the_last_so_many_end_where_the_window_or_the_knowledge_ends():
    known = Extent(date(2026, 1, 1), date(2026, 3, 1))
    assert _texts(Grain.MONTH, Window(last=2), known) == ["2026-02", "2026-03"]
    assert _texts(Grain.MONTH, Window(last=9), known) == ["2026-01", "2026-02", "2026-03"]
    assert _texts(Grain.MONTH, Window(end=date(2026, 3, 1), last=1), known) == ["2026-02"]


def test_five_thousand_points_are_allowed_and_one_more_is_not():
    first = date(2010, 1, 1)
    last = date.fromordinal(first.toordinal() + MOST_POINTS - 1)
    assert len(spine(Grain.DAY, Window(), Extent(first, last))) == MOST_POINTS
    with pytest.raises(TooMany, match="has 5001 points; 5000 are allowed"):
        spine(Grain.DAY, Window(), Extent(date(2009, 12, 31), last))


@given(grain=st.sampled_from(Grain), one=DAYS, other=DAYS)
def test_neighbours_on_a_spine_are_neighbours_in_time(grain, one, other):
    start, end = min(one, other), max(one, other)
    known = Extent(period_of(start, grain).start, period_of(end, grain).start)
    periods = spine(grain, Window(last=MOST_POINTS), known)
    assert periods[-1] == period_of(end, grain)
    assert all(next_period(before) == after for before, after in pairwise(periods))
