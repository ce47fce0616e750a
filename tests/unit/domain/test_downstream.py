"""What is downstream of a recorded value is exactly what stands on it."""

from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_server.domain.calculation import Calculation, Definitions, Line
from kpi_server.domain.calendar import ISO, Calendar, WeekPattern
from kpi_server.domain.downstream import Downstream, Readers, kept_segments
from kpi_server.domain.period import Grain, between, parse_period, period_of
from kpi_server.domain.rollup import additivity_of
from kpi_server.domain.segment import read_segment
from kpi_server.plugin import (
    Across,
    Direction,
    Measure,
    OverTime,
    carried,
    metric,
    of,
    parse_unit,
    previous,
    rolling,
    to_date,
    year_before,
)
from kpi_server.registry.resolving import resolve

TODAY = date(2026, 7, 15)


def _measure(key, across=Across.SUM, weight=""):
    return Measure(
        key=key, name=key, unit=parse_unit("COUNT(thing)"), across=across, over_time=OverTime.SUM, weight=weight,
        description="A toy.", source="a test",
    )  # fmt: skip


def _metric(**declared):
    return metric(unit="RATIO", direction=Direction.UP, source="a test", **declared)


@_metric()
def plain(lost, customers):
    """Both of the same period."""
    return lost / customers


@_metric(inputs={"before": previous("plain"), "known": carried("customers", 2)})
def changed(plain, before, known):
    """A metric of this period and the one before."""
    return plain - before * known / known


@_metric(inputs={"lately": rolling("lost", 3), "last_year": year_before("changed")})
def compared(lately, last_year):
    """Three periods, and a metric a year before."""
    return lately / lately - last_year


@_metric(inputs={"so_far": to_date("lost", Grain.YEAR), "of_month": to_date("customers", Grain.MONTH)})
def so_far(so_far, of_month):
    """From the first day of the year."""
    return so_far / of_month


@_metric(grains=(Grain.YEAR,), inputs={"of_month": to_date("customers", Grain.MONTH), "before": carried("plain", 1)})
def yearly(of_month, before):
    """Years alone."""
    return before * of_month / of_month


@_metric(
    grains=(Grain.DAY, Grain.WEEK), inputs={"before": year_before("lost"), "sofar": to_date("customers", Grain.QUARTER)}
)
def weekly(before, sofar, mean):
    """Weeks, or days."""
    return before / sofar * mean / mean


@_metric(grains=(Grain.DAY,), inputs={"before": year_before("plain"), "lately": rolling("lost", 7)})
def daily(before, lately):
    """Days alone."""
    return before * lately / lately


@_metric(inputs={"stranger": of("weather.rain")})
def lacking(lost, stranger):
    """Of a family that is not there."""
    return lost / stranger


METRICS = {f"toy.{one.key}": one for one in (plain, changed, compared, so_far, yearly, weekly, daily, lacking)}
MEASURES = {
    f"toy.{one.key}": one
    for one in (_measure("lost"), _measure("customers"), _measure("mean", Across.WEIGHTED, "customers"))
}
DEFINITIONS = Definitions(
    resolve(METRICS, MEASURES).calculators, {key: additivity_of(key, measure) for key, measure in MEASURES.items()}
)
READERS = Readers(DEFINITIONS)
CALENDARS = [ISO, Calendar(fiscal_offset=-3), Calendar(pattern=WeekPattern.FOUR_FOUR_FIVE, fiscal_offset=1)]
CELLS = {
    calendar: [
        (key, one)
        for key, grain in READERS.grains.items()
        for one in between(period_of(date(2024, 6, 1), grain, calendar), period_of(TODAY, grain, calendar))
    ]
    for calendar in CALENDARS
}


def _stands_on(calendar, measure, period):
    """The cells with a leaf of the measure, or of one that it weights, that counts the period."""
    measures = {measure} | {key for key, how in DEFINITIONS.measures.items() if how.weight == measure}
    return {
        (key, one.text)
        for key, one in CELLS[calendar]
        if any(leaf in measures and frame.holds(period) for leaf, frame in _leaves(key, one, calendar))
    }


@cache
def _leaves(key, period, calendar):
    leaves = Calculation(DEFINITIONS, TODAY).leaves([Line(key, "", (period,))])
    return [(measure, frame) for (measure, _), frames in leaves.items() for frame in frames]


@settings(max_examples=60)
@given(
    st.sampled_from(CALENDARS),
    st.sampled_from(sorted(MEASURES)),
    st.sampled_from(Grain),
    st.dates(date(2025, 3, 1), TODAY),
)
def test_exactly_the_cells_that_stand_on_a_value_are_downstream_of_it(calendar, measure, grain, day):
    period = period_of(day, grain, calendar)
    found = Downstream(READERS, METRICS, TODAY, calendar).cells(measure, period)
    assert len(found) == len(set(found))
    assert {(key, one.text) for key, one in found} == _stands_on(calendar, measure, period)


def test_a_month_concerns_the_periods_that_hold_shift_roll_and_carry_it():
    found = Downstream(READERS, METRICS, TODAY).cells("toy.customers", parse_period("2025-03"))
    assert sorted((key, str(one)) for key, one in found) == [
        *(("toy.changed", period) for period in ("2025-03", "2025-04", "2025-05")),
        *(("toy.compared", period) for period in ("2026-03", "2026-04", "2026-05")),
        ("toy.plain", "2025-03"),
        ("toy.so_far", "2025-03"),
        # of weeks none: the week that ends March is of the next quarter to date
        *(("toy.yearly", period) for period in ("2025", "2026")),
    ]


def test_only_the_organization_s_own_kpis_are_concerned_and_no_period_that_has_not_begun():
    downstream = Downstream(READERS, ["toy.changed", "toy.unknown"], TODAY)
    found = downstream.cells("toy.customers", parse_period("2026-07"))
    assert [(key, str(one)) for key, one in found] == [("toy.changed", "2026-07")]


def test_what_nobody_reads_concerns_nobody():
    downstream = Downstream(READERS, METRICS, TODAY)
    assert downstream.cells("toy.plain", parse_period("2026-03")) == []
    assert downstream.cells("stranger.thing", parse_period("2026-03")) == []


@pytest.mark.parametrize(
    ("segment", "kept"),
    [
        ("", [""]),
        ("plan=pro", ["", "plan=pro"]),
        ("a=1,b=2,c=3", ["", "a=1", "b=2", "c=3", "a=1,b=2", "a=1,c=3", "b=2,c=3"]),
    ],
)
def test_a_segment_counts_in_itself_and_in_the_more_general_ones(segment, kept):
    assert list(kept_segments(segment)) == kept
    assert all(set(read_segment(one).pairs) <= set(read_segment(segment).pairs) for one in kept)
