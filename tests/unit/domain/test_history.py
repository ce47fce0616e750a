"""Generated history: the laws of its course, and endings that give what is printed."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.history.course import MONTHS, course
from kpi_server.domain.history.endings import Anchor, endings, step_of
from kpi_server.domain.period import Grain, between, parse_period, shift
from kpi_server.domain.sketch.distinct import estimate
from kpi_server.plugin import Across, Measure, OverTime, Sketch, parse_unit

LAST = parse_period("2025-06")
SEEDS = st.text(alphabet="abcdef", min_size=1, max_size=6)
WHOLE = st.integers(min_value=0, max_value=10**9).map(Decimal)


def measure(unit, across=Across.SUM, over_time=OverTime.SUM, **more):
    words = {"key": "loaves", "name": "Loaves", "description": "Loaves.", "source": "menu:1"}
    return Measure(unit=parse_unit(unit), across=across, over_time=over_time, **words, **more)


KINDS = st.sampled_from(
    [
        measure("COUNT(customer)"),
        measure("COUNT(loaf)"),
        measure("MONEY"),
        measure("DURATION"),
        measure("SCORE", Across.WEIGHTED, OverTime.LAST, weight="ovens"),
        measure("RATIO", Across.NONE, OverTime.LAST),
    ]
)


def sums(rows, said):
    """What is said of each period by its segments together."""
    found = defaultdict(Decimal)
    for row in rows:
        found[row.period.text] += said(row) or 0
    return found


@given(seed=SEEDS, kind=KINDS, ending=WHOLE)
def test_the_same_seed_gives_the_same_rows(seed, kind, ending):
    assert [*course(seed, "a", kind, ending, LAST)] == [*course(seed, "a", kind, ending, LAST)]


@given(seed=SEEDS, kind=KINDS, ending=WHOLE)
def test_it_ends_in_its_ending_and_says_so_at_once(seed, kind, ending):
    last = [row for row in course(seed, "a", kind, ending, LAST) if row.period == LAST]
    assert sum(row.value for row in last) == ending
    assert [row.first for row in last] == [row.value for row in last]


@given(seed=SEEDS, kind=KINDS, ending=WHOLE)
def test_each_cell_is_said_once_within_two_years_in_steps_of_its_unit(seed, kind, ending):
    rows = [*course(seed, "a", kind, ending, LAST)]
    assert len({(row.segment, row.period.text) for row in rows}) == len(rows)
    assert {row.period.text for row in rows} <= {one.text for one in between(shift(LAST, 1 - MONTHS), LAST)}
    assert all(value >= 0 and value % step_of(kind.unit) == 0 for row in rows for value in (row.value, row.first or 0))


def test_there_are_gaps_late_values_and_corrected_ones():
    rows = [row for key in map(str, range(40)) for row in course("a", key, measure("COUNT(loaf)"), Decimal(500), LAST)]
    corrected = [row for row in rows if row.first not in (None, row.value)]
    late = [row for row in rows if row.first is None]
    # Of 40 × 23 months that can be so, 3 %, 4 % and 3 % are expected: 28, 37 and 28, give or take four deviations.
    assert 5 <= 40 * MONTHS - len(rows) <= 50
    assert 12 <= len(late) <= 62
    assert 5 <= len(corrected) <= 50


def test_money_and_customers_are_told_by_plan_and_region():
    for unit, segments in (("MONEY", 4), ("COUNT(customer)", 4), ("COUNT(loaf)", 1)):
        rows = [row for row in course("a", "b", measure(unit), Decimal(1001), LAST) if row.period == LAST]
        assert len({row.segment for row in rows}) == segments
        assert sums(rows, lambda row: row.value) == {"2025-06": 1001}


def test_what_adds_up_grows_and_a_share_only_wavers():
    rows = [*course("a", "b", measure("COUNT(loaf)"), Decimal(1_000_000), LAST)]
    assert rows[0].value < 950_000  # half a percent a month at least, in two years, with the season and chance
    share = [row.value for row in course("a", "b", measure("RATIO", Across.NONE, OverTime.LAST), Decimal("0.2"), LAST)]
    assert all(Decimal("0.19") < value < Decimal("0.21") for value in share)


def test_different_subjects_are_sketches_that_end_in_their_number():
    kind = measure("COUNT(user)", Across.MERGE, OverTime.MERGE, sketch=Sketch.DISTINCT)
    rows = [*course("a", "b", kind, Decimal(425_000), LAST)]
    assert abs(rows[-1].value - 425_000) < 500  # "425K" is printed
    assert [estimate(row.sketch) for row in rows] == [row.value for row in rows]


def test_days_go_back_two_years_and_are_quiet_at_weekends():
    last = parse_period("2025-06-30")  # a Monday
    rows = [*course("a", "b", measure("BYTES"), Decimal(10**12), last)]
    assert {row.period.grain for row in rows} == {Grain.DAY}
    assert 600 < len(rows) <= 730
    by_day = {row.period.text: row.value for row in rows}
    assert by_day["2025-06-29"] < by_day["2025-06-30"] * Decimal("0.7")


def ended(registry, *anchors):
    made = [Anchor(key, Decimal(value), Decimal(tolerance)) for key, value, tolerance in anchors]
    return endings(registry.definitions, registry.measures, made, LAST)


@pytest.mark.families
class TestEndings:
    def test_a_measure_that_is_printed_is_what_is_printed(self, registry):
        assert ended(registry, ("customer.total_customers", "387", "0.5")) == {"customer.customers": 387}

    def test_what_follows_from_printed_numbers_is_worked_out(self, registry):
        """$5.8M a year of $480K a month leave $40K of adjustments: 5,800,000 − 12 × 480,000."""
        found = ended(registry, ("financial.mrr", "480000", "500"), ("financial.arr", "5800000", "50000"))
        assert found["financial.subscription_mrr"] + found["financial.usage_fees"] == 480_000
        assert found["financial.contract_value_adjustments"] == 40_000

    def test_shares_of_whole_things_are_met_within_their_rounding(self, registry):
        found = ended(registry, ("customer.total_customers", "387", "0.5"), ("customer.churn", "0.032", "0.0005"))
        share = found["customer.customers_lost"] / found["customer.opening_customers"]
        assert abs(share - Decimal("0.032")) <= Decimal("0.0005")
        assert found["customer.customers_lost"] % 1 == found["customer.opening_customers"] % 1 == 0

    def test_of_numbers_that_contradict_each_other_one_is_met(self, registry):
        """Who loses 3.2 % keeps 96.8 %, not the 92 % that are printed beside it."""
        found = ended(registry, ("customer.churn", "0.032", "0.0005"), ("customer.retention", "0.92", "0.005"))
        lost = found["customer.customers_lost"] / found["customer.opening_customers"]
        assert abs(lost - Decimal("0.032")) <= Decimal("0.0005")

    def test_growths_and_percentiles_are_not_aimed_at(self, registry):
        anchors = ("financial.revenue_growth", "0.28", "0.005"), ("technical.api_response_time_p95", "0.4", "0.05")
        assert ended(registry, *anchors) == {}

    def test_nothing_printed_nothing_ends(self, registry):
        assert ended(registry) == {}
