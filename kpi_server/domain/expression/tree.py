"""Trees: a formula as frozen values, which every fold reads and nothing changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Operation(StrEnum):
    """What joins two numbers."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MINIMUM = "min"
    MAXIMUM = "max"


class Change(StrEnum):
    """What is done to one number."""

    NEGATE = "-"
    ABSOLUTE = "abs"


class Comparator(StrEnum):
    """How two numbers are compared."""

    MORE_THAN = ">"
    AT_LEAST = ">="
    LESS_THAN = "<"
    AT_MOST = "<="


class Joint(StrEnum):
    """How two conditions are joined."""

    AND = "&"
    OR = "|"


@dataclass(frozen=True)
class Literal:
    """A number that stands in the formula."""

    value: Decimal


@dataclass(frozen=True)
class Read:
    """An input, by the name of its parameter.

    `slot` is the name under which its amount is given; one of a percentile differs from one of the input itself.

    >>> Read("latency").slot, Read("latency", Decimal("0.95")).slot
    ('latency', 'latency@0.95')
    """

    name: str
    percentile: Decimal | None = None

    @property
    def slot(self) -> str:
        """The name under which the folds ask for its amount."""
        return self.name if self.percentile is None else f"{self.name}@{self.percentile}"


@dataclass(frozen=True)
class Joined:
    """Two numbers joined by an operation."""

    operation: Operation
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Changed:
    """A number negated, or without its sign."""

    change: Change
    operand: "Formula"


@dataclass(frozen=True)
class Comparison:
    """Two numbers compared."""

    comparator: Comparator
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Conjunction:
    """Two conditions of which both, or at least one, must hold."""

    joint: Joint
    left: "Test"
    right: "Test"


@dataclass(frozen=True)
class Choice:
    """One word where the condition holds, another where it does not."""

    condition: "Test"
    then: str
    otherwise: "str | Choice"


Formula = Literal | Read | Joined | Changed
"""What gives a number."""

Test = Comparison | Conjunction
"""What holds or does not."""

Tree = Formula | Choice
"""What a calculator is: a formula, or a choice of words."""


def reads(tree: Tree | Test) -> tuple[Read, ...]:
    """Every reading of an input in a tree, each once, in the order of their appearance.

    >>> reads(Joined(Operation.DIVIDE, Read("lost"), Joined(Operation.ADD, Read("lost"), Read("kept"))))
    (Read(name='lost', percentile=None), Read(name='kept', percentile=None))
    """
    return tuple(dict.fromkeys(_reads(tree)))


def _reads(tree: Tree | Test) -> Iterator[Read]:
    match tree:
        case Read():
            yield tree
        case Joined() | Comparison() | Conjunction():
            yield from _reads(tree.left)
            yield from _reads(tree.right)
        case Changed():
            yield from _reads(tree.operand)
        case Choice():
            yield from _reads(tree.condition)
            if isinstance(tree.otherwise, Choice):
                yield from _reads(tree.otherwise)
        case Literal():
            pass


def divides(tree: Tree | Test) -> bool:
    """True if something is divided by what an input is part of, so that the result may be undefined.

    >>> divides(Joined(Operation.DIVIDE, Read("a"), Literal(Decimal(12)))), divides(
    ...     Joined(Operation.DIVIDE, Literal(Decimal(1)), Read("a"))
    ... )
    (False, True)
    """
    match tree:
        case Joined(Operation.DIVIDE, _, right) if reads(right):
            return True
        case Joined() | Comparison() | Conjunction():
            return divides(tree.left) or divides(tree.right)
        case Changed():
            return divides(tree.operand)
        case Choice():
            return divides(tree.condition) or (isinstance(tree.otherwise, Choice) and divides(tree.otherwise))
        case Literal() | Read():
            return False
