"""Metrics in cells, worked by hand: which leaves they stand on, and what comes of them."""

from datetime import date
from decimal import Decimal

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculation, Definitions, Leaf, Wanted
from kpi_server.domain.frame import Completeness
from kpi_server.domain.period import Grain, parse_period
from kpi_server.domain.rollup import Rolled, additivity_of
from kpi_server.plugin import (
    Across,
    Direction,
    Measure,
    OverTime,
    carried,
    choose,
    metric,
    of,
    optional,
    parse_unit,
    previous,
    rolling,
    to_date,
    year_before,
)
from kpi_server.registry.resolving import resolve

TODAY = date(2026, 7, 15)


def _measure(key: str, over_time: OverTime = OverTime.SUM) -> Measure:
    return Measure(
        key=key,
        name=key.capitalize(),
        unit=parse_unit("COUNT(thing)"),
        across=Across.SUM,
        over_time=over_time,
        description="A toy.",
        source="a test",
    )


def _metric(unit="RATIO", **declared):
    return metric(unit=unit, direction=Direction.UP, source="a test", **declared)


@_metric(version=3)
def share(lost, customers):
    """Share that was lost."""
    return lost / customers


@_metric(inputs={"before": previous("share")})
def change_of_share(share, before):
    """What the share changed by."""
    return share - before


@_metric("COUNT(thing)", inputs={"lost": rolling("lost", 3), "refunds": optional("refunds")})
def recent(lost, refunds):
    """What was lost lately and refunded now."""
    return lost + refunds


@_metric("COUNT(thing)", inputs={"so_far": to_date("lost", Grain.YEAR), "last_year": year_before("lost")})
def beyond_last_year(so_far, last_year):
    """What was lost this year beyond the same period of the last one."""
    return so_far - last_year


@_metric(inputs={"customers": carried("customers", 2)})
def share_of_known(lost, customers):
    """Share of the customers last counted."""
    return lost / customers


@_metric(grains=(Grain.MONTH,), alternative="recent")
def monthly(lost, customers):
    """A rate of months alone."""
    return lost / customers


@_metric("TEXT")
def judgement(share):
    """A word."""
    return choose(share > Decimal("0.1"), "High", "Low")


@_metric(inputs={"stranger": of("weather.rain")})
def wetness(lost, stranger):
    """Of a family that is not there."""
    return lost / stranger


METRICS = [share, change_of_share, recent, beyond_last_year, share_of_known, monthly, judgement, wetness]
MEASURES = {f"toy.{key}": _measure(key) for key in ("lost", "refunds")} | {
    "toy.customers": _measure("customers", OverTime.LAST)
}
DEFINITIONS = Definitions(
    resolve({f"toy.{one.key}": one for one in METRICS}, MEASURES).calculators,
    {key: additivity_of(key, measure) for key, measure in MEASURES.items()},
)


def _spoken(leaf: Leaf) -> str:
    return f"{leaf.key} {leaf.frame.start} to {leaf.frame.end}"


def _value(key: str, period: str, known: dict[str, str | int]):
    """The value, where `known` has the amounts of leaves as `_spoken` names them; all others have no data."""
    calculation = Calculation(DEFINITIONS, TODAY)
    wanted = Wanted(f"toy.{key}", "", parse_period(period))
    for leaf in calculation.leaves([wanted]):
        amount = known.get(_spoken(leaf))
        missing = Rolled(absence=Absence.NO_DATA, reason=f"nothing is recorded of {leaf.key}")
        full = Completeness(1, 1, Grain.MONTH)
        calculation.rolled[leaf] = missing if amount is None else Rolled(Decimal(amount), completeness=full)
    return calculation.value(wanted)


def test_a_metric_of_metrics_stands_on_the_measures_of_every_period_that_it_reads():
    leaves = Calculation(DEFINITIONS, TODAY).leaves([Wanted("toy.change_of_share", "plan=a", parse_period("2026-03"))])
    assert {leaf.segment for leaf in leaves} == {"plan=a"}
    assert sorted(map(_spoken, leaves)) == [
        "toy.customers 2026-02-01 to 2026-03-01",
        "toy.customers 2026-03-01 to 2026-04-01",
        "toy.lost 2026-02-01 to 2026-03-01",
        "toy.lost 2026-03-01 to 2026-04-01",
    ]


def test_a_change_of_shares_is_that_of_two_periods():
    known = {
        "toy.lost 2026-02-01 to 2026-03-01": 3,
        "toy.customers 2026-02-01 to 2026-03-01": 100,
        "toy.lost 2026-03-01 to 2026-04-01": 5,
        "toy.customers 2026-03-01 to 2026-04-01": 100,
    }
    assert _value("change_of_share", "2026-03", known).outcome == Decimal("0.02")


def test_rolling_periods_are_one_frame_and_what_is_optional_counts_as_zero():
    assert _value("recent", "2026-03", {"toy.lost 2026-01-01 to 2026-04-01": 12}).outcome == 12


def test_to_date_and_a_year_before_are_frames_of_their_own():
    known = {"toy.lost 2026-01-01 to 2026-06-01": 40, "toy.lost 2025-05-01 to 2025-06-01": 7}
    assert _value("beyond_last_year", "2026-05", known).outcome == 33


def test_what_is_carried_from_an_earlier_period_makes_the_value_stale():
    known = {"toy.lost 2026-03-01 to 2026-04-01": 2, "toy.customers 2026-01-01 to 2026-02-01": 50}
    value = _value("share_of_known", "2026-03", known)
    assert (value.outcome, value.stale) == (Decimal("0.04"), True)
    assert [(str(one.period), one.carried) for one in value.inputs] == [("2026-03", False), ("2026-01", True)]
    fresh = _value("share_of_known", "2026-03", known | {"toy.customers 2026-03-01 to 2026-04-01": 40})
    assert (fresh.outcome, fresh.stale) == (Decimal("0.05"), False)


def test_nothing_is_carried_from_farther_back_than_declared():
    known = {"toy.lost 2026-03-01 to 2026-04-01": 2, "toy.customers 2025-12-01 to 2026-01-01": 50}
    assert _value("share_of_known", "2026-03", known).outcome == Absent(
        Absence.NO_DATA, "nothing is recorded of toy.customers"
    )


def test_a_metric_of_months_refuses_a_quarter_and_says_what_to_ask_for():
    assert _value("monthly", "2026-Q1", {}).outcome == Absent(
        Absence.NON_ADDITIVE,
        "toy.monthly is calculated by month, not by quarter: ask for a month, or for toy.recent",
    )


def test_a_period_that_has_not_begun_is_not_due():
    assert _value("share", "2026-08", {}).outcome == Absent(Absence.NOT_YET_DUE, "2026-08 has not begun")


def test_a_metric_of_a_family_that_is_not_installed_says_so_and_asks_for_nothing():
    value = _value("wetness", "2026-03", {})
    assert value.outcome == Absent(Absence.NO_DATA, "cannot be calculated: family weather is not installed")
    assert value.inputs == ()


@pytest.mark.parametrize(("lost", "word"), [(20, "High"), (10, "Low")])
def test_a_metric_of_words_chooses_by_another(lost, word):
    known = {"toy.lost 2026-03-01 to 2026-04-01": lost, "toy.customers 2026-03-01 to 2026-04-01": 100}
    assert _value("judgement", "2026-03", known).outcome == word


def test_a_measure_is_a_value_too():
    assert _value("lost", "2026-03", {"toy.lost 2026-03-01 to 2026-04-01": 9}).outcome == 9


def test_a_value_is_as_complete_as_its_least_complete_input():
    calculation = Calculation(DEFINITIONS, TODAY)
    wanted = Wanted("toy.share", "", parse_period("2026-03"))
    for leaf in calculation.leaves([wanted]):
        days = 24 if leaf.key == "toy.lost" else 31
        calculation.rolled[leaf] = Rolled(Decimal(days), completeness=Completeness(days, 31, Grain.DAY))
    assert str(calculation.value(wanted).completeness) == "24 of 31 days"


def test_a_formula_that_fails_marks_its_own_cells():
    class Failing:
        def __getattr__(self, name):
            return getattr(DEFINITIONS.calculators["toy.share"], name)

        def evaluate(self, _amounts):
            raise RecursionError

    broken = Definitions(DEFINITIONS.calculators | {"toy.share": Failing()}, DEFINITIONS.measures)
    calculation = Calculation(broken, TODAY)
    wanted = [Wanted(f"toy.{key}", "", parse_period("2026-03")) for key in ("share", "monthly")]
    calculation.rolled = dict.fromkeys(calculation.leaves(wanted), Rolled(Decimal(2)))
    assert [calculation.value(one).outcome for one in wanted] == [
        Absent(Absence.ERROR, "the formula of toy.share failed: RecursionError"),
        Decimal(1),
    ]
