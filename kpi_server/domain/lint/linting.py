"""The list of rules, and the findings of all of them."""

from collections.abc import Callable, Iterator
from typing import Final

from kpi_server.domain.lint.accountability import missing_owners, scores
from kpi_server.domain.lint.alerts import alert_columns, contradicted_alerts, nameless_rules, overreaching_rules
from kpi_server.domain.lint.facts import Framework
from kpi_server.domain.lint.figures import computed, formulas, lights, values
from kpi_server.domain.lint.finding import Finding, LintRule
from kpi_server.domain.lint.targets import two_targets
from kpi_server.domain.reconciliation.statements import Side

RULES: Final[tuple[Callable[[Framework], Iterator[Finding]], ...]] = (
    formulas,
    computed,
    lights,
    two_targets,
    nameless_rules,
    overreaching_rules,
    contradicted_alerts,
    missing_owners,
    scores,
    alert_columns,
    values,
)


def lint(framework: Framework) -> list[Finding]:
    """Every finding: rule by rule, then by document and line; the same for the same facts in whatever order.

    >>> lint(Framework(kpis={}))
    []
    """
    return sorted((finding for rule in RULES for finding in rule(framework)), key=_order)


def _order(finding: Finding) -> tuple[object, ...]:
    order = list(LintRule).index(finding.rule)
    return (order, *_place(finding.left), finding.kpi or "", *_place(finding.right), finding.message)


def _place(side: Side) -> tuple[str, int]:
    place = side.place
    return ("", 0) if place is None else (place.document or "", place.line or 0)
