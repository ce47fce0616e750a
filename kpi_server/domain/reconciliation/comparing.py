"""Comparing printed figures and targets with what their own inputs give, by the one rule of what agrees."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from kpi_server.domain.expression.decimals import Outcome, evaluate
from kpi_server.domain.expression.tree import Tree, reads
from kpi_server.domain.expression.wording import worded
from kpi_server.domain.frame import Completeness
from kpi_server.domain.precision import divide, plain, precise
from kpi_server.domain.quantity import NUMBER, tidy
from kpi_server.domain.reconciliation.formulas import Formulas
from kpi_server.domain.reconciliation.statements import (
    Side,
    StatedFigure,
    StatedKpi,
    StatedTarget,
    Statement,
)
from kpi_server.domain.selection import Placement
from kpi_server.domain.trend import Change, change
from kpi_server.domain.unit import Unit, UnitKind

_PRINTED: Final = re.compile(rf"(?<![A-Za-z0-9.,]){NUMBER}")  # not the 95 of "P95"
_ATTACHED: Final = re.compile(NUMBER)
_RANKS: Final = MappingProxyType({placement: placement.rank for placement in Placement})
_PERCENT: Final = Decimal("0.01")
_LOOSE: Final = re.compile(r"[\s/+*-]")

_Stated = TypeVar("_Stated", bound=Statement)


class Aspect(StrEnum):
    """What is compared: reported figures or targets with what is printed beside them, or with recorded measures."""

    FIGURE = "FIGURE"
    TARGET = "TARGET"
    COMPUTED = "COMPUTED"


@dataclass(frozen=True)
class Reconciliation:
    """A reported number or word beside the one that its formula gives for the inputs printed with it, or recorded.

    `formula` has the keys of printed inputs or the words of recorded ones, `working` what they are. `difference` is
    reported less calculated, None for words; numbers agree when it is no more than `tolerance`, the rounding of the
    reported number. `completeness` and `stale` are those of a computed value.
    """

    kpi: str
    unit: Unit
    aspect: Aspect
    formula: str
    working: str
    reported: Side
    calculated: Side
    inputs: tuple[tuple[str, Side], ...]
    segment: str = ""
    period: str | None = None
    difference: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    completeness: Completeness | None = None
    stale: bool = False

    @property
    def agrees(self) -> bool:
        """True if rounding explains the difference, or the words are the same."""
        if self.difference is None:
            return tidy(self.reported.text).casefold() == self.calculated.text.casefold()
        return abs(self.difference) <= self.tolerance

    @property
    def change(self) -> Change | None:
        """What the reported number differs by: in points of ratios and points, else relative; None for words."""
        reported, calculated = self.reported.value, self.calculated.value
        return None if reported is None or calculated is None else change(reported, calculated, self.unit)


def rounding(text: str, value: Decimal, unit: Unit) -> Decimal:
    """Half a unit of the last digit printed, in the measure of the value; zero for a text without digits.

    >>> from kpi_server.domain.unit import parse_unit
    >>> rounding("$5.8M", Decimal(5800000), parse_unit("MONEY(USD)"))
    Decimal('50000.0')
    >>> rounding("3.2%", Decimal("0.032"), parse_unit("RATIO"))
    Decimal('0.0005')
    """
    words = tidy(text)
    match = _PRINTED.search(words) or _ATTACHED.search(words)
    if match is None:
        return Decimal(0)
    digits = match.group().replace(",", "")
    number = Decimal(digits)
    factor = divide(abs(value), number) if number and value else None
    if factor is None:
        factor = _PERCENT if unit.kind is UnitKind.RATIO else Decimal(1)
    decimals = len(digits.partition(".")[2])
    with precise():
        return Decimal("0.5").scaleb(-decimals) * factor


def binding(statements: Iterable[_Stated]) -> _Stated | None:
    """The statement that counts in its document: the KPI's own section and row first, then the one printed last."""
    return max(
        statements,
        key=lambda stated: (not stated.is_aside, -_RANKS[stated.placement], stated.place.line or 0, stated.side.text),
        default=None,
    )


def reconcile(
    kpis: Mapping[str, StatedKpi],
    figures: Iterable[StatedFigure],
    targets: Iterable[StatedTarget],
    *,
    formulas: Formulas,
) -> list[Reconciliation]:
    """Every comparison that can be made: of one document, period and segment, with all inputs printed there.

    Figures that are open upwards, ranges, and steps towards a target are left out; so are amounts of different
    currencies.
    """
    exact = (figure for figure in figures if figure.is_exact)
    whole = (target for target in targets if not target.step and target.target.multiple is None)
    return [
        *_reconciled(kpis, exact, formulas, Aspect.FIGURE),
        *_reconciled(kpis, whole, formulas, Aspect.TARGET),
    ]


def _reconciled(
    kpis: Mapping[str, StatedKpi], statements: Iterable[Statement], formulas: Formulas, aspect: Aspect
) -> Iterator[Reconciliation]:
    for (_, period, segment), sides in _cells(kpis, statements):
        numbers = [key for key, side in sides.items() if side.value is not None]
        for key in sorted(sides):
            tree = formulas.of(key, numbers)
            if tree is not None and _one_currency(kpis, (key, *_inputs(tree))):
                compared = _comparison(kpis[key], tree, sides, aspect)
                if compared is not None:
                    yield replace(compared, period=period or None, segment=segment)


def _inputs(tree: Tree) -> list[str]:
    return [read.slot for read in reads(tree)]


def _cells(
    kpis: Mapping[str, StatedKpi], statements: Iterable[Statement]
) -> list[tuple[tuple[str, str, str], dict[str, Side]]]:
    """For each document, period and segment what is stated there of each KPI: a number, or words where they count."""
    cells: defaultdict[tuple[str, str, str], defaultdict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for stated in statements:
        kpi = kpis.get(stated.kpi)
        if kpi is not None and (stated.side.value is not None or kpi.unit.kind is UnitKind.TEXT):
            cells[stated.place.document or "", stated.period or "", stated.segment][stated.kpi].append(stated)
    return [
        (cell, {kpi: bound.side for kpi, group in cells[cell].items() if (bound := binding(group)) is not None})
        for cell in sorted(cells)
    ]


def _one_currency(kpis: Mapping[str, StatedKpi], keys: Iterable[str]) -> bool:
    return len({kpis[key].unit.currency for key in keys} - {None}) <= 1


def _comparison(kpi: StatedKpi, tree: Tree, sides: Mapping[str, Side], aspect: Aspect) -> Reconciliation | None:
    """What is reported beside what the formula gives; None where it gives nothing, or words for a number."""
    inputs = tuple((key, sides[key]) for key in _inputs(tree))
    outcome = evaluate(tree, {key: side.value for key, side in inputs if side.value is not None})
    working = worked(tree, {key: side.text for key, side in inputs})
    compared = Reconciliation(
        kpi.key,
        kpi.unit,
        aspect,
        worded(tree, {}),
        working,
        sides[kpi.key],
        Side(working, None, inputs[0][1].place),
        inputs,
    )
    return against(compared, outcome)


def against(compared: Reconciliation, outcome: Outcome) -> Reconciliation | None:
    """The comparison with what came of the formula; None where that is nothing, or words for a number.

    This is the one rule of how a reported number is held against a calculated one.
    """
    reported, calculated = compared.reported, compared.calculated
    match outcome, reported.value:
        case Decimal(), Decimal():
            outcome = Decimal(plain(outcome))
            with precise():
                difference = reported.value - outcome
            tolerance = rounding(reported.text, reported.value, compared.unit)
            calculated = replace(calculated, value=outcome)
            return replace(compared, calculated=calculated, difference=difference, tolerance=tolerance)
        case str(), None:
            return replace(compared, calculated=replace(calculated, text=outcome))
        case _:
            return None


def worked(tree: Tree, words: Mapping[str, str]) -> str:
    """The formula with the words of its inputs, by slot: "$35K ÷ $6.8K"."""
    return worded(tree, {slot: _within_formula(text) for slot, text in words.items()})


def _within_formula(text: str) -> str:
    """A text among signs: in brackets where it has signs of its own.

    >>> _within_formula("$6.8K"), _within_formula("120/month")
    ('$6.8K', '(120/month)')
    """
    return f"({text})" if _LOOSE.search(text) else text
