"""What a metric is of printed figures: inputs that are printed, stood in for, calculated themselves, or left out."""

from collections.abc import Callable
from typing import Any

import pytest

from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.inputs import Missing, Rolling, Shift
from kpi_server.domain.expression.tracing import choose, maximum, trace
from kpi_server.domain.expression.wording import worded
from kpi_server.domain.period import Grain
from kpi_server.domain.reconciliation.formulas import Formulas

MEASURES = {"spend", "customers_won", "users", "revenue", "costs", "extra"}


def _calculator(key: str, calculate: Callable[..., Any], **fields: Any) -> Calculator:
    """A metric that reads measures and other metrics by their names; `readings` says what else of one."""
    traced, details = trace(calculate), fields.pop("readings", {})
    inputs = {
        name: Reading(slot=name, key=name, name=name, is_metric=name not in MEASURES, **details.get(name, {}))
        for name in traced.parameters
    }
    return Calculator(key=key, tree=traced.tree, inputs=inputs, **fields)


def _formulas(*calculators: Calculator) -> Formulas:
    return Formulas({calculator.key: calculator for calculator in calculators})


def _of(formulas: Formulas, kpi: str, *printed: str) -> str | None:
    tree = formulas.of(kpi, printed)
    return None if tree is None else worded(tree, {})


RATIO = _calculator("ratio", lambda clv, cac: clv / cac)
CAC = _calculator("cac", lambda spend, won: spend / won)
WON = _calculator("won", lambda customers_won: customers_won)
SPEND = _calculator("spending", lambda spend: spend)


def test_printed_metrics_stand_for_themselves() -> None:
    assert _of(_formulas(RATIO), "ratio", "clv", "cac") == "clv ÷ cac"


@pytest.mark.parametrize("printed", [(), ("clv",), ("clv", "ratio"), ("ratio",)])
def test_without_every_input_there_is_no_formula(printed: tuple[str, ...]) -> None:
    assert _of(_formulas(RATIO), "ratio", *printed) is None


def test_an_input_that_is_not_printed_is_replaced_by_its_own_formula() -> None:
    formulas = _formulas(RATIO, CAC, WON, SPEND)
    assert _of(formulas, "ratio", "clv", "spending", "won") == "clv ÷ (spending ÷ won)"
    assert _of(formulas, "ratio", "clv", "spending", "won", "cac") == "clv ÷ cac"


def test_a_measure_is_known_by_the_metric_that_is_nothing_more() -> None:
    assert _of(_formulas(CAC, SPEND), "cac", "spending", "won") == "spending ÷ won"
    assert _of(_formulas(CAC, WON), "cac", "spend", "won") is None


def test_of_two_metrics_that_are_one_measure_none_is_chosen() -> None:
    cost = _calculator("cost", lambda spend: spend)
    formulas = _formulas(CAC, SPEND, cost)
    assert _of(formulas, "cac", "spending", "won") == "spending ÷ won"
    assert _of(formulas, "cac", "spending", "cost", "won") is None


def test_what_is_of_days_is_not_compared_with_what_is_of_months() -> None:
    daily = _calculator("daily", lambda users: users, grains=(Grain.DAY,))
    monthly = _calculator("monthly", lambda users: users, grains=(Grain.MONTH,))
    yearly = _calculator("either", lambda users: users, grains=(Grain.MONTH, Grain.YEAR))
    assert _of(_formulas(daily, monthly), "daily", "monthly") is None
    assert _of(_formulas(monthly, yearly), "monthly", "either") == "either"


@pytest.mark.parametrize(
    ("calculate", "formula"),
    [
        (lambda mrr, extra: mrr * 12 + extra, "mrr × 12"),
        (lambda mrr, extra: mrr * 12 - extra, "mrr × 12"),
        (lambda mrr, extra: mrr * 12 * extra, None),
        (lambda mrr, extra: mrr + 2 * extra, None),
    ],
)
def test_an_optional_input_can_be_left_out_of_a_sum_alone(calculate: Callable[..., Any], formula: str | None) -> None:
    arr = _calculator("arr", calculate, readings={"extra": {"missing": Missing.ZERO}})
    assert _of(_formulas(arr), "arr", "mrr") == formula


@pytest.mark.parametrize("elsewhere", [{"shift": Shift.PREVIOUS}, {"span": Rolling(3)}])
def test_other_periods_are_not_looked_into(elsewhere: dict[str, Any]) -> None:
    growth = _calculator("growth", lambda mrr: mrr / 2, readings={"mrr": elsewhere})
    assert _of(_formulas(growth), "growth", "mrr") is None


def test_a_floor_under_a_divisor_is_left_out_and_any_other_kept() -> None:
    months = _calculator("months", lambda cac, margin: cac / maximum(margin, 0))
    rest = _calculator("rest", lambda goal, raised: maximum(goal - raised, 0))
    assert _of(_formulas(months), "months", "cac", "margin") == "cac ÷ margin"
    kept = _formulas(rest).of("rest", ["goal", "raised"])
    assert kept == rest.tree


def test_words_follow_from_printed_figures() -> None:
    health = _calculator("health", lambda ratio: choose(ratio > 3, "Good", choose(-ratio < 0, "Poor", "None")))
    assert _of(_formulas(health, RATIO), "health", "clv", "cac") == (
        "Good if clv ÷ cac > 3, else Poor if −(clv ÷ cac) < 0, else None"
    )


def test_the_kpis_that_can_take_part_are_those_of_formulas_that_print_can_fill() -> None:
    margin = _calculator("margin", lambda revenue, costs: (revenue - costs) / revenue)
    assert _formulas(RATIO, CAC, WON, SPEND, margin).involved == {"ratio", "clv", "cac", "won", "spending"}
