"""The unit of a formula: what may be added and compared, and whether the result is what the metric says it is.

Money, durations and bytes are kept apart. What is counted is not: customers and tickets divide to a plain number, money
by customers is money, and so is money by months; `per` names a pace and is no part of the unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpi_server.domain.expression.tree import (
    Changed,
    Choice,
    Comparison,
    Conjunction,
    Formula,
    Joined,
    Literal,
    Operation,
    Read,
    Test,
    Tree,
)
from kpi_server.domain.expression.wording import worded
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput

_VERBS: Final[Mapping[str, str]] = {
    Operation.ADD: "adds {} and {}",
    Operation.SUBTRACT: "takes {1} from {0}",
    Operation.MINIMUM: "takes the smaller of {} and {}",
    Operation.MAXIMUM: "takes the larger of {} and {}",
}
_KEPT_APART: Final = (UnitKind.MONEY, UnitKind.DURATION, UnitKind.BYTES)
_COUNTS: Final = (UnitKind.COUNT, UnitKind.MONTHS)


@dataclass(frozen=True)
class Dimension:
    """The powers of what is kept apart, and of what is counted; a literal counts as whatever stands beside it."""

    powers: tuple[int, ...] = (0,) * len(_KEPT_APART)
    counted: int = 0
    is_literal: bool = False
    is_zero: bool = False

    def __str__(self) -> str:
        if not any(self.powers):
            return "a count" if self.counted == 1 else "a plain number"
        pairs = [(kind.lower(), power) for kind, power in zip(_KEPT_APART, self.powers, strict=True)]
        above = " × ".join(name for name, power in pairs for _ in range(power))
        below = " ÷ ".join(name for name, power in pairs for _ in range(-power))
        return f"{above or 1} ÷ {below}" if below else above


def dimension_of(unit: Unit) -> Dimension:
    """The dimension of a unit.

    >>> from kpi_server.domain.unit import parse_unit
    >>> str(dimension_of(parse_unit("MONEY(EUR)/month"))), str(dimension_of(parse_unit("RATIO")))
    ('money', 'a plain number')
    """
    return Dimension(tuple(int(unit.kind is kind) for kind in _KEPT_APART), int(unit.kind in _COUNTS))


def check_unit(tree: Tree, units: Mapping[str, Unit | None], declared: Unit, names: Mapping[str, str]) -> None:
    """Nothing, when the formula gives the declared unit; `units` has None where a slot's is not known.

    Raises:
        BadInput: it adds or compares different kinds, or gives another kind than is declared; both are named.

    >>> from kpi_server.domain.expression.tracing import trace
    >>> from kpi_server.domain.unit import parse_unit
    >>> lost = {"lost": parse_unit("COUNT(customer)")}
    >>> check_unit(trace(lambda lost: lost / 12).tree, lost, parse_unit("COUNT(customer)/month"), {})
    """
    checking = _Checking(units, names)
    if isinstance(tree, Choice):
        if declared.kind is not UnitKind.TEXT:
            raise BadInput(f"chooses words, but the metric's unit is {declared}; TEXT is for words")
        checking.choice(tree)
        return
    if declared.kind is UnitKind.TEXT:
        raise BadInput("gives a number, but the metric's unit is TEXT; choose(…) gives words")
    given = checking.formula(tree)
    if given is not None and not _fits(given, declared):
        raise BadInput(f"gives {given}, but the metric's unit is {declared}")


def _fits(given: Dimension, declared: Unit) -> bool:
    """What is counted matters only for plain numbers: a share of customers is one, their number is not."""
    wanted = dimension_of(declared)
    is_loose = any(wanted.powers) or declared.kind in {*_COUNTS, UnitKind.SCORE}
    return given.powers == wanted.powers and (is_loose or given.counted == 0)


@dataclass(frozen=True)
class _Checking:
    units: Mapping[str, Unit | None]
    names: Mapping[str, str]

    def choice(self, choice: Choice) -> None:
        self.test(choice.condition)
        if isinstance(choice.otherwise, Choice):
            self.choice(choice.otherwise)

    def test(self, test: Test) -> None:
        if isinstance(test, Conjunction):
            self.test(test.left)
            self.test(test.right)
        elif isinstance(test, Comparison):
            self.alike(test.left, test.right, "compares {} and {}")

    def formula(self, formula: Formula) -> Dimension | None:
        match formula:
            case Literal(value):
                return Dimension(is_literal=True, is_zero=value == Decimal(0))
            case Read():
                unit = self.units.get(formula.slot)
                return None if unit is None else dimension_of(unit)
            case Changed(_, operand):
                return self.formula(operand)
            case Joined(Operation.MULTIPLY | Operation.DIVIDE as operation, left, right):
                return _combined(self.formula(left), self.formula(right), 1 if operation is Operation.MULTIPLY else -1)
            case Joined(operation, left, right):
                return self.alike(left, right, _VERBS[operation])
            case _:
                raise AssertionError(formula)

    def alike(self, left: Formula, right: Formula, verb: str) -> Dimension | None:
        """The one dimension of both."""
        first, second = self.formula(left), self.formula(right)
        if first is None or second is None:
            return first or second
        for one, other in ((first, second), (second, first)):
            if one.is_literal and (one.is_zero or not any(other.powers)):
                return other
        if first.powers != second.powers or (not any(first.powers) and first.counted != second.counted):
            raise BadInput(verb.format(self.shown(left, first), self.shown(right, second)) + ": different units")
        return first

    def shown(self, formula: Formula, dimension: Dimension) -> str:
        unit = self.units.get(formula.slot) if isinstance(formula, Read) else None
        return f"{worded(formula, self.names)} ({unit or dimension})"


def _combined(left: Dimension | None, right: Dimension | None, sign: int) -> Dimension | None:
    if left is None or right is None:
        return None
    powers = tuple(one + sign * other for one, other in zip(left.powers, right.powers, strict=True))
    return Dimension(powers, left.counted + sign * right.counted, left.is_literal and right.is_literal)
