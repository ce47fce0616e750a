"""Roll-up, worked by hand, and the laws that hold for whatever is recorded."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.absence import Absence
from kpi_server.domain.calendar import Calendar, Weekday, WeekPattern
from kpi_server.domain.currency import DailyRate, Rates
from kpi_server.domain.frame import Frame, frame_of
from kpi_server.domain.measure import Across, Measure, OverTime
from kpi_server.domain.period import Grain, parse_period, period_of
from kpi_server.domain.rollup import Additivity, Recorded, additivities_of, roll_up
from kpi_server.domain.segment import WHOLE, read_segment
from kpi_server.domain.sketch.sparse import Sketch, of_places
from kpi_server.domain.unit import parse_unit

SIGNUPS = Additivity("signups", Across.SUM, OverTime.SUM)
MRR = Additivity("mrr", Across.SUM, OverTime.LAST)


def said(period: str, value: str | int, segment: str = "", weight: int | None = None) -> Recorded:
    return Recorded(
        read_segment(segment), parse_period(period), Decimal(value), None if weight is None else Decimal(weight)
    )


def rolled(recorded, period: str, how: Additivity, segment: str = ""):
    return roll_up(recorded, read_segment(segment), frame_of(parse_period(period)), how)


def test_a_value_of_the_cell_itself_wins_over_its_days_and_its_parts():
    recorded = [said("2026-01", 50), said("2026-01-05", 9), said("2026-01", 7, "plan=pro")]
    january = rolled(recorded, "2026-01", SIGNUPS)
    assert (january.value, str(january.completeness)) == (50, "1 of 1 month")


def test_a_quarter_is_its_months_whether_a_month_was_recorded_or_its_days_were():
    # January as a month, February by two of its 28 days, nothing in March: 31 and 2 of 90 days
    recorded = [said("2026-01", 100), said("2026-02-01", 3), said("2026-02-02", 4), said("2026-01-31", 1)]
    quarter = rolled(recorded, "2026-Q1", SIGNUPS)
    assert (quarter.value, str(quarter.completeness)) == (107, "33 of 90 days")


def test_a_closing_balance_is_that_of_all_parts_in_the_last_period_of_which_any_is_known():
    # January 40 + 60, February 45 alone: across first, so no balance of January is carried into February
    recorded = [said("2026-01", 40, "plan=pro"), said("2026-01", 60, "plan=free"), said("2026-02", 45, "plan=pro")]
    quarter = rolled(recorded, "2026-Q1", MRR)
    assert (quarter.value, str(quarter.completeness)) == (45, "2 of 3 months")


@pytest.mark.parametrize(
    ("over_time", "expected"),
    [("SUM", 21), ("LAST", 6), ("FIRST", 10), ("MIN", 5), ("MAX", 10), ("AVG", 7)],
)
def test_three_months_make_a_quarter(over_time, expected):
    months = [said("2026-03", 6), said("2026-01", 10), said("2026-02", 5)]
    quarter = rolled(months, "2026-Q1", Additivity("m", Across.SUM, OverTime(over_time)))
    assert (quarter.value, quarter.completeness.complete) == (expected, True)


def test_a_mean_is_that_of_the_longest_recorded_periods():
    # the mean of January (10) and February (20); one day of March is no third month
    recorded = [said("2026-01", 10), said("2026-02", 20), said("2026-03-01", 600)]
    quarter = rolled(recorded, "2026-Q1", Additivity("m", Across.SUM, OverTime.AVG))
    assert (quarter.value, str(quarter.completeness)) == (15, "2 of 3 months")


@pytest.mark.parametrize(("across", "expected"), [("SUM", 16), ("MIN", 3), ("MAX", 8)])
def test_parts_make_a_whole(across, expected):
    parts = [said("2026-01", 3, "plan=a"), said("2026-01", 8, "plan=b"), said("2026-01", 5, "plan=c")]
    assert rolled(parts, "2026-01", Additivity("m", Across(across), OverTime.SUM)).value == expected


def test_parts_by_the_fewest_keys_make_the_whole_and_never_two_sets_of_keys():
    recorded = [
        said("2026-01", 1000, "region=eu"),  # sorts behind plan
        said("2026-01", 4, "plan=a"),
        said("2026-01", 6, "plan=b"),
        said("2026-01", 900, "plan=a,region=eu"),
    ]
    assert rolled(recorded, "2026-01", SIGNUPS).value == 10
    assert rolled(recorded, "2026-01", SIGNUPS, "plan=a").value == 4
    assert rolled(recorded, "2026-01", SIGNUPS, "region=eu").value == 1000
    assert rolled(recorded, "2026-01", SIGNUPS, "plan=c").absence is Absence.NO_DATA


def test_a_month_of_the_whole_and_a_month_by_parts_make_a_quarter_together():
    recorded = [
        said("2026-01", 10),
        said("2026-01", 7, "plan=a"),
        said("2026-02", 5, "plan=a"),
        said("2026-02", 6, "plan=b"),
    ]
    quarter = rolled(recorded, "2026-Q1", SIGNUPS)
    assert (quarter.value, str(quarter.completeness)) == (21, "2 of 3 months")


def test_a_weighted_mean_takes_its_weights():
    # (4.0 × 10 + 2.5 × 30) / 40 = 115 / 40
    how = Additivity("csat", Across.WEIGHTED, OverTime.LAST)
    parts = [said("2026-01", "4.0", "plan=a", 10), said("2026-01", "2.5", "plan=b", 30)]
    assert rolled(parts, "2026-01", how).value == Decimal("2.875")


def test_weights_that_are_missing_or_zero_make_no_mean():
    how = Additivity("csat", Across.WEIGHTED, OverTime.LAST)
    without = rolled([said("2026-01", 4, "plan=a", 10), said("2026-01", 2, "plan=b")], "2026-01", how)
    assert (without.absence, without.reason) == (
        Absence.NO_DATA,
        "csat is recorded by plan, not all of it with a weight",
    )
    zero = rolled([said("2026-01", 4, "plan=a", 0)], "2026-01", how)
    assert (zero.absence, zero.reason) == (Absence.UNDEFINED, "the weights of csat by plan are zero together")


def test_parts_of_what_is_not_additive_are_refused_with_the_alternative():
    how = Additivity("technical.p95", Across.NONE, OverTime.LAST, alternative="technical.response_times")
    refused = rolled([said("2026-01", 3, "region=eu"), said("2026-01", 4, "region=us")], "2026-01", how)
    assert (refused.value, refused.absence) == (None, Absence.NON_ADDITIVE)
    assert refused.reason == (
        "technical.p95 is recorded by region and its parts make no whole: ask for one of them, "
        "or for technical.response_times"
    )


def test_parts_that_make_no_whole_are_a_gap_beside_periods_that_have_one():
    how = Additivity("p95", Across.NONE, OverTime.MAX)
    quarter = rolled([said("2026-01", 3), said("2026-02", 9, "region=eu")], "2026-Q1", how)
    assert (quarter.value, str(quarter.completeness)) == (3, "1 of 3 months")


def test_what_does_not_roll_up_over_time_answers_where_it_was_recorded_only():
    how = Additivity("active_users", Across.SUM, OverTime.NONE, alternative="product.visitors")
    recorded = [said("2026-01-01", 3), said("2026-01-02", 5)]
    assert rolled(recorded, "2026-01-02", how).value == 5
    refused = rolled(recorded, "2026-01", how)
    assert (refused.value, refused.absence) == (None, Absence.NON_ADDITIVE)
    assert refused.reason.endswith("ask for a day, or for product.visitors")


def test_a_week_is_made_of_its_days_and_makes_no_month():
    recorded = [said("2026-W06", 70), said("2026-02-09", 1), said("2026-02-15", 2)]
    assert rolled(recorded, "2026-W06", SIGNUPS).value == 70
    assert rolled(recorded, "2026-W07", SIGNUPS).value == 3
    assert rolled(recorded, "2026-02", SIGNUPS).value == 3


def test_what_was_recorded_of_a_longer_period_says_nothing_of_a_shorter_one():
    nothing = rolled([said("2026-Q1", 90)], "2026-02", SIGNUPS)
    assert (nothing.value, nothing.absence, nothing.reason) == (None, Absence.NO_DATA, "nothing is recorded of signups")


def test_of_months_that_begin_on_one_day_by_two_calendars_the_longer_is_the_month():
    # plan a by January, plan b by the four weeks that begin on the same day: two months of which one covers the other
    weeks = parse_period("FY2026-P01", Calendar(week_start=Weekday.THURSDAY, pattern=WeekPattern.FOUR_FOUR_FIVE))
    by_weeks = Recorded(read_segment("plan=b"), weeks, Decimal(4))
    for recorded in ([by_weeks, said("2026-01", 10, "plan=a")], [said("2026-01", 10, "plan=a"), by_weeks]):
        assert rolled(recorded, "2026-01", SIGNUPS).value == 10
        assert roll_up(recorded, WHOLE, frame_of(weeks), SIGNUPS).value == 4


def test_a_span_of_six_months_takes_a_quarter_inside_it_for_its_months():
    recorded = [said("2026-Q1", 30), said("2026-02", 9), said("2026-04", 11)]
    half = Frame(date(2026, 1, 1), date(2026, 7, 1), Grain.YEAR)
    first = roll_up(recorded, WHOLE, half, SIGNUPS)
    assert (first.value, str(first.completeness)) == (41, "4 of 6 months")


def test_zero_is_a_value():
    assert rolled([said("2026-01-01", 0)], "2026-01", SIGNUPS).value == 0


def test_histograms_add_up_and_registers_keep_the_highest():
    days = [("2026-01-01", {1: 5, 2: 1}), ("2026-01-02", {2: 3})]
    recorded = [Recorded(WHOLE, parse_period(day), Decimal(sum(s.values())), sketch=of_places(s)) for day, s in days]
    how = {kind: Additivity("m", Across.MERGE, OverTime.MERGE, kind) for kind in Sketch}
    assert rolled(recorded, "2026-01", how[Sketch.HISTOGRAM]).sketch == of_places({1: 5, 2: 4})
    assert rolled(recorded, "2026-01", how[Sketch.HISTOGRAM]).value == 9
    assert rolled(recorded, "2026-01", how[Sketch.DISTINCT]).sketch == of_places({1: 5, 2: 3})


RATES = Rates(
    "EUR",
    {
        "USD": [
            DailyRate(date(2026, 1, 1), Decimal("0.90")),
            DailyRate(date(2026, 1, 21), Decimal("0.93")),
            DailyRate(date(2026, 2, 1), Decimal("0.80")),
        ],
        "CHF": [DailyRate(date(2026, 1, 31), Decimal("1.10"))],
    },
)


def paid(period: str, value: str | int, currency: str | None, segment: str = "", **weighted) -> Recorded:
    return replace(said(period, value, segment), currency=currency, **weighted)


def converted(recorded, period: str, how: Additivity):
    return roll_up(recorded, WHOLE, frame_of(parse_period(period)), how, RATES)


def test_a_flow_is_converted_by_the_mean_rate_of_each_of_its_periods():
    # January: (20 · 0.90 + 11 · 0.93) / 31 = 0.910645161290…; February: 0.80
    recorded = [paid("2026-01", 100, "USD"), paid("2026-02", 100, "USD"), paid("2026-03", 7, None)]
    assert converted(recorded, "2026-01", SIGNUPS).value == Decimal("91.0645161290")
    assert converted(recorded, "2026-Q1", SIGNUPS).value == Decimal("178.0645161290")


def test_a_balance_is_converted_by_the_rate_of_its_periods_last_day_whether_it_opens_or_closes_it():
    recorded = [paid("2026-01", 100, "USD", "plan=a"), paid("2026-01", 5, None, "plan=b")]
    for over_time in (OverTime.LAST, OverTime.FIRST):
        assert converted(recorded, "2026-01", Additivity("m", Across.SUM, over_time)).value == 98


@pytest.mark.parametrize(("across", "expected"), [("MIN", "90"), ("MAX", "93")])
def test_the_smallest_and_the_largest_are_those_of_converted_amounts(across, expected):
    parts = [paid("2026-01-21", 100, "USD", "plan=a"), paid("2026-01-21", 90, None, "plan=b")]
    assert converted(parts, "2026-01", Additivity("m", Across(across), OverTime.SUM)).value == Decimal(expected)


def test_weights_that_are_money_are_converted_by_their_own_kind():
    # margins of 0.5 and 0.1 by revenue: 100 dollars on 1 January are 90 euros, beside 10 euros
    parts = [
        paid("2026-01-01", "0.5", None, "plan=a", weight=Decimal(100), weight_currency="USD"),
        paid("2026-01-01", "0.1", None, "plan=b", weight=Decimal(10)),
    ]
    how = Additivity("margin", Across.WEIGHTED, OverTime.AVG, weight="revenue")
    assert converted(parts, "2026-01-01", how).value == Decimal("0.46")
    by_balance = replace(how, weight_is_flow=False)
    assert converted(parts, "2026-01-01", by_balance).value == Decimal("0.46")


def test_a_missing_rate_is_an_error_that_names_currency_and_day():
    flows = converted([paid("2026-01", 1, "CHF"), paid("2026-02", 1, None)], "2026-Q1", SIGNUPS)
    assert (flows.value, flows.absence, flows.reason) == (
        None,
        Absence.ERROR,
        "amounts of signups cannot be converted: no rate from CHF to EUR is known on 2026-01-01",
    )
    assert converted([paid("2026-01", 1, "CHF")], "2026-01", MRR).value == Decimal("1.10")
    balance = converted([paid("2025-12", 1, "CHF")], "2025-12", MRR)
    assert balance.reason.endswith("no rate from CHF to EUR is known on 2025-12-31")


def test_amounts_that_do_not_count_need_no_rate():
    recorded = [paid("2026-01", 50, None), paid("2026-01", 9, "XPF", "plan=a"), paid("2026-01-04", 9, "XPF")]
    assert converted(recorded, "2026-01", SIGNUPS).value == 50


def test_a_measure_says_of_its_weight_whether_it_is_a_flow():
    def measure(key, over_time, **more):
        return Measure(
            key=key, name=key, unit=parse_unit("RATIO"), across=Across.WEIGHTED if more else Across.SUM,
            over_time=over_time, description="It is.", source="1:1", **more,
        )  # fmt: skip

    measures = {
        "toy.revenue": measure("revenue", OverTime.SUM),
        "toy.balance": measure("balance", OverTime.LAST),
        "toy.margin": measure("margin", OverTime.AVG, weight="revenue"),
        "toy.share": measure("share", OverTime.AVG, weight="balance"),
    }
    found = additivities_of(measures)
    assert {key: (how.is_flow, how.weight_is_flow) for key, how in found.items()} == {
        "toy.revenue": (True, True),
        "toy.balance": (False, True),
        "toy.margin": (True, True),
        "toy.share": (True, False),
    }


AMOUNTS = st.decimals(-1000, 1000, places=2)
DAYS = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 6, 30)), AMOUNTS, min_size=1, max_size=40)


def _rolled_to(recorded, grain: Grain, how: Additivity) -> list[Recorded]:
    """What is recorded when somebody rolls up by hand and records only that."""
    periods = {period_of(one.period.start, grain) for one in recorded}
    made = [(period, roll_up(recorded, WHOLE, frame_of(period), how)) for period in periods]
    return [Recorded(WHOLE, period, one.value or Decimal(0), sketch=one.sketch) for period, one in made]


@given(days=DAYS, over_time=st.sampled_from(["SUM", "LAST", "FIRST", "MIN", "MAX"]))
def test_days_to_months_to_quarters_are_days_to_quarters(days, over_time):
    how = Additivity("m", Across.SUM, OverTime(over_time))
    recorded = [Recorded(WHOLE, period_of(day, Grain.DAY), value) for day, value in days.items()]
    months = _rolled_to(recorded, Grain.MONTH, how)
    for quarter in ("2026-Q1", "2026-Q2", "2026"):
        assert rolled(months, quarter, how).value == rolled(recorded, quarter, how).value


SKETCHES = st.dictionaries(st.integers(0, 5), st.integers(1, 9), max_size=4).map(of_places)


@given(
    days=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 6, 30)), SKETCHES, min_size=1, max_size=20),
    kind=st.sampled_from(Sketch),
)
def test_sketches_merge_the_same_in_one_step_and_in_two(days, kind):
    how = Additivity("m", Across.MERGE, OverTime.MERGE, kind)
    recorded = [Recorded(WHOLE, period_of(day, Grain.DAY), Decimal(0), sketch=one) for day, one in days.items()]
    months = _rolled_to(recorded, Grain.MONTH, how)
    for quarter in ("2026-Q1", "2026"):
        assert rolled(months, quarter, how).sketch == rolled(recorded, quarter, how).sketch


PARTS = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from(["2026-01", "2026-02-03", "2026-02-04"])),
    AMOUNTS,
    min_size=1,
)


@given(parts=PARTS, across=st.sampled_from(["SUM", "MIN", "MAX"]), over_time=st.sampled_from(list("SLFNX")))
def test_parts_of_parts_make_the_same_whole(parts, across, over_time):
    words = {"S": "SUM", "L": "LAST", "F": "FIRST", "N": "MIN", "X": "MAX"}
    how = Additivity("m", Across(across), OverTime(words[over_time]))
    recorded = [said(period, value, f"plan={plan},region={region}") for (plan, region, period), value in parts.items()]
    halfway = [
        said(period, rolled(recorded, period, how, f"plan={plan}").value, f"plan={plan}")
        for plan, period in {(plan, period) for plan, _, period in parts}
    ]
    for period in ("2026-01", "2026-02", "2026-Q1"):
        assert rolled(halfway, period, how).value == rolled(recorded, period, how).value


@given(parts=PARTS, how=st.sampled_from([SIGNUPS, MRR]), order=st.randoms())
def test_the_order_of_recording_is_nothing(parts, how, order):
    recorded = [said(period, value, f"plan={plan},region={region}") for (plan, region, period), value in parts.items()]
    shuffled = list(recorded)
    order.shuffle(shuffled)
    assert rolled(shuffled, "2026-Q1", how) == rolled(recorded, "2026-Q1", how)


@given(parts=PARTS, how=st.sampled_from([SIGNUPS, MRR]), rate=st.decimals("0.01", "100", places=4))
def test_what_is_all_in_one_currency_is_its_sum_by_its_rate(parts, how, rate):
    rates = Rates("EUR", {"USD": [DailyRate(date(2025, 1, 1), rate)]})
    recorded = [said(period, value, f"plan={plan},region={region}") for (plan, region, period), value in parts.items()]
    dollars = [replace(one, currency="USD") for one in recorded]
    quarter = frame_of(parse_period("2026-Q1"))
    assert roll_up(dollars, WHOLE, quarter, how, rates).value == roll_up(recorded, WHOLE, quarter, how).value * rate


@given(days=DAYS)
def test_a_quarter_that_is_summed_is_the_sum_of_its_months(days):
    recorded = [Recorded(WHOLE, period_of(day, Grain.DAY), value) for day, value in days.items()]
    months = [rolled(recorded, f"2026-0{month}", SIGNUPS).value or 0 for month in (1, 2, 3)]
    assert sum(months) == (rolled(recorded, "2026-Q1", SIGNUPS).value or 0)
