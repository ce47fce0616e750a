"""Rules about who answers for a KPI, and about the scores they get."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from kpi_server.domain.lint.facts import Framework, StatedScore
from kpi_server.domain.lint.finding import Finding, FindingSeverity, LintRule
from kpi_server.domain.precision import plain, precise
from kpi_server.domain.reconciliation.comparing import rounding
from kpi_server.domain.reconciliation.statements import Side
from kpi_server.domain.unit import Unit, UnitKind

_NOBODY: Final = Side("no owner")
_POINTS: Final = Unit(UnitKind.SCORE)


def missing_owners(framework: Framework) -> Iterator[Finding]:
    """KPIs that nobody answers for."""
    for kpi in framework.kpis.values():
        if not kpi.has_owner:
            message = f"{kpi.name} ({kpi.place}) has no owner"
            yield Finding(
                LintRule.OWNER, FindingSeverity.WARNING, message, kpi.key, Side(kpi.name, None, kpi.place), _NOBODY
            )


def scores(framework: Framework) -> Iterator[Finding]:
    """Overall scores that are not the mean of the departments' scores beside them.

    A mean may be weighted, which is a warning; outside the departments' range no weights can explain it.
    """
    for overall in framework.scores:
        parts = [
            score
            for score in framework.scores
            if score.is_department and score.value is not None and score.place.document == overall.place.document
        ]
        if overall.is_overall and overall.value is not None and parts:
            yield from _unsummed(overall, overall.value, sorted(parts, key=lambda score: score.place.line or 0))


def _unsummed(overall: StatedScore, value: Decimal, parts: Sequence[StatedScore]) -> Iterator[Finding]:
    points = [part.value for part in parts if part.value is not None]
    tolerance = rounding(overall.text, value, _POINTS)
    with precise():
        mean = sum(points, Decimal(0)) / len(points)
        if abs(value - mean) <= tolerance:
            return
        possible = min(points) - tolerance <= value <= max(points) + tolerance
    words = f"({' + '.join(map(plain, points))}) / {len(points)}"
    places = ", ".join(str(part.place) for part in parts)
    message = f"{overall.name}: {overall.text} ({overall.place}), but the departments' mean is {words} = {plain(mean)} "
    message += f"({places})" if possible else f"({places}) and the highest {plain(max(points))}"
    severity = FindingSeverity.WARNING if possible else FindingSeverity.ERROR
    left, right = Side(overall.text, value, overall.place), Side(words, mean, parts[0].place)
    yield Finding(LintRule.SCORE, severity, message, None, left, right)
