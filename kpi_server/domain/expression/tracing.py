"""Tracing: a calculator is called once with symbols, and what it does with them is its formula.

The function is never called with numbers. So it cannot branch on one, and there is one definition of division, of
rounding and of what is missing: that of the folds.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

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
    reads,
)
from kpi_server.errors import BadInput

_LARGEST: Final = 500
_BRANCHES: Final = (
    "branches on a value; write choose(…) for words, minimum(…) or maximum(…) for numbers, & and | between conditions"
)


class Condition:
    """What holds or does not, for `choose`; `&` and `|` join two of them."""

    __slots__ = ("test",)

    def __init__(self, test: Test) -> None:
        self.test = test

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(Conjunction(Joint.AND, self.test, _condition(other)))

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(Conjunction(Joint.OR, self.test, _condition(other)))

    def __bool__(self) -> NoReturn:
        raise BadInput(_BRANCHES)


class Symbol:
    """An input, or what a formula made of inputs: what the parameters of a calculator are.

    >>> (Symbol(Read("kept")) / 2).formula.right
    Literal(value=Decimal('2'))
    """

    __slots__ = ("formula", "size")

    def __init__(self, formula: Formula, size: int = 1) -> None:
        if size > _LARGEST:
            raise BadInput(f"has more than {_LARGEST} parts; give what they have in common a metric of its own")
        self.formula = formula
        self.size = size

    def __add__(self, other: "Symbol | int | Decimal") -> "Symbol":
        return _joined(Operation.ADD, self, other)

    def __radd__(self, other: int | Decimal) -> "Symbol":
        return _joined(Operation.ADD, other, self)

    def __sub__(self, other: "Symbol | int | Decimal") -> "Symbol":
        return _joined(Operation.SUBTRACT, self, other)

    def __rsub__(self, other: int | Decimal) -> "Symbol":
        return _joined(Operation.SUBTRACT, other, self)

    def __mul__(self, other: "Symbol | int | Decimal") -> "Symbol":
        return _joined(Operation.MULTIPLY, self, other)

    def __rmul__(self, other: int | Decimal) -> "Symbol":
        return _joined(Operation.MULTIPLY, other, self)

    def __truediv__(self, other: "Symbol | int | Decimal") -> "Symbol":
        return _joined(Operation.DIVIDE, self, other)

    def __rtruediv__(self, other: int | Decimal) -> "Symbol":
        return _joined(Operation.DIVIDE, other, self)

    def __neg__(self) -> "Symbol":
        return Symbol(Changed(Change.NEGATE, self.formula), self.size + 1)

    def __abs__(self) -> "Symbol":
        return Symbol(Changed(Change.ABSOLUTE, self.formula), self.size + 1)

    def __gt__(self, other: "Symbol | int | Decimal") -> Condition:
        return _compared(Comparator.MORE_THAN, self, other)

    def __ge__(self, other: "Symbol | int | Decimal") -> Condition:
        return _compared(Comparator.AT_LEAST, self, other)

    def __lt__(self, other: "Symbol | int | Decimal") -> Condition:
        return _compared(Comparator.LESS_THAN, self, other)

    def __le__(self, other: "Symbol | int | Decimal") -> Condition:
        return _compared(Comparator.AT_MOST, self, other)

    def __eq__(self, other: object) -> NoReturn:
        raise BadInput("compares with == or !=, which exact numbers hardly ever are; conditions are > >= < <=")

    __hash__ = None  # type: ignore[assignment]  # a key of a set or mapping would be compared

    def __bool__(self) -> NoReturn:
        raise BadInput(_BRANCHES)


Number = Symbol | int | Decimal
"""What may stand in a formula; a float may not, for 0.1 is no tenth."""


def minimum(first: Number, second: Number) -> Symbol:
    """The smaller of two numbers; missing when one of them is.

    >>> minimum(Symbol(Read("seats")), 10).formula.operation
    <Operation.MINIMUM: 'min'>
    """
    return _joined(Operation.MINIMUM, first, second)


def maximum(first: Number, second: Number) -> Symbol:
    """The larger of two numbers; missing when one of them is.

    >>> maximum(0, Symbol(Read("profit"))).formula.left
    Literal(value=Decimal('0'))
    """
    return _joined(Operation.MAXIMUM, first, second)


def absolute(number: Symbol) -> Symbol:
    """The number without its sign.

    >>> absolute(Symbol(Read("change"))).formula
    Changed(change=<Change.ABSOLUTE: 'abs'>, operand=Read(name='change', percentile=None))
    """
    return abs(number)


def percentile(histogram: Symbol, share: Decimal) -> Symbol:
    """The value that this share of the recorded values does not exceed, of a HISTOGRAM measure.

    >>> percentile(Symbol(Read("latency")), Decimal("0.95")).formula.slot
    'latency@0.95'
    """
    return Symbol(Read(_input(histogram), _share(share)))


def choose(condition: Condition, then: str, otherwise: str | Choice) -> Choice:
    """One word where the condition holds, otherwise another or a further choice: the whole body of a TEXT metric.

    >>> choose(Symbol(Read("churn")) > Decimal("0.7"), "HIGH", "LOW").then
    'HIGH'
    """
    return Choice(_condition(condition), _word(then), otherwise if isinstance(otherwise, Choice) else _word(otherwise))


@dataclass(frozen=True)
class Traced:
    """What a calculator is: its parameters, in their order, and its tree."""

    parameters: tuple[str, ...]
    tree: Tree


def trace(calculator: Callable[..., object]) -> Traced:
    """The formula of a calculator.

    Raises:
        BadInput: what it does is no formula of its parameters; the message begins with the file and the line.

    >>> def revenue_per_seat(revenue: Symbol, seats: Symbol) -> Symbol:
    ...     return revenue / seats
    >>> trace(revenue_per_seat).parameters
    ('revenue', 'seats')
    """
    try:
        parameters = _parameters(calculator)
        answer = calculator(**{name: Symbol(Read(name)) for name in parameters})
    except Exception as error:  # a plugin's code can raise anything; the report says where
        raise BadInput(f"{place_of(calculator, error)}: {_reason(error)}") from error
    if not isinstance(answer, Symbol | Choice):
        raise BadInput(f"{place_of(calculator)}: answers {_type_name(answer)}, which is no formula of its inputs")
    tree = answer.formula if isinstance(answer, Symbol) else answer
    unused = [name for name in parameters if name not in {read.name for read in reads(tree)}]
    if unused:
        raise BadInput(f"{place_of(calculator)}: does not use its input {' and '.join(unused)}")
    return Traced(parameters, tree)


def place_of(calculator: Callable[..., object], error: Exception | None = None) -> str:
    """The file and the line of a calculator, or of that line in its file that raised the error.

    >>> place_of(max)
    'max'
    """
    code = getattr(calculator, "__code__", None)
    if code is None:
        return getattr(calculator, "__qualname__", _type_name(calculator))
    line = code.co_firstlineno
    step = error.__traceback__ if error else None
    while step is not None:
        if step.tb_frame.f_code.co_filename == code.co_filename:
            line = step.tb_lineno
        step = step.tb_next
    return f"{code.co_filename}:{line}"


def _parameters(calculator: Callable[..., object]) -> tuple[str, ...]:
    parameters = inspect.signature(calculator).parameters.values()
    for parameter in parameters:
        if parameter.kind not in {parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY}:
            raise BadInput(f"has the parameter {parameter}; each parameter is one input, by its name")
        if parameter.default is not parameter.empty:
            raise BadInput(f"gives {parameter.name} a default; say in inputs what a missing one counts as")
    return tuple(parameter.name for parameter in parameters)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"


def _type_name(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


def _joined(operation: Operation, left: Number, right: Number) -> Symbol:
    first, second = _symbol(left), _symbol(right)
    return Symbol(Joined(operation, first.formula, second.formula), first.size + second.size + 1)


def _compared(comparator: Comparator, left: Symbol, right: Number) -> Condition:
    return Condition(Comparison(comparator, left.formula, _symbol(right).formula))


def _symbol(value: object) -> Symbol:
    if isinstance(value, Symbol):
        return value
    if isinstance(value, float):
        raise BadInput(f'contains the float {value!r}, which is not exact; write Decimal("{value!r}")')
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadInput(f"calculates with {value!r}; a formula has inputs, whole numbers and Decimals")
    if isinstance(value, Decimal) and not value.is_finite():
        raise BadInput(f"calculates with {value}, which is no number")
    return Symbol(Literal(Decimal(value)))


def _condition(value: object) -> Test:
    if not isinstance(value, Condition):
        raise BadInput(f"takes {_type_name(value)} for a condition; conditions compare with > >= < <=")
    return value.test


def _word(value: object) -> str:
    if isinstance(value, Choice):
        raise BadInput("nests a choice that is not the last argument")
    if not isinstance(value, str) or not value:
        raise BadInput(f"chooses {value!r}; a choice is between words")
    return value


def _input(value: object) -> str:
    if not isinstance(value, Symbol) or not isinstance(value.formula, Read):
        raise BadInput("takes a percentile of something else than an input")
    return value.formula.name


def _share(value: object) -> Decimal:
    if not isinstance(value, Decimal) or not 0 < value < 1:
        raise BadInput(f'takes the percentile {value!r}; a share is a Decimal between 0 and 1, such as Decimal("0.95")')
    return value.normalize()
