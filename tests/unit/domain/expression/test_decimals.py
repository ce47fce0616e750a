"""What a formula gives: exact numbers, rounded once; nothing where an input is missing or a divisor is zero."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.decimals import Amount, Outcome, evaluate, fold
from kpi_server.domain.expression.tracing import absolute, choose, maximum, minimum, percentile, trace

NO_DATA = Absent(Absence.NO_DATA)


def result(calculator: Callable[..., object], *amounts: str | Absent, zeros: str = "") -> Outcome:
    """What the calculator gives for amounts in the order of its parameters."""
    traced = trace(calculator)
    inputs: dict[str, Amount] = {
        name: amount if isinstance(amount, Absent) else Decimal(amount)
        for name, amount in zip(traced.parameters, amounts, strict=True)
    }
    return evaluate(traced.tree, inputs, zeros=zeros.split())


@pytest.mark.parametrize(
    ("calculator", "amounts", "expected"),
    [
        (lambda a, b: a + b, ("1.1", "2.2"), "3.3"),
        (lambda a, b: a - b, ("1", "3"), "-2"),
        (lambda a, b: a * b, ("0.1", "0.1"), "0.01"),
        (lambda a, b: a / b, ("2", "3"), "0.666666666667"),
        (lambda a, b: (a - b) / b, ("115000", "100000"), "0.15"),
        (lambda a: -a, ("5",), "-5"),
        (lambda a: -a, ("0",), "0"),
        (absolute, ("-5",), "5"),
        (lambda a, b: minimum(a, b), ("2", "-3"), "-3"),
        (lambda a, b: maximum(a, b), ("2", "-3"), "2"),
        (lambda a: maximum(a / 12, 0), ("-24",), "0"),
        (lambda a: 100 * a, ("0.005",), "0.5"),
        (lambda a, b: a + b - a, ("1E+39", "0.000000000001"), "0.000000000001"),
        (lambda a, b: a / b * b, ("1", "3"), "1"),
        (lambda a, b: a * b, ("9E+19", "1E+20"), "9E+39"),
    ],
)
def test_a_formula_is_calculated_exactly(calculator: Callable[..., object], amounts: tuple[str, ...], expected: str):
    assert result(calculator, *amounts) == Decimal(expected)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.0000000000005", "0"),
        ("0.0000000000015", "0.000000000002"),
        ("0.0000000000025", "0.000000000002"),
        ("-0.0000000000005", "0"),
        ("-0.0000000000015", "-0.000000000002"),
        ("0.00000000000050000000000000000001", "0.000000000001"),
        ("0.00000000000049999999999999999999", "0"),
    ],
)
def test_the_result_is_rounded_once_and_half_to_even(amount: str, rounded: str):
    assert result(lambda a: a, amount) == Decimal(rounded)


def test_zero_has_no_sign():
    assert str(result(lambda a: a * -1, "0")) == "0"
    assert str(result(lambda a: a, "-1E-15")) == "0"


@pytest.mark.parametrize(
    ("calculator", "amounts", "reason"),
    [
        (lambda a, b: a / b, ("1", "0"), "b is zero"),
        (lambda a, b: a / b, ("0", "0"), "b is zero"),
        (lambda a, b: a / (b - 3), ("1", "3"), "b − 3 is zero"),
        (lambda a, b: minimum(a / b, 1), ("5", "0"), "b is zero"),
        (lambda a, b: (a / b) * 0, ("5", "0"), "b is zero"),
        (lambda a, b: choose(a / b > 1, "Yes", "No"), ("5", "0"), "b is zero"),
    ],
)
def test_division_by_zero_is_undefined(calculator: Callable[..., object], amounts: tuple[str, ...], reason: str):
    assert result(calculator, *amounts) == Absent(Absence.UNDEFINED, reason)


def test_a_missing_input_makes_the_result_missing():
    assert result(lambda a, b: a + b, "1", NO_DATA) == NO_DATA
    assert result(lambda a, b: maximum(a, b), "1", NO_DATA) == NO_DATA
    assert result(lambda a, b: choose((a > 0) | (b > 0), "Yes", "No"), "1", NO_DATA) == NO_DATA
    assert evaluate(trace(lambda a: a).tree, {}) == NO_DATA


def test_a_missing_input_is_not_a_division_by_zero():
    assert result(lambda a, b: a / b, NO_DATA, "0") == NO_DATA


def test_an_input_that_counts_as_zero_may_be_missing():
    assert result(lambda a, b: a - b, "5", NO_DATA, zeros="b") == 5
    assert result(lambda a, b: a / b, "5", NO_DATA, zeros="b") == Absent(Absence.UNDEFINED, "b is zero")


@pytest.mark.parametrize("absence", [absence for absence in Absence if absence is not Absence.NO_DATA])
def test_what_counts_as_zero_is_missing_data_and_nothing_else(absence: Absence):
    assert result(lambda a, b: a - b, "5", Absent(absence, "why"), zeros="b") == Absent(absence, "why")


def test_of_several_reasons_the_gravest_is_given():
    """What is refused or broken has to be asked for differently; what has no data may only have to be waited for."""
    grave = [Absence.ERROR, Absence.NON_ADDITIVE, Absence.WITHHELD, Absence.NOT_APPLICABLE, Absence.UNDEFINED]
    order = [*grave, Absence.NOT_YET_DUE, Absence.NO_DATA]
    for graver, lesser in pairwise(order):
        for pair in ((graver, lesser), (lesser, graver)):
            given = [Absent(absence, absence.lower()) for absence in pair]
            assert result(lambda a, b: a + b, *given) == Absent(graver, graver.lower())


def test_all_that_is_missing_is_named_once():
    reasons = [Absent(Absence.NO_DATA, words) for words in ("no MRR", "no churn", "no MRR")]
    assert result(lambda a, b, c: a + b + c, *reasons) == Absent(Absence.NO_DATA, "no MRR; no churn")


def health(ltv, cac, payback):
    return choose((ltv > 3 * cac) & (payback < 18), "Healthy", choose(ltv > cac, "At Risk", "Bad"))


@pytest.mark.parametrize(
    ("amounts", "word"),
    [
        (("35000", "6800", "16"), "Healthy"),
        (("35000", "6800", "18"), "At Risk"),
        (("3", "1", "1"), "At Risk"),
        (("1", "1", "1"), "Bad"),
    ],
)
def test_a_choice_gives_the_word_whose_condition_holds(amounts: tuple[str, ...], word: str):
    assert result(health, *amounts) == word


@pytest.mark.parametrize(
    ("calculator", "held"),
    [
        (lambda a, zero: choose((a > 1) | (a / zero > 1), "Yes", "No"), "Yes"),
        (lambda a, zero: choose((a / zero > 1) | (a > 1), "Yes", "No"), "Yes"),
        (lambda a, zero: choose((a < 1) & (a / zero > 1), "Yes", "No"), "No"),
        (lambda a, zero: choose((a > 1) & (a / zero > 1), "Yes", "No"), None),
        (lambda a, zero: choose((a < 1) | (a / zero > 1), "Yes", "No"), None),
    ],
)
def test_a_condition_holds_whatever_an_undefined_part_would_be(calculator: Callable[..., object], held: str | None):
    assert result(calculator, "5", "0") == (held or Absent(Absence.UNDEFINED, "zero is zero"))


def test_a_percentile_is_read_by_its_own_name():
    tree = trace(lambda latency: percentile(latency, Decimal("0.95")) * 1000).tree
    assert evaluate(tree, {"latency@0.95": Decimal("0.21")}) == 210


def test_a_result_beyond_all_reason_is_an_error():
    assert result(lambda a: a * a, "1E+20") == Absent(Absence.ERROR, "the result is beyond 10^40")


def test_reasons_speak_of_inputs_by_their_names():
    made = fold(trace(lambda ltv, cac: ltv / cac).tree, names={"cac": "customer acquisition cost"})
    given = {"ltv": Decimal(1), "cac": Decimal(0)}
    assert made(given) == Absent(Absence.UNDEFINED, "customer acquisition cost is zero")
