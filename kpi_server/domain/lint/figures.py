"""Rules about figures: against their formula, against their light, and against each other."""

from collections import defaultdict
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from kpi_server.domain.figure import format_value
from kpi_server.domain.lint.facts import Framework
from kpi_server.domain.lint.finding import Finding, FindingSeverity, LintRule
from kpi_server.domain.precision import precise
from kpi_server.domain.quantity import tidy
from kpi_server.domain.reconciliation.comparing import Aspect, Reconciliation, binding, reconcile, rounding
from kpi_server.domain.reconciliation.statements import Side, StatedFigure, StatedKpi, StatedTarget
from kpi_server.domain.status import Colour, Status, status
from kpi_server.domain.target import resolve
from kpi_server.domain.unit import UnitKind

_LIGHTS: Final = MappingProxyType(
    {
        "achieved": Colour.GREEN,
        "exceeded": Colour.GREEN,
        "excellent": Colour.GREEN,
        "good": Colour.GREEN,
        "healthy": Colour.GREEN,
        "on target": Colour.GREEN,
        "strong": Colour.GREEN,
        "at risk": Colour.RED,
        "below target": Colour.RED,
        "critical": Colour.RED,
        "missed": Colour.RED,
    }
)
_CONTRADICTIONS: Final = frozenset({(Colour.GREEN, Status.MISSED), (Colour.RED, Status.MET)})


def formulas(framework: Framework) -> Iterator[Finding]:
    """Printed numbers that differ from their formula on the inputs printed beside them by more than rounding."""
    found = reconcile(framework.kpis, framework.figures, framework.targets, formulas=framework.formulas)
    for reconciliation in found:
        if not reconciliation.agrees:
            yield _unreconciled(framework.kpis[reconciliation.kpi], reconciliation)


def _unreconciled(kpi: StatedKpi, reconciliation: Reconciliation) -> Finding:
    reported, calculated = reconciliation.reported, reconciliation.calculated
    of_figure = reconciliation.aspect is Aspect.FIGURE
    working = f'{calculated.text}, by "{reconciliation.working}"'
    if calculated.value is not None:
        working = f"{calculated.text} = {format_value(calculated.value, kpi.unit)}"
    places = ", ".join(str(side.place) for _, side in reconciliation.inputs)
    message = (
        f"{kpi.name}: {'reported as' if of_figure else 'the target is'} {reported.text} ({reported.place}), but "
        f"{'' if of_figure else 'the targets give '}{working} ({places})"
    )
    severity = FindingSeverity.ERROR if of_figure else FindingSeverity.WARNING
    return Finding(LintRule.FORMULA, severity, message, kpi.key, reported, calculated)


def computed(framework: Framework) -> Iterator[Finding]:
    """Reported numbers that differ from what recorded measures give for their cell by more than rounding."""
    for reconciliation in framework.computed:
        if not reconciliation.agrees:
            yield _differing_from_measures(framework.kpis[reconciliation.kpi], reconciliation)


def _differing_from_measures(kpi: StatedKpi, found: Reconciliation) -> Finding:
    """Not grave where the measures are not all known: what is missing may explain the difference."""
    reported, calculated, known = found.reported, found.calculated, found.completeness
    cell = f"{found.period}, {found.segment}" if found.segment else found.period
    by_words = calculated.text if calculated.value is None else format_value(calculated.value, kpi.unit)
    part = "" if known is None or known.complete else f", of {known}"
    message = (
        f"{kpi.name}: reported as {reported.text} ({reported.place}) of {cell}, but {found.formula} is "
        f'{by_words} of recorded measures, by "{found.working}"{part}{_earlier(found)}'
    )
    is_known = known is not None and known.complete and not found.stale
    severity = FindingSeverity.ERROR if is_known else FindingSeverity.WARNING
    return Finding(LintRule.COMPUTED, severity, message, kpi.key, reported, calculated)


def _earlier(found: Reconciliation) -> str:
    return ", with an earlier period's value in place of a missing one" if found.stale else ""


def lights(framework: Framework) -> Iterator[Finding]:
    """Figures printed with a green light, or words that mean one, that miss their target; and red ones that meet it."""
    for figure in framework.figures:
        target = _judging(framework, figure)
        light = _light(figure)
        if target is not None and light is not None:
            derived = _derived(framework, figure, target)
            if (light, derived) in _CONTRADICTIONS:
                yield _wrong_light(framework.kpis[figure.kpi], figure, target, derived=derived)


def _light(figure: StatedFigure) -> Colour | None:
    if figure.colour is not None:
        return figure.colour
    words = tidy(figure.status or "").casefold().partition("(")[0].strip()
    return _LIGHTS.get(words)


def _judging(framework: Framework, figure: StatedFigure) -> StatedTarget | None:
    """The target printed in the figure's own row, else the one that counts in its document."""
    own = binding(framework.targets_in(figure.row, segment=figure.segment))
    target = own or framework.target_of(figure.kpi, figure.place.document, segment=figure.segment)
    return None if target is None or target.period not in {None, figure.period} else target


def _derived(framework: Framework, figure: StatedFigure, stated: StatedTarget) -> Status:
    kpi = framework.kpis[figure.kpi]
    other = None if stated.of_kpi is None else framework.figure_of(stated.of_kpi, figure.place.document)
    return status(
        resolve(stated.target, None if other is None else other.value),
        figure.value,
        unit=kpi.unit,
        text=figure.text if kpi.unit.kind is UnitKind.TEXT else None,
        near=kpi.near,
        acceptable=kpi.acceptable,
    )


def _wrong_light(kpi: StatedKpi, figure: StatedFigure, target: StatedTarget, *, derived: Status) -> Finding:
    printed = " ".join(word for word in (figure.colour, figure.status and f'"{figure.status}"') if word)
    message = (
        f"{kpi.name}: {figure.text} is printed as {printed} ({figure.place}), but against the target "
        f"{target.target.text} ({target.place}) it is {derived}"
    )
    return Finding(LintRule.STATUS, FindingSeverity.WARNING, message, kpi.key, figure.side, target.side)


def values(framework: Framework) -> Iterator[Finding]:
    """KPIs with two different figures for one period and segment in one document."""
    cells: defaultdict[tuple[str, str, str, str], list[StatedFigure]] = defaultdict(list)
    for figure in framework.figures:
        document = figure.place.document
        if document is not None and figure.value is not None and figure.is_exact:
            cells[figure.kpi, document, figure.period or "", figure.segment].append(figure)
    for group in cells.values():
        if len(group) > 1:
            yield from _differing(framework, group)


def _differing(framework: Framework, group: list[StatedFigure]) -> Iterator[Finding]:
    first = binding(group) or group[0]
    seen = [first.side]
    for figure in sorted(group, key=lambda figure: (figure.place.line or 0, figure.text)):
        kpi = framework.kpis[figure.kpi]
        if not any(_same(kpi, side, figure.side) for side in seen):
            message = f"{kpi.name}: {seen[0].text} ({seen[0].place}) and {figure.text} ({figure.place}) for one period"
            yield Finding(LintRule.VALUE, FindingSeverity.ERROR, message, kpi.key, seen[0], figure.side)
            seen.append(figure.side)


def _same(kpi: StatedKpi, first: Side, second: Side) -> bool:
    """True if rounding explains the difference of two figures."""
    if first.value is None or second.value is None:
        return False
    coarser = max(rounding(side.text, side.value or first.value, kpi.unit) for side in (first, second))
    with precise():
        return abs(first.value - second.value) <= coarser
