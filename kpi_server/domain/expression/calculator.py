"""Calculators: a metric's formula with its inputs resolved, ready to be evaluated in any cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Final

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.decimals import Amount, Fold, Outcome, fold
from kpi_server.domain.expression.inputs import Missing, Rolling, Shift, ToDate
from kpi_server.domain.expression.sql import sql
from kpi_server.domain.expression.tree import Tree
from kpi_server.domain.expression.wording import worded
from kpi_server.domain.period import Grain

_DIGITS: Final = 16


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One input of a calculator.

    Attributes:
        slot: The name by which the formula asks for its amount.
        key: The measure or metric that is read, with its family ("financial.opening_mrr").
        name: What it is called in the formula's words.
        is_metric: True if it is calculated itself; otherwise a measure, which is rolled up to the cell.
        missing, carry, shift, span: As declared by the family.
        percentile: Which percentile of a histogram is read.
    """

    slot: str
    key: str
    name: str
    is_metric: bool
    missing: Missing = Missing.REQUIRED
    carry: int = 0
    shift: Shift = Shift.NONE
    span: Rolling | ToDate | None = None
    percentile: Decimal | None = None

    @property
    def parameter(self) -> str:
        """The calculator's parameter: several percentiles may be read through one."""
        return self.slot.partition("@")[0]

    @cached_property
    def way(self) -> "Way":
        """Equal for readings of the same periods: how they are shifted, how far carried, and what they span."""
        return self.shift.value, self.carry if self.missing is Missing.CARRY else 0, self.span

    @cached_property
    def manner(self) -> "Manner":
        """Equal for readings of the same amounts of the same periods."""
        return self.key, self.name, self.percentile


Way = tuple[str, int, Rolling | ToDate | None]
"""Of which periods an input is read."""

Manner = tuple[str, str, Decimal | None]
"""What of which measure or metric is read, and by which name it is told of."""


@dataclass(frozen=True, kw_only=True)
class Calculator:
    """How a metric is calculated.

    Attributes:
        key: The metric's KPI key.
        tree: Its formula.
        inputs: What it reads, by slot, in the order in which the formula does.
        version: Of the formula.
        grains: The grains at which it may be calculated; none: any.
        alternative: The key, with its family, of what to ask for where it cannot be calculated.
        rank: Higher than that of every metric it reads; those that read only measures have 0.
        leaves: The measures it stands on, through however many metrics, in the order of their keys.
        lacking: The families it needs that are not installed; it cannot be calculated without them.
    """

    key: str
    tree: Tree
    inputs: Mapping[str, Reading]
    version: int = 1
    grains: tuple[Grain, ...] = ()
    alternative: str = ""
    rank: int = 0
    leaves: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Of the formula and of what it reads: another one is another formula, whatever its version says."""
        read = [(one.slot, one.key, one.missing.value, one.way, str(one.percentile)) for one in self.inputs.values()]
        return sha256(repr((self.tree, read)).encode()).hexdigest()[:_DIGITS]

    @cached_property
    def formula(self) -> str:
        """The formula as people read it."""
        return worded(self.tree, self._names)

    def evaluate(self, amounts: Mapping[str, Amount]) -> Outcome:
        """What it gives for these amounts, by slot; a slot that is not given has no data.

        Amounts that are carried over from an earlier period are the caller's to find.
        """
        if self.lacking:
            families = " and ".join(self.lacking)
            return Absent(Absence.NO_DATA, f"cannot be calculated: family {families} is not installed")
        return self._fold(amounts)

    def sql(self, columns: Mapping[str, str]) -> str:
        """The formula as an SQL expression over these columns, by slot."""
        return sql(self.tree, columns, zeros=self._zeros)

    @cached_property
    def _fold(self) -> Fold:
        return fold(self.tree, zeros=self._zeros, names=self._names)

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """What it reads, in the order in which the formula does."""
        return tuple(self.inputs.values())

    @property
    def _zeros(self) -> frozenset[str]:
        return frozenset(slot for slot, reading in self.inputs.items() if reading.missing is Missing.ZERO)

    @property
    def _names(self) -> Mapping[str, str]:
        return {slot: reading.name for slot, reading in self.inputs.items()}
