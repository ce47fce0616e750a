"""Formulas of printed figures: what a metric is of the KPIs that a document prints beside it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.inputs import Missing, Shift
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
    reads,
)

_LEFT_OUT: Final = Read("")
"""Stands for an optional input that is not printed: as part of a sum it can be left out."""

_FLOOR: Final = Literal(Decimal(0))
_SUMS: Final = (Operation.ADD, Operation.SUBTRACT)


@dataclass(frozen=True, eq=False)
class Formulas:
    """The calculators, asked what each comes to where documents print figures and nothing was recorded."""

    calculators: Mapping[str, Calculator]

    def of(self, kpi: str, printed: Collection[str]) -> Tree | None:
        """A KPI's formula of other KPIs that are printed, which it reads by their keys; None if they do not suffice.

        An input that is not printed is replaced by its own formula, and a measure by the one metric that is this
        measure and no more. An optional input that is not printed is left out of its sum. Other periods are not looked
        into, and what is of months is not compared with what is of days.
        """
        tree = self._tree(kpi, frozenset(printed) - {kpi})
        keys = () if tree is None else tuple(read.slot for read in reads(tree))
        return tree if keys and _LEFT_OUT.slot not in keys and self._have_a_grain(kpi, *keys) else None

    @cached_property
    def involved(self) -> frozenset[str]:
        """The KPIs whose printed figures can take part in a comparison."""
        reached = {key: self._reach(key) - {key} for key in self.calculators}
        return frozenset(one for key, reach in reached.items() if reach for one in (key, *reach))

    def _tree(self, key: str, printed: frozenset[str]) -> Tree | None:
        calculator = self.calculators.get(key)
        if calculator is None:
            return None
        parts = {slot: self._part(reading, printed) for slot, reading in calculator.inputs.items()}
        found = {slot: part for slot, part in parts.items() if part is not None}
        return rewritten(calculator.tree, found) if len(found) == len(parts) else None

    def _part(self, reading: Reading, printed: frozenset[str]) -> Formula | None:
        """An input as it stands in a formula of printed figures."""
        if _is_own_period(reading):
            known = [key for key in self._named(reading) if key in printed]
            if known:
                return Read(known[0]) if len(known) == 1 else None
            own = self._tree(reading.key, printed)
            if own is not None and not isinstance(own, Choice):
                return own
        return _LEFT_OUT if reading.missing is Missing.ZERO else None

    def _have_a_grain(self, *keys: str) -> bool:
        """Whether there are periods of which all of them can be."""
        limits = [known.grains for key in keys if (known := self.calculators.get(key)) and known.grains]
        return not limits or any(all(grain in limit for limit in limits) for grain in limits[0])

    def _reach(self, key: str) -> frozenset[str]:
        """The KPIs that can stand in a KPI's formula; none where an input of it is never printed."""
        found: frozenset[str] = frozenset()
        calculator = self.calculators.get(key)
        for reading in calculator.inputs.values() if calculator else ():
            own = {*self._named(reading), *self._reach(reading.key)} if _is_own_period(reading) else set()
            if not own and reading.missing is not Missing.ZERO:
                return frozenset()
            found |= own
        return found

    def _named(self, reading: Reading) -> tuple[str, ...]:
        """The metrics of which a printed figure is this input."""
        return (reading.key,) if reading.is_metric else self._same[reading.key]

    @cached_property
    def _same(self) -> defaultdict[str, tuple[str, ...]]:
        """By measure, the metrics that are this measure and no more."""
        found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for key, calculator in self.calculators.items():
            if isinstance(calculator.tree, Read):
                reading = calculator.inputs[calculator.tree.slot]
                if _is_own_period(reading) and not reading.is_metric:
                    found[reading.key] += (key,)
        return found


def _is_own_period(reading: Reading) -> bool:
    return reading.shift is Shift.NONE and reading.span is None and reading.percentile is None


def rewritten(tree: Tree, parts: Mapping[str, Formula]) -> Tree:
    """The tree with these parts in place of what it reads."""
    return _choice(tree, parts) if isinstance(tree, Choice) else _formula(tree, parts)


def _choice(choice: Choice, parts: Mapping[str, Formula]) -> Choice:
    otherwise = choice.otherwise
    further = otherwise if isinstance(otherwise, str) else _choice(otherwise, parts)
    return Choice(_test(choice.condition, parts), choice.then, further)


def _test(test: Test, parts: Mapping[str, Formula]) -> Test:
    if isinstance(test, Conjunction):
        return Conjunction(test.joint, _test(test.left, parts), _test(test.right, parts))
    return Comparison(test.comparator, _formula(test.left, parts), _formula(test.right, parts))


def _formula(formula: Formula, parts: Mapping[str, Formula]) -> Formula:
    match formula:
        case Read():
            return parts[formula.slot]
        case Changed(change, operand):
            return Changed(change, _formula(operand, parts))
        case Joined(operation, left, right):
            return _joined(operation, _formula(left, parts), _formula(right, parts))
        case _:
            return formula


def _joined(operation: Operation, left: Formula, right: Formula) -> Formula:
    """Both, without what adds nothing, and without a floor under a divisor: it says where there is no result."""
    if operation in _SUMS and right == _LEFT_OUT:
        return left
    is_floored = isinstance(right, Joined) and right.operation is Operation.MAXIMUM and right.right == _FLOOR
    if operation is Operation.DIVIDE and isinstance(right, Joined) and is_floored:
        return Joined(operation, left, right.left)
    return Joined(operation, left, right)
