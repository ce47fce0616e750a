"""Metrics in cells, worked by hand: which leaves they stand on, and what comes of them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculated, Calculation, Definitions, Leaves, Line
from kpi_server.domain.frame import Completeness, Frame
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


def _spoken(measure: str, frame: Frame) -> str:
    return f"{measure} {frame.start} to {frame.end}"


def _line(key: str, *periods: str, segment: str = "") -> Line:
    return Line(f"toy.{key}", segment, tuple(map(parse_period, periods)))


def _rolled(leaves: Leaves, amount: Callable[[str, Frame], Rolled]) -> dict[tuple[str, str], dict[Frame, Rolled]]:
    return {(key, segment): {one: amount(key, one) for one in frames} for (key, segment), frames in leaves.items()}


def _values(line: Line, known: dict[str, str | int]) -> list[Calculated]:
    """The values, where `known` has the amounts of leaves as `_spoken` names them; all others have no data."""

    def amount(measure: str, frame: Frame) -> Rolled:
        if (found := known.get(_spoken(measure, frame))) is not None:
            return Rolled(Decimal(found), completeness=Completeness(1, 1, Grain.MONTH))
        return Rolled(absence=Absence.NO_DATA, reason=f"nothing is recorded of {measure}")

    calculation = Calculation(DEFINITIONS, TODAY)
    calculation.rolled = _rolled(calculation.leaves([line]), amount)
    return calculation.values(line)


def _value(key: str, period: str, known: dict[str, str | int]) -> Calculated:
    (value,) = _values(_line(key, period), known)
    return value


def test_a_metric_of_metrics_stands_on_the_measures_of_every_period_that_it_reads():
    leaves = Calculation(DEFINITIONS, TODAY).leaves([_line("change_of_share", "2026-03", segment="plan=a")])
    assert {segment for _, segment in leaves} == {"plan=a"}
    assert sorted(_spoken(measure, frame) for (measure, _), frames in leaves.items() for frame in frames) == [
        "toy.customers 2026-02-01 to 2026-03-01",
        "toy.customers 2026-03-01 to 2026-04-01",
        "toy.lost 2026-02-01 to 2026-03-01",
        "toy.lost 2026-03-01 to 2026-04-01",
    ]


def test_cells_of_a_line_are_each_of_their_own_periods_whatever_the_others_are():
    """Known of some, carried into others, refused, not begun; and the same twice."""
    known: dict[str, str | int] = {
        "toy.customers 2026-01-01 to 2026-02-01": 50,
        **{f"toy.lost 2026-0{month}-01 to 2026-0{month + 1}-01": month for month in (1, 2, 3, 4)},
    }
    months = ["2026-04", "2026-01", "2026-08", "2026-02", "2026-01"]
    shares = _values(_line("share_of_known", *months), known)
    nothing = Absent(Absence.NO_DATA, "nothing is recorded of toy.customers")
    not_yet = Absent(Absence.NOT_YET_DUE, "2026-08 has not begun")
    assert [one.outcome for one in shares] == [nothing, Decimal("0.02"), not_yet, Decimal("0.04"), Decimal("0.02")]
    assert [one.stale for one in shares] == [False, False, False, True, False]
    refused = "toy.monthly is calculated by month, not by quarter: ask for a month, or for toy.recent"
    assert [one.outcome for one in _values(_line("monthly", "2026-Q1", "2026-01"), known)] == [
        Absent(Absence.NON_ADDITIVE, refused),
        Decimal("0.02"),
    ]
    assert [one.outcome for one in _values(_line("lost", "2026-02", "2026-08", "2026-01"), known)] == [2, not_yet, 1]


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
    line = _line("share", "2026-03")

    def amount(measure: str, _: Frame) -> Rolled:
        days = 24 if measure == "toy.lost" else 31
        return Rolled(Decimal(days), completeness=Completeness(days, 31, Grain.DAY))

    calculation.rolled = _rolled(calculation.leaves([line]), amount)
    (value,) = calculation.values(line)
    assert str(value.completeness) == "24 of 31 days"


def test_a_formula_that_fails_marks_its_own_cells():
    class Failing:
        def __getattr__(self, name):
            return getattr(DEFINITIONS.calculators["toy.share"], name)

        def evaluate(self, _amounts):
            raise RecursionError

    broken = Definitions(DEFINITIONS.calculators | {"toy.share": Failing()}, DEFINITIONS.measures)
    calculation = Calculation(broken, TODAY)
    lines = [_line(key, "2026-03") for key in ("share", "monthly")]
    calculation.rolled = _rolled(calculation.leaves(lines), lambda *_: Rolled(Decimal(2)))
    assert [value.outcome for line in lines for value in calculation.values(line)] == [
        Absent(Absence.ERROR, "the formula of toy.share failed: RecursionError"),
        Decimal(1),
    ]
