"""A calculator is called once, with symbols; what is no formula is refused where it stands."""

import inspect
from collections.abc import Callable
from decimal import Decimal

import pytest

from kpi_server.domain.expression.tracing import (
    Symbol,
    absolute,
    choose,
    maximum,
    minimum,
    percentile,
    trace,
)
from kpi_server.domain.expression.tree import (
    Change,
    Changed,
    Choice,
    Comparator,
    Comparison,
    Conjunction,
    Formula,
    Joined,
    Joint,
    Literal,
    Operation,
    Read,
    Tree,
)
from kpi_server.errors import BadInput

A, B = Read("a"), Read("b")


def joined(sign: str, left: Formula, right: Formula) -> Joined:
    return Joined(Operation(sign), left, right)


def literal(text: str) -> Literal:
    return Literal(Decimal(text))


@pytest.mark.parametrize(
    ("calculator", "tree"),
    [
        (lambda a: a, A),
        (lambda a, b: a + b, joined("+", A, B)),
        (lambda a, b: a - b / 2, joined("-", A, joined("/", B, literal("2")))),
        (lambda a, b: (a - b) * 100, joined("*", joined("-", A, B), literal("100"))),
        (lambda a: 1 + a, joined("+", literal("1"), A)),
        (lambda a: 1 - a, joined("-", literal("1"), A)),
        (lambda a: Decimal("0.5") * a, joined("*", literal("0.5"), A)),
        (lambda a: 1 / a, joined("/", literal("1"), A)),
        (lambda a: -a, Changed(Change.NEGATE, A)),
        (absolute, Changed(Change.ABSOLUTE, Read("number"))),
        (lambda a: abs(a), Changed(Change.ABSOLUTE, A)),
        (lambda a, b: minimum(a, b), joined("min", A, B)),
        (lambda a: maximum(0, a), joined("max", literal("0"), A)),
        (lambda a: percentile(a, Decimal("0.950")), Read("a", Decimal("0.95"))),
        (
            lambda a, b: choose((a > 3 * b) & (b <= 18), "Healthy", choose((a < b) | (b >= 1), "Odd", "At Risk")),
            Choice(
                Conjunction(
                    Joint.AND,
                    Comparison(Comparator.MORE_THAN, A, joined("*", literal("3"), B)),
                    Comparison(Comparator.AT_MOST, B, literal("18")),
                ),
                "Healthy",
                Choice(
                    Conjunction(
                        Joint.OR,
                        Comparison(Comparator.LESS_THAN, A, B),
                        Comparison(Comparator.AT_LEAST, B, literal("1")),
                    ),
                    "Odd",
                    "At Risk",
                ),
            ),
        ),
    ],
)
def test_what_a_calculator_does_is_its_formula(calculator: Callable[..., object], tree: Tree) -> None:
    assert trace(calculator).tree == tree


def test_the_parameters_keep_their_order() -> None:
    assert trace(lambda b, a: a / b).parameters == ("b", "a")


BRANCH = (
    "branches on a value; write choose(…) for words, minimum(…) or maximum(…) for numbers, & and | between conditions"
)


EQUAL = "compares with == or !=, which exact numbers hardly ever are; conditions are > >= < <="


def branching(a: Symbol, b: Symbol) -> Symbol:
    smaller = b

    if a < b:
        smaller = a
    return smaller


@pytest.mark.parametrize(
    ("calculator", "reason"),
    [
        (lambda a, b: max(b, a), BRANCH),
        (lambda a, b: a or b, BRANCH),
        (lambda a, b: min(a, b), BRANCH),
        (lambda a, b: choose(1 < a < b, "Yes", "No"), BRANCH),
        (lambda a, b: choose(a > 1 and b > 1, "Yes", "No"), BRANCH),
        (lambda a, b: choose(not a > b, "Yes", "No"), BRANCH),
        (lambda a: a == 1, EQUAL),
        (
            lambda a: a in (1, 2),
            "compares with == or !=, which exact numbers hardly ever are; conditions are > >= < <=",
        ),
        (lambda a: a * 0.1, 'contains the float 0.1, which is not exact; write Decimal("0.1")'),
        (lambda a: 1.5 - a, 'contains the float 1.5, which is not exact; write Decimal("1.5")'),
        (lambda a: a * True, "calculates with True; a formula has inputs, whole numbers and Decimals"),
        (lambda a: a + "1", "calculates with '1'; a formula has inputs, whole numbers and Decimals"),
        (lambda a: a + (a > 1), "a formula has inputs, whole numbers and Decimals"),
        (lambda a: a + Decimal("NaN"), "calculates with NaN, which is no number"),
        (lambda a: a**2, "TypeError: unsupported operand type(s) for ** or pow(): 'Symbol' and 'int'"),
        (lambda a: a + b_of_nowhere, "NameError: name 'b_of_nowhere' is not defined"),  # type: ignore[name-defined]  # noqa: F821
        (lambda a: float(a), "TypeError: float() argument must be a string or a real number, not 'Symbol'"),
        (lambda a: {a: 1}, "TypeError: unhashable type: 'Symbol'"),
        (lambda: Decimal(1), "answers Decimal, which is no formula of its inputs"),
        (lambda: None, "answers nothing, which is no formula of its inputs"),
        (lambda a: a > 1, "answers Condition, which is no formula of its inputs"),
        (lambda a, b, c: b, "does not use its input a and c"),  # noqa: ARG005
        (lambda a=1: a, "gives a a default; say in inputs what a missing one counts as"),
        (lambda *a: a[0], "has the parameter *a; each parameter is one input, by its name"),
        (lambda **a: a["a"], "has the parameter **a; each parameter is one input, by its name"),
        (lambda a: percentile(a + 1, Decimal("0.9")), "takes a percentile of something else than an input"),
        (
            lambda a: percentile(a, Decimal(95)),
            "takes the percentile Decimal('95'); a share is a Decimal between 0 and 1, such as Decimal(\"0.95\")",
        ),
        (lambda a: choose(a, "Yes", "No"), "takes Symbol for a condition; conditions compare with > >= < <="),
        (lambda a: choose(a > 1, "", "No"), "chooses ''; a choice is between words"),
        (lambda a: choose(a > 1, a, "No"), "; a choice is between words"),
        (
            lambda a: choose(a > 1, choose(a > 2, "Much", "Some"), "None"),
            "nests a choice that is not the last argument",
        ),
        (lambda a: choose(a > 1, "Yes", "No") + 1, "unsupported operand type(s) for +: 'Choice' and 'int'"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_file_and_line(calculator: Callable[..., object], reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        trace(calculator)
    place, _, said = str(refused.value).partition(": ")
    assert place == f"{__file__}:{calculator.__code__.co_firstlineno}"
    assert said.endswith(reason)


def test_the_line_is_the_one_that_branches() -> None:
    lines, first = inspect.getsourcelines(branching)
    line = first + next(number for number, text in enumerate(lines) if "if a < b" in text)
    with pytest.raises(BadInput) as refused:
        trace(branching)
    assert str(refused.value) == f"{__file__}:{line}: {BRANCH}"


def test_a_formula_that_doubles_itself_is_refused_before_it_fills_the_memory() -> None:
    def doubling(a: Symbol) -> Symbol:
        for _ in range(60):
            a = a + a
        return a

    with pytest.raises(BadInput, match="has more than 500 parts"):
        trace(doubling)


def test_a_function_without_a_readable_signature_is_refused_by_its_name() -> None:
    with pytest.raises(BadInput, match=r"^max: ValueError: no signature found"):
        trace(max)
