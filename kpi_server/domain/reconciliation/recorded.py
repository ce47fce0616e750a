"""Comparing reported figures with what is computed from recorded measures for their own segment and period."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from kpi_server.domain.absence import Absent
from kpi_server.domain.calculation import Calculated, Taken, Wanted, inputs_of
from kpi_server.domain.calendar import Calendar
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.domain.expression.decimals import DECIMALS
from kpi_server.domain.expression.tree import Read, reads
from kpi_server.domain.figure import format_value
from kpi_server.domain.period import parse_period
from kpi_server.domain.precision import plain, trimmed
from kpi_server.domain.reconciliation.comparing import Aspect, Reconciliation, against, binding, worked
from kpi_server.domain.reconciliation.formulas import rewritten
from kpi_server.domain.reconciliation.statements import Side, StatedFigure, StatedKpi
from kpi_server.domain.unit import Unit, UnitKind

_ROUNDED: Final = Decimal("0.5").scaleb(-DECIMALS)
"""Half a unit of the last decimal to which values are computed."""


def wanted_values(
    kpis: Mapping[str, StatedKpi],
    figures: Iterable[StatedFigure],
    calculators: Mapping[str, Calculator],
    *,
    calendar: Calendar,
    currency: str,
) -> list[tuple[StatedFigure, Wanted]]:
    """The figures that can be compared, and the value that each is compared with, in the order of their places.

    Of several figures of a document for one period and segment the binding one counts. A figure without a period says
    of no cell what it is the value of; it is left out, as are ranges, figures that are open upwards, and money in
    another currency than the organization's, in which values are computed.
    """
    cells: defaultdict[tuple[str, str, str, str, str], list[StatedFigure]] = defaultdict(list)
    for figure in figures:
        kpi = kpis.get(figure.kpi)
        if kpi is None or figure.kpi not in calculators or figure.period is None or not figure.is_exact:
            continue
        if figure.value is None and kpi.unit.kind is not UnitKind.TEXT:
            continue
        if kpi.unit.currency in {None, currency}:
            place = figure.place
            cells[place.document or "", place.system or "", figure.period, figure.segment, figure.kpi].append(figure)
    bound = (binding(cells[cell]) for cell in sorted(cells))
    return [
        (figure, Wanted(figure.kpi, figure.segment, parse_period(figure.period, calendar)))
        for figure in bound
        if figure is not None and figure.period is not None
    ]


def compared(
    kpi: StatedKpi,
    figure: StatedFigure,
    calculator: Calculator,
    calculated: Calculated,
    unit_of: Callable[[str], Unit | None],
) -> Reconciliation | None:
    """A figure beside the computed value of its cell; None where nothing is computed or recorded there.

    A number that a system sends with all its digits agrees with the computed one, which is rounded to 12 decimals.
    """
    if calculated.completeness is None:
        return None
    read = inputs_of(calculated, calculator)
    inputs = [(reading, _side(taken, unit_of(reading.key))) for reading, taken in read]
    plain_tree = rewritten(calculator.tree, {read.slot: Read(read.slot) for read in reads(calculator.tree)})
    working = worked(plain_tree, {reading.slot: side.text for reading, side in inputs})
    found = Reconciliation(
        kpi=kpi.key,
        unit=kpi.unit,
        aspect=Aspect.COMPUTED,
        formula=calculator.formula,
        working=working,
        reported=figure.side,
        calculated=Side(working),
        inputs=tuple((reading.key, side) for reading, side in inputs),
        segment=figure.segment,
        period=figure.period,
        completeness=calculated.completeness,
        stale=calculated.stale,
    )
    held = against(found, calculated.outcome)
    if held is None or held.difference is None:
        return held
    return replace(held, tolerance=max(held.tolerance, _ROUNDED))


def _side(taken: Taken, unit: Unit | None) -> Side:
    """An input in words; one that may be missing, and is, counts as nothing."""
    value = Decimal(0) if isinstance(taken.amount, Absent) else trimmed(taken.amount)
    return Side(plain(value) if unit is None else format_value(value, unit), value)
