"""The fold to SQL: the formula as one expression of PostgreSQL over numeric columns, for audits and reports.

It gives the same as the fold to Decimal. Three traps make it longer than the formula: a quotient of numerics has as few
as 16 digits unless a long scale is asked for, `least` and `greatest` skip nulls, and `round` rounds halves away from
zero. What an input misses is null, and so is what divides by zero.
"""

from collections.abc import Collection, Mapping
from typing import Final

from kpi_server.domain.expression.decimals import DECIMALS, DIGITS, LARGEST
from kpi_server.domain.expression.tree import (
    Change,
    Changed,
    Choice,
    Comparison,
    Formula,
    Joined,
    Joint,
    Literal,
    Operation,
    Read,
    Test,
    Tree,
    reads,
)

_SCALE: Final = f"0e-{2 * DIGITS}"
_COMPARED: Final = {Operation.MINIMUM: "<=", Operation.MAXIMUM: ">="}


def sql(tree: Tree, columns: Mapping[str, str], *, zeros: Collection[str] = ()) -> str:
    """The expression, with a column of type numeric (or any expression in brackets) for each slot.

    >>> from kpi_server.domain.expression.tracing import choose, trace
    >>> sign = trace(lambda n: choose(n > 0, "Up", "Down")).tree
    >>> sql(sign, {"n": "x.n"})
    "case when num_nulls(x.n) = 0 then case (x.n > (0::numeric)) when true then 'Up' when false then 'Down' end end"
    """
    given = {slot: f"coalesce({column}, 0)" if slot in zeros else column for slot, column in columns.items()}
    if isinstance(tree, Choice):
        needed = ", ".join(given[read.slot] for read in reads(tree))
        return f"case when num_nulls({needed}) = 0 then {_choice(tree, given)} end"
    return _rounded(_number(tree, given))


def _rounded(number: str) -> str:
    half = f"5e-{DECIMALS + 1}"
    is_tie = (
        f"abs(exact.n - trunc(exact.n, {DECIMALS})) = {half} and mod(trunc(exact.n, {DECIMALS}), 2e-{DECIMALS}) = 0"
    )
    even = f"case when {is_tie} then trunc(exact.n, {DECIMALS}) else round(exact.n, {DECIMALS}) end"
    return f"(select {even} from (select {number} as n) as exact where abs(exact.n) < 1e{LARGEST})"  # noqa: S608 - no values


def _number(formula: Formula, columns: Mapping[str, str]) -> str:
    match formula:
        case Literal(value):
            return f"({value}::numeric)"
        case Read():
            return columns[formula.slot]
        case Changed(change, operand):
            return f"{'-' if change is Change.NEGATE else 'abs'}({_number(operand, columns)})"
        case Joined(operation, left, right):
            return _joined(operation, _number(left, columns), _number(right, columns))
        case _:
            raise AssertionError(formula)


def _joined(operation: Operation, left: str, right: str) -> str:
    match operation:
        case Operation.DIVIDE:
            return f"(({left} + {_SCALE}) / nullif({right}, 0))"
        case Operation.MINIMUM | Operation.MAXIMUM:
            chosen = f"case two.l {_COMPARED[operation]} two.r when true then two.l when false then two.r end"
            return f"(select {chosen} from (select {left} as l, {right} as r) as two)"  # noqa: S608
        case _:
            return f"({left} {operation} {right})"


def _choice(choice: Choice, columns: Mapping[str, str]) -> str:
    otherwise = choice.otherwise
    further = _quoted(otherwise) if isinstance(otherwise, str) else _choice(otherwise, columns)
    return (
        f"case {_test(choice.condition, columns)} when true then {_quoted(choice.then)} when false then {further} end"
    )


def _test(test: Test, columns: Mapping[str, str]) -> str:
    if isinstance(test, Comparison):
        return f"({_number(test.left, columns)} {test.comparator} {_number(test.right, columns)})"
    word = "and" if test.joint is Joint.AND else "or"
    return f"({_test(test.left, columns)} {word} {_test(test.right, columns)})"


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"
