"""Formulas as people read them: brackets where they are needed and nowhere else."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from kpi_server.domain.expression.inputs import Input, Rolling, Shift, ToDate, carried
from kpi_server.domain.expression.tracing import absolute, choose, maximum, minimum, percentile, trace
from kpi_server.domain.expression.wording import named, worded
from kpi_server.domain.period import Grain


@pytest.mark.parametrize(
    ("calculator", "words"),
    [
        (lambda a, b, c: a + b + c, "a + b + c"),
        (lambda a, b, c: a + (b + c), "a + b + c"),
        (lambda a, b, c: a - b - c, "a − b − c"),
        (lambda a, b, c: a - (b + c), "a − (b + c)"),
        (lambda a, b, c: a - (b - c), "a − (b − c)"),
        (lambda a, b, c: (a + b) * c, "(a + b) × c"),
        (lambda a, b, c: a * b / c, "a × b ÷ c"),
        (lambda a, b, c: a * (b / c), "a × b ÷ c"),
        (lambda a, b, c: a / (b / c), "a ÷ (b ÷ c)"),
        (lambda a, b, c: a / (b * c), "a ÷ (b × c)"),
        (lambda a, b: 1 - a / b, "1 − a ÷ b"),
        (lambda a, b: -(a + b), "−(a + b)"),
        (lambda a, b: -a * b, "(−a) × b"),
        (lambda a: a * -1, "a × (-1)"),
        (lambda a: a * Decimal("0.50"), "a × 0.5"),
        (lambda a, b: absolute(a - b) / b, "|a − b| ÷ b"),
        (lambda a, b: minimum(a + b, 1) / b, "(a + b, at most 1) ÷ b"),
        (lambda a: maximum(a, 0), "(a, at least 0)"),
        (lambda a, b: maximum(a, b - 1), "the larger of (a) and (b − 1)"),
        (lambda a: percentile(a, Decimal("0.95")) / 2, "95th percentile of a ÷ 2"),
        (lambda a: percentile(a, Decimal("0.999")), "99.9th percentile of a"),
        (lambda a: percentile(a, Decimal("0.02")), "2nd percentile of a"),
        (lambda a: percentile(a, Decimal("0.12")), "12th percentile of a"),
        (
            lambda a, b: choose((a > 3 * b) & (b <= 18), "Healthy", "At Risk"),
            "Healthy if a > 3 × b and b ≤ 18, else At Risk",
        ),
        (
            lambda a, b: choose(((a < 1) | (b >= 2)) & (a > b), "X", choose(a > 0, "Y", "Z")),
            "X if (a < 1 or b ≥ 2) and a > b, else Y if a > 0, else Z",
        ),
    ],
)
def test_a_formula_reads_as_it_is_calculated(calculator: Callable[..., object], words: str):
    assert worded(trace(calculator).tree, {}) == words


@pytest.mark.parametrize(
    ("name", "declared", "words"),
    [
        ("Opening MRR", Input(), "opening MRR"),
        ("MRR", Input(), "MRR"),
        ("AI cost", Input(), "AI cost"),
        ("NPS", Input(shift=Shift.PREVIOUS), "NPS of the period before"),
        ("Orders", Input(shift=Shift.YEAR_BEFORE), "orders of the year before"),
        ("Orders", Input(span=Rolling(12)), "orders over 12 periods"),
        ("Orders", Input(span=ToDate(Grain.YEAR)), "orders of the year to date"),
        (
            "Orders",
            Input(span=ToDate(Grain.QUARTER), shift=Shift.YEAR_BEFORE),
            "orders of the quarter to date of the year before",
        ),
        ("Customers", carried("customers", 2), "customers"),
    ],
)
def test_an_input_is_called_by_its_name_and_its_period(name: str, declared: Input, words: str):
    assert named(name, declared) == words
