"""Generated history: the laws of its course, and endings that give what is printed."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_server.domain.history.bridge import Bridge, bridges, course_of_bridge
from kpi_server.domain.history.course import MONTHS, course, course_of_spread
from kpi_server.domain.history.endings import Anchor, endings, step_of
from kpi_server.domain.history.spread import percentiles
from kpi_server.domain.period import Grain, between, parse_period, shift
from kpi_server.domain.sketch.distinct import estimate
from kpi_server.domain.sketch.histogram import RELATIVE_ERROR, count, quantile
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
    return endings(registry.definitions, registry.measures, anchored(registry, *anchors), LAST).aimed


def anchored(registry, *anchors):
    return [Anchor(key, Decimal(value), Decimal(tolerance), registry.unit_of(key)) for key, value, tolerance in anchors]


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

    def test_what_only_metrics_of_other_periods_read_has_the_size_of_its_like(self, registry):
        """In a year 8.5 % of the average month's customers leave; a month has 387."""
        made = anchored(registry, ("customer.total_customers", "387", "0.5"), ("customer.annual_churn", "0.085", "0.1"))
        found = endings(registry.definitions, registry.measures, made, LAST)
        assert found.usual["customer.monthly_customers"] == 387
        assert found.aimed.keys() & found.usual.keys() == set()

    def test_movements_of_recurring_revenue_are_small_beside_it_and_give_what_is_printed(self, registry):
        found = ended(
            registry,
            ("financial.mrr", "100000", "500"),
            ("financial.gross_revenue_retention", "0.91", "0.005"),
            ("financial.net_revenue_retention", "1.08", "0.005"),
            ("financial.cac_payback", "8", "0.5"),
        )
        opening = found["financial.opening_mrr"]
        assert 80_000 <= opening <= 100_000
        lost = found["financial.contraction_mrr"] + found["financial.churned_mrr"]
        assert abs(lost / opening - Decimal("0.09")) <= Decimal("0.005")
        assert abs((found["financial.expansion_mrr"] - lost) / opening - Decimal("0.08")) <= Decimal("0.005")

    def test_formulas_state_the_bridge_of_recurring_revenue_and_no_other(self, registry):
        """`closing_mrr` adds and takes away; what is kept is divided, so it is no bridge."""
        (bridge,) = bridges(registry.definitions, registry.measures)
        assert bridge == Bridge(
            "financial.opening_mrr",
            {
                "financial.new_mrr": 1,
                "financial.expansion_mrr": 1,
                "financial.contraction_mrr": -1,
                "financial.churned_mrr": -1,
            },
        )

    def test_percentiles_that_are_printed_are_kept_for_their_histogram(self, registry):
        made = anchored(
            registry,
            ("technical.api_response_time_p95", "0.5", "0.05"),
            ("technical.api_response_time_p99", "1", "0.1"),
            ("technical.api_response_time", "0.2", "0.05"),
        )
        known = {Decimal("0.95"): Decimal("0.5"), Decimal("0.99"): Decimal(1)}
        assert percentiles(registry.definitions, made) == {"technical.response_times": known}


OPENING = measure("MONEY/month", over_time=OverTime.FIRST)
KINDS_OF_BRIDGE = {"opening": OPENING} | dict.fromkeys(("won", "grown", "lost"), measure("MONEY/month"))
BRIDGE = Bridge("opening", {"won": 1, "grown": 1, "lost": -1})


@given(
    seed=SEEDS, ends=st.fixed_dictionaries({"opening": WHOLE, "won": WHOLE, "lost": WHOLE}, optional={"grown": WHOLE})
)
def test_a_bridge_opens_each_month_as_the_one_before_closed_and_ends_in_its_endings(seed, ends):
    rows = [*course_of_bridge(seed, BRIDGE, KINDS_OF_BRIDGE, ends, LAST)]
    said = {(row.key, row.segment, row.period): row.value for row in rows}
    assert len(said) == len(rows)
    assert all(row.value >= 0 and row.value % Decimal("0.01") == 0 for row in rows)
    for key, ending in ends.items():
        assert sum(row.value for row in rows if row.key == key and row.period == LAST) == ending
    segments = {row.segment for row in rows}
    for period in between(shift(LAST, 1 - MONTHS), shift(LAST, -1)):
        for segment in segments:
            opening, won, grown, lost = (
                said.get((key, segment, period), Decimal(0)) for key in ("opening", "won", "grown", "lost")
            )
            assert opening + won + grown - lost == said["opening", segment, shift(period, 1)]


def test_a_bridge_has_late_and_corrected_values_and_months_without_a_movement():
    ends = {"opening": Decimal(100_000), "won": Decimal(6_000), "lost": Decimal(4_000)}
    rows = [row for seed in map(str, range(20)) for row in course_of_bridge(seed, BRIDGE, KINDS_OF_BRIDGE, ends, LAST)]
    assert any(row.first is None for row in rows)
    assert any(row.first not in (None, row.value) for row in rows)
    assert len(rows) < 20 * MONTHS * 4 * 3  # of four segments


@settings(max_examples=10)  # each makes 24,000 values
@given(
    seed=SEEDS,
    values=st.lists(st.decimals("0.001", 1000, places=3), min_size=1, max_size=3).map(sorted),
    shares=st.lists(st.sampled_from([Decimal(n) / 100 for n in range(10, 100)]), min_size=3, max_size=3, unique=True),
)
def test_a_spread_ends_in_its_percentiles_and_only_wavers_before(seed, values, shares):
    known = dict(zip(sorted(shares), values, strict=False))
    rows = [*course_of_spread(seed, "a", known, LAST)]
    assert rows[-1].period == LAST
    assert len({row.period.text for row in rows}) == len(rows) <= MONTHS
    for share, value in known.items():
        assert abs(quantile(rows[-1].sketch, share) - value) <= value * RELATIVE_ERROR
        assert all(abs(quantile(row.sketch, share) / value - 1) < Decimal("0.12") for row in rows)
    assert all(count(row.sketch) == row.value == row.first for row in rows)
