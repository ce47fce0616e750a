"""The formula as people read it: "(opening MRR + expansion MRR − churned MRR) ÷ opening MRR"."""

from collections.abc import Mapping
from typing import Final, assert_never

from kpi_server.domain.expression.inputs import Input, Rolling, Shift, ToDate
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
    Test,
    Tree,
)
from kpi_server.domain.precision import plain

_SIGNS: Final = {Operation.ADD: "+", Operation.SUBTRACT: "−", Operation.MULTIPLY: "×", Operation.DIVIDE: "÷"}
_COMPARED: Final = {
    Comparator.MORE_THAN: ">",
    Comparator.AT_LEAST: "≥",
    Comparator.LESS_THAN: "<",
    Comparator.AT_MOST: "≤",
}
_SUM, _PRODUCT, _SINGLE = 1, 2, 3
_ORDINALS: Final = {"1": "st", "2": "nd", "3": "rd"}


def worded(tree: Tree, names: Mapping[str, str]) -> str:
    """The formula with a name for every slot; a slot without one stands for itself.

    >>> from kpi_server.domain.expression.tracing import Symbol, trace
    >>> growth = trace(lambda mrr, before: (mrr - before) / before).tree
    >>> worded(growth, {"mrr": "MRR", "before": "MRR of the period before"})
    '(MRR − MRR of the period before) ÷ MRR of the period before'
    """
    if not isinstance(tree, Choice):
        return _bound(tree, names)[0]
    choice = f"{tree.then} if {_condition(tree.condition, names)}, else "
    return choice + (tree.otherwise if isinstance(tree.otherwise, str) else worded(tree.otherwise, names))


def named(name: str, read: Input) -> str:
    """What an input is called in a formula, by the name of its measure or metric.

    >>> named("Opening MRR", Input()), named("Orders", Input(span=Rolling(3)))
    ('opening MRR', 'orders over 3 periods')
    """
    first, _, rest = name.partition(" ")
    spoken = name if not first[1:].islower() else f"{first.lower()} {rest}".strip()
    match read.span:
        case Rolling(periods):
            spoken = f"{spoken} over {periods} periods"
        case ToDate(grain):
            spoken = f"{spoken} of the {grain.lower()} to date"
        case None:
            pass
        case _:
            assert_never(read.span)
    match read.shift:
        case Shift.NONE:
            return spoken
        case Shift.PREVIOUS:
            return f"{spoken} of the period before"
        case Shift.YEAR_BEFORE:
            return f"{spoken} of the year before"
        case _:
            assert_never(read.shift)


def _bound(formula: Formula, names: Mapping[str, str]) -> tuple[str, int]:
    """The words, and how tightly they hold together."""
    match formula:
        case Literal(value):
            return plain(value), _SINGLE if value >= 0 else _SUM
        case Read():
            return _read(formula, names), _SINGLE
        case Changed(Change.NEGATE, operand):
            return f"−{_within(operand, names, _SINGLE)}", _SUM
        case Changed(Change.ABSOLUTE, operand):
            return f"|{_bound(operand, names)[0]}|", _SINGLE
        case Joined(operation, left, right):
            return _joined(operation, left, right, names)
        case _:
            raise AssertionError(formula)


def _joined(operation: Operation, left: Formula, right: Formula, names: Mapping[str, str]) -> tuple[str, int]:
    match operation:
        case Operation.MINIMUM | Operation.MAXIMUM:
            is_least = operation is Operation.MINIMUM
            first, second = _bound(left, names)[0], _bound(right, names)[0]
            if isinstance(right, Literal):
                return f"({first}, at {'most' if is_least else 'least'} {second})", _SINGLE
            return f"the {'smaller' if is_least else 'larger'} of ({first}) and ({second})", _SINGLE
        case Operation.ADD | Operation.SUBTRACT:
            own, right_own = _SUM, _SUM if operation is Operation.ADD else _PRODUCT
        case Operation.MULTIPLY | Operation.DIVIDE:
            own, right_own = _PRODUCT, _PRODUCT if operation is Operation.MULTIPLY else _SINGLE
        case _:
            assert_never(operation)
    return f"{_within(left, names, own)} {_SIGNS[operation]} {_within(right, names, right_own)}", own


def _within(formula: Formula, names: Mapping[str, str], least: int) -> str:
    words, bound = _bound(formula, names)
    return words if bound >= least else f"({words})"


def _read(read: Read, names: Mapping[str, str]) -> str:
    name = names.get(read.slot, read.name)
    if read.percentile is None:
        return name
    rank = plain(read.percentile * 100)
    ending = "th" if rank[-2:] in {"11", "12", "13"} or "." in rank else _ORDINALS.get(rank[-1], "th")
    return f"{rank}{ending} percentile of {name}"


def _condition(test: Test, names: Mapping[str, str]) -> str:
    match test:
        case Comparison(comparator, left, right):
            return f"{_bound(left, names)[0]} {_COMPARED[comparator]} {_bound(right, names)[0]}"
        case Conjunction(joint, left, right):
            word = "and" if joint is Joint.AND else "or"
            return " ".join((_part(left, joint, names), word, _part(right, joint, names)))
        case _:
            assert_never(test)


def _part(test: Test, joint: Joint, names: Mapping[str, str]) -> str:
    words = _condition(test, names)
    return f"({words})" if isinstance(test, Conjunction) and test.joint is not joint else words
