"""Comparing printed figures and targets with what their own inputs give."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from kpi_server.domain.precision import divide, precise
from kpi_server.domain.quantity import NUMBER, tidy
from kpi_server.domain.reconciliation.identity import Identity
from kpi_server.domain.reconciliation.statements import (
    Side,
    StatedFigure,
    StatedKpi,
    StatedTarget,
    Statement,
)
from kpi_server.domain.selection import Placement
from kpi_server.domain.unit import Unit, UnitKind

_PRINTED: Final = re.compile(rf"(?<![A-Za-z0-9.,]){NUMBER}")  # not the 95 of "P95"
_ATTACHED: Final = re.compile(NUMBER)
_RANKS: Final = MappingProxyType({placement: placement.rank for placement in Placement})
_PERCENT: Final = Decimal("0.01")

_Stated = TypeVar("_Stated", bound=Statement)


class Aspect(StrEnum):
    """What is compared: reported figures, or targets."""

    FIGURE = "FIGURE"
    TARGET = "TARGET"


@dataclass(frozen=True)
class Reconciliation:
    """A printed number beside the one that its formula gives for the inputs printed with it.

    `difference` is reported less calculated; both agree when it is no more than `tolerance`, the rounding of the
    reported number.
    """

    kpi: str
    aspect: Aspect
    identity: Identity
    reported: Side
    calculated: Side
    inputs: tuple[tuple[str, Side], ...]
    difference: Decimal
    tolerance: Decimal

    @property
    def agrees(self) -> bool:
        """True if rounding explains the difference."""
        return abs(self.difference) <= self.tolerance


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
    identities: Mapping[str, Identity],
) -> list[Reconciliation]:
    """Every comparison that can be made: of one document, period and segment, with all inputs printed there.

    Figures that are open upwards, ranges, words, and steps towards a target are left out; so are amounts of
    different currencies.
    """
    exact = (figure for figure in figures if figure.is_exact)
    plain = (target for target in targets if not target.step and target.target.multiple is None)
    return [
        *_reconciled(kpis, exact, identities, Aspect.FIGURE),
        *_reconciled(kpis, plain, identities, Aspect.TARGET),
    ]


def _reconciled(
    kpis: Mapping[str, StatedKpi],
    statements: Iterable[Statement],
    identities: Mapping[str, Identity],
    aspect: Aspect,
) -> Iterator[Reconciliation]:
    for sides in _cells(statements):
        for key, identity in identities.items():
            involved = (key, *identity.inputs)
            if all(kpi in sides and kpi in kpis for kpi in involved) and _one_currency(kpis, involved):
                yield from _comparison(kpis[key], identity, sides, aspect)


def _cells(statements: Iterable[Statement]) -> list[dict[str, Side]]:
    """For each document, period and segment what is stated there of each KPI."""
    cells: defaultdict[tuple[str, str, str], defaultdict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for stated in statements:
        if stated.side.value is not None:
            cells[stated.place.document or "", stated.period or "", stated.segment][stated.kpi].append(stated)
    return [
        {kpi: bound.side for kpi, group in cells[cell].items() if (bound := binding(group)) is not None}
        for cell in sorted(cells)
    ]


def _one_currency(kpis: Mapping[str, StatedKpi], keys: Iterable[str]) -> bool:
    return len({kpis[key].unit.currency for key in keys} - {None}) <= 1


def _comparison(
    kpi: StatedKpi, identity: Identity, sides: Mapping[str, Side], aspect: Aspect
) -> Iterator[Reconciliation]:
    values = {key: side.value for key, side in sides.items() if side.value is not None}
    result, reported = identity.evaluate(values), sides[kpi.key]
    if result is None or reported.value is None:
        return
    text = identity.spelled({key: sides[key].text for key in identity.inputs})
    with precise():
        difference = reported.value - result
    yield Reconciliation(
        kpi=kpi.key,
        aspect=aspect,
        identity=identity,
        reported=reported,
        calculated=Side(text, result, sides[identity.inputs[0]].place),
        inputs=tuple((key, sides[key]) for key in identity.inputs),
        difference=difference,
        tolerance=rounding(reported.text, reported.value, kpi.unit),
    )
