"""The fold to Decimal: what a formula gives for the amounts of its inputs, or why it gives nothing.

Numbers keep 100 digits on the way, so that what is taken away from something huge is not lost, and the result is
rounded once: half-even, to 12 decimals. The fold to SQL (`sql.py`) gives the same, digit by digit; tests hold them
together.
"""

import operator
from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from kpi_server.domain.absence import Absence, Absent, first_absent
from kpi_server.domain.expression.tree import (
    Change,
    Changed,
    Choice,
    Comparator,
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
from kpi_server.domain.expression.wording import worded

DECIMALS: Final = 12
"""To how many decimals a result is rounded."""

DIGITS: Final = 100
LARGEST: Final = 40
"""A result from 10 to this power on is no figure of a company but a mistake."""

_EXACT: Final = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
"""Only its methods are used: a block with a context of its own costs more than a formula."""

_STEP: Final = Decimal(1).scaleb(-DECIMALS)
_LIMIT: Final = Decimal(1).scaleb(LARGEST)
_LEAST: Final = -_LIMIT
_ZERO: Final = Decimal(0)
_UNKNOWN: Final = Absent(Absence.NO_DATA)

Amount = Decimal | Absent
"""What an input is in a cell."""

Outcome = Decimal | str | Absent
"""What comes of a formula: a number, a word, or why there is neither."""

Fold = Callable[[Mapping[str, Amount]], Outcome]
_Given = Mapping[str, Decimal]

_JOINING: Final[Mapping[Operation, Callable[[Decimal, Decimal], Decimal]]] = {
    Operation.ADD: _EXACT.add,
    Operation.SUBTRACT: _EXACT.subtract,
    Operation.MULTIPLY: _EXACT.multiply,
    Operation.MINIMUM: min,
    Operation.MAXIMUM: max,
}
_COMPARING: Final[Mapping[Comparator, Callable[[Decimal, Decimal], bool]]] = {
    Comparator.MORE_THAN: operator.gt,
    Comparator.AT_LEAST: operator.ge,
    Comparator.LESS_THAN: operator.lt,
    Comparator.AT_MOST: operator.le,
}


class _DividedByZero(Exception):
    def __init__(self, divisor: Formula) -> None:
        self.divisor = divisor


def evaluate(tree: Tree, inputs: Mapping[str, Amount], *, zeros: Collection[str] = ()) -> Outcome:
    """What a formula gives for these amounts, by slot; in `zeros` a slot without data counts as zero.

    Division by zero is `UNDEFINED`. A missing input makes the result missing for the same reason; of several, the
    gravest. A condition that does not depend on what is undefined holds or not all the same.

    >>> from kpi_server.domain.expression.tracing import trace
    >>> rate = trace(lambda lost, customers: lost / customers).tree
    >>> evaluate(rate, {"lost": Decimal(3), "customers": Decimal(80)})
    Decimal('0.037500000000')
    >>> evaluate(rate, {"lost": Decimal(3), "customers": Decimal(0)})
    Absent(absence=<Absence.UNDEFINED: 'UNDEFINED'>, reason='customers is zero')
    """
    return fold(tree, zeros=zeros)(inputs)


def fold(tree: Tree, *, zeros: Collection[str] = (), names: Mapping[str, str] | None = None) -> Fold:
    """The formula made ready to be evaluated often; `names` are the slots' in reasons."""
    slots = dict.fromkeys([read.slot for read in reads(tree)], _UNKNOWN)
    called = names or {}
    give: Callable[[Mapping[str, Any]], Decimal | str] = _choice(tree) if isinstance(tree, Choice) else _number(tree)

    def folded(inputs: Mapping[str, Amount]) -> Outcome:
        if Absent in map(type, inputs.values()) or not slots.keys() <= inputs.keys():
            inputs = {slot: _counted(inputs.get(slot, absent), slot in zeros) for slot, absent in slots.items()}
            if absents := [amount for amount in inputs.values() if isinstance(amount, Absent)]:
                return first_absent(absents)
        try:
            return _rounded(give(inputs))
        except _DividedByZero as undefined:
            return Absent(Absence.UNDEFINED, f"{worded(undefined.divisor, called)} is zero")

    return folded


def _counted(amount: Amount, as_zero: bool) -> Amount:
    return _ZERO if as_zero and isinstance(amount, Absent) and amount.absence is Absence.NO_DATA else amount


def _rounded(result: Decimal | str) -> Outcome:
    if isinstance(result, str):
        return result
    if not _LEAST < result < _LIMIT:
        return Absent(Absence.ERROR, f"the result is beyond 10^{LARGEST}")
    return _EXACT.quantize(result, _STEP) or _ZERO


def _number(formula: Formula) -> Callable[[_Given], Decimal]:
    match formula:
        case Literal(value):
            return lambda _: value
        case Read():
            return operator.itemgetter(formula.slot)
        case Changed(change, operand):
            changed, apply = _number(operand), _EXACT.minus if change is Change.NEGATE else _EXACT.abs
            return lambda given: apply(changed(given))
        case Joined(Operation.DIVIDE, left, right):
            return _quotient(_number(left), _number(right), right)
        case Joined(operation, left, right):
            first, second, join = _number(left), _number(right), _JOINING[operation]
            return lambda given: join(first(given), second(given))
        case _:
            raise AssertionError(formula)


def _quotient(
    dividend: Callable[[_Given], Decimal], divisor: Callable[[_Given], Decimal], divided_by: Formula
) -> Callable[[_Given], Decimal]:
    def quotient(given: _Given) -> Decimal:
        below = divisor(given)
        if not below:
            raise _DividedByZero(divided_by)
        return _EXACT.divide(dividend(given), below)

    return quotient


def _choice(choice: Choice) -> Callable[[_Given], str]:
    holds = _holds(choice.condition)
    otherwise = choice.otherwise
    further = None if isinstance(otherwise, str) else _choice(otherwise)

    def chosen(given: _Given) -> str:
        held = holds(given)
        if isinstance(held, _DividedByZero):
            raise held
        if held:
            return choice.then
        return otherwise if isinstance(otherwise, str) else further(given)  # type: ignore[misc]

    return chosen


def _holds(test: Test) -> Callable[[_Given], bool | _DividedByZero]:
    """Whether it holds, or what leaves it open."""
    if isinstance(test, Comparison):
        left, right, compare = _number(test.left), _number(test.right), _COMPARING[test.comparator]

        def compared(given: _Given) -> bool | _DividedByZero:
            try:
                return compare(left(given), right(given))
            except _DividedByZero as undefined:
                return undefined

        return compared
    first, second, settling = _holds(test.left), _holds(test.right), test.joint is Joint.OR

    def joined(given: _Given) -> bool | _DividedByZero:
        held = (first(given), second(given))
        if settling in held:
            return settling
        return next((one for one in held if isinstance(one, _DividedByZero)), not settling)

    return joined
