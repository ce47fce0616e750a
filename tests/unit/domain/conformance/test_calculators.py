"""Conformance finds what a calculator does not keep: wrong vectors, unread inputs, folds that differ."""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.conformance.calculators import by_metric, cases, checks, fold_checks
from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.decimals import Amount, Outcome
from kpi_server.domain.expression.inputs import Missing
from kpi_server.domain.expression.tracing import choose, percentile, trace
from kpi_server.domain.expression.tree import reads
from kpi_server.domain.vector import Vector


def calculator(calculate, **missing: Missing) -> Calculator:
    tree = trace(calculate).tree
    inputs = {
        read.slot: Reading(
            slot=read.slot,
            key=f"shop.{read.name}",
            name=read.name,
            is_metric=False,
            missing=missing.get(read.name, Missing.REQUIRED),
            percentile=read.percentile,
        )
        for read in reads(tree)
    }
    return Calculator(key="shop.tried", tree=tree, inputs=MappingProxyType(inputs))


RATE = calculator(lambda lost, customers: lost / customers)
GOOD = Vector(metric="tried", given={"lost": "3", "customers": 80}, expected="0.0375", source="004:142")
NONE = Vector(metric="tried", given={"lost": 0, "customers": 0}, expected=Absence.UNDEFINED, source="004:142")
NO_DATA = Absent(Absence.NO_DATA)


def problems(one: Calculator, *vectors: Vector) -> list[str]:
    return [f"{check.rule}: {check.problem}" for check in checks({one.key: one}, {one.key: vectors}) if check.problem]


def test_a_calculator_that_keeps_everything_has_no_problem():
    found = checks({RATE.key: RATE}, {RATE.key: [GOOD, NONE]})
    assert [(check.rule, check.problem) for check in found] == [
        (Rule.PROVED, ""),
        (Rule.VECTORS, ""),
        (Rule.VECTORS, ""),
        (Rule.NULLS, ""),
        (Rule.ZEROS, ""),
        (Rule.NULLS, ""),
        (Rule.ZEROS, ""),
        (Rule.ZEROS, ""),
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expected": "0.0376"}, "gives 0.0375, not 0.0376"),
        ({"expected": "0.03750000000001"}, "gives 0.0375, not 0.03750000000001"),
        ({"expected": Absence.UNDEFINED}, "gives 0.0375, not UNDEFINED"),
        ({"expected": "Healthy"}, "gives 0.0375, not Healthy"),
        ({"given": {"lost": 1, "customers": 0}, "expected": "0"}, "gives UNDEFINED (customers is zero), not 0"),
        ({"given": {"lost": Absence.NO_DATA, "customers": 1}}, "gives NO_DATA, not 0.0375"),
        ({"given": {"lost": 3}}, "does not give customers"),
        ({"given": {"lost": 3, "customers": 80, "won": 1}}, "gives the unknown won"),
        ({"given": {"lost": 0.3, "customers": "many"}}, "gives lost as 0.3 and customers as 'many'"),
        ({"given": {"lost": True, "customers": "NaN"}}, "gives lost as True and customers as 'NaN'"),
    ],
)
def test_a_vector_that_does_not_hold_says_what_came_instead(changes, problem):
    assert problems(RATE, replace(GOOD, **changes), NONE) == [f"VECTORS: 004:142: {problem}"]


@pytest.mark.parametrize("expected", ["0.0375", "0.03750", Decimal("0.0375")])
def test_an_expected_number_may_be_written_in_any_way(expected):
    assert problems(RATE, replace(GOOD, expected=expected), NONE) == []


def test_absence_is_a_result_to_expect():
    missing = replace(GOOD, given={"lost": 0, "customers": Absence.NOT_YET_DUE}, expected=Absence.NOT_YET_DUE)
    assert problems(RATE, NONE, missing) == []


def test_words_and_percentiles_have_vectors_too():
    health = calculator(lambda latency: choose(percentile(latency, Decimal("0.95")) < 1, "Fast", "Slow"))
    fast = Vector(metric="tried", given={"latency": "0.2"}, expected="Fast", source="001:71")
    assert problems(health, fast) == []
    assert problems(health, replace(fast, expected="Slow")) == ["VECTORS: 001:71: gives Fast, not Slow"]


def test_a_calculator_without_a_vector_is_not_proved():
    assert problems(RATE) == ["PROVED: has no golden vector"]


def test_who_divides_is_proved_only_with_a_zero():
    assert problems(RATE, GOOD) == ["PROVED: divides, and no golden vector has a zero"]
    monthly = calculator(lambda revenue: revenue / 12)
    assert problems(monthly, replace(GOOD, given={"revenue": 12}, expected=1)) == []


def test_a_vector_of_a_metric_that_nothing_calculates_is_a_problem():
    vectors = by_metric("shop", [replace(GOOD, metric="trid")])
    assert checks({}, vectors) == [
        Check(Rule.VECTORS, "shop.trid", "a golden vector of a metric that nothing calculates")
    ]


def test_a_family_that_is_lacking_does_not_keep_its_readers_from_being_proved():
    assert problems(replace(RATE, lacking=("customer",)), GOOD, NONE) == []


class Forgiving(Calculator):
    """A calculator that takes what is missing for one, and zero for a mistake."""

    def evaluate(self, amounts: dict[str, Amount]) -> Outcome:
        if any(amount == 0 for amount in amounts.values()):
            return Absent(Absence.ERROR)
        return super().evaluate({slot: Decimal(1) if amount == NO_DATA else amount for slot, amount in amounts.items()})


def test_what_takes_missing_for_a_number_and_zero_for_a_mistake_is_found():
    forgiving = Forgiving(key=RATE.key, tree=RATE.tree, inputs=RATE.inputs)
    assert problems(forgiving, GOOD, replace(NONE, expected=Absence.ERROR)) == [
        "NULLS: without lost gives 0.0125, not NO_DATA",
        "ZEROS: gives ERROR when lost is zero",
        "NULLS: without customers gives 3, not NO_DATA",
        "ZEROS: gives ERROR when customers is zero",
        "ZEROS: gives ERROR when everything is zero",
    ]


def test_what_counts_as_zero_gives_the_same_when_it_is_missing():
    net = calculator(lambda sales, refunds: sales - refunds, refunds=Missing.ZERO)
    assert problems(net, replace(GOOD, given={"sales": 5, "refunds": Absence.NO_DATA}, expected="5")) == []


def test_the_cases_are_the_vectors_and_each_input_missing_or_zero():
    three, eighty, zero = Decimal(3), Decimal(80), Decimal(0)
    assert cases(RATE, [GOOD]) == [
        {"lost": three, "customers": eighty},
        {"lost": three, "customers": eighty},
        {"lost": NO_DATA, "customers": eighty},
        {"lost": zero, "customers": eighty},
        {"lost": three, "customers": NO_DATA},
        {"lost": three, "customers": zero},
        {"lost": NO_DATA, "customers": NO_DATA},
        {"lost": zero, "customers": zero},
    ]


def test_folds_that_differ_are_shown_with_their_inputs():
    tried = [{"lost": Decimal(3), "customers": Decimal(80)}, {"lost": NO_DATA, "customers": Decimal(0)}]
    found = fold_checks(RATE, tried, [Decimal("0.0375"), Decimal(0)])
    assert [check.problem for check in found] == [
        "",
        "lost NO_DATA, customers 0: Python gives NO_DATA, PostgreSQL 0",
    ]
