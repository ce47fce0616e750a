"""Rules about alert rules and alerts: against the KPIs, their targets and their figures."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import format_value
from kpi_server.domain.lint.facts import VALUE, Framework, StandingAlert, StatedRule
from kpi_server.domain.lint.finding import Finding, FindingSeverity, LintRule
from kpi_server.domain.precision import divide, precise
from kpi_server.domain.quantity import NUMBER, tidy
from kpi_server.domain.reconciliation.comparing import rounding
from kpi_server.domain.reconciliation.statements import Side, StatedTarget
from kpi_server.domain.status import Colour
from kpi_server.domain.target import Operator
from kpi_server.domain.unit import Unit, UnitKind

_NO_KPI: Final = Side("no KPI")
_FLOORS: Final = frozenset({Operator.AT_LEAST, Operator.MORE_THAN})
_CEILINGS: Final = frozenset({Operator.AT_MOST, Operator.LESS_THAN})
_DISTANCE: Final = re.compile(
    rf"\b(?:(?P<short>below|under|short of)|(?:exceed(?:s|ed|ing)?|above|over))\s+(?:the\s+|its\s+)?targets?\s+by\s+"
    rf"(?P<share>{NUMBER})\s?%",
    re.IGNORECASE,
)
_GOOD: Final = frozenset({Colour.GREEN, Colour.BLUE})
_SHARE: Final = Unit(UnitKind.RATIO)


def nameless_rules(framework: Framework) -> Iterator[Finding]:
    """Alert rules that watch nothing the organization manages."""
    for rule in framework.rules:
        if rule.kpi is None:
            message = f"{rule.name}: the alert rule ({rule.place}) names no KPI of the organization: {rule.condition}"
            left = Side(rule.condition, rule.threshold, rule.place)
            yield Finding(LintRule.ALERT_RULE, FindingSeverity.WARNING, message, None, left, _NO_KPI)


def overreaching_rules(framework: Framework) -> Iterator[Finding]:
    """Alert rules that fire although the target is met."""
    for rule in framework.rules:
        target = None if rule.kpi is None else framework.target_of(rule.kpi, rule.place.document)
        if target is not None and rule.transform == VALUE and _fires_beyond(rule, target):
            message = (
                f"{framework.kpis[target.kpi].name}: the alert rule {rule.condition} ({rule.place}) fires "
                f"although the target {target.target.text} ({target.place}) is met"
            )
            left = Side(rule.condition, rule.threshold, rule.place)
            yield Finding(LintRule.ALERT_RULE, FindingSeverity.WARNING, message, target.kpi, left, target.side)


def _fires_beyond(rule: StatedRule, stated: StatedTarget) -> bool:
    """True if a value can meet the target and trip the rule by falling short of a threshold beyond it."""
    bound, operator = stated.target.value, stated.target.operator
    if rule.threshold is None or bound is None:
        return False
    if operator in _FLOORS and rule.operator in _CEILINGS:
        return rule.threshold > bound
    return operator in _CEILINGS and rule.operator in _FLOORS and rule.threshold < bound


def contradicted_alerts(framework: Framework) -> Iterator[Finding]:
    """Alerts that state another distance to the target than their own document's figures have."""
    for alert in framework.alerts:
        match = _DISTANCE.search(tidy(alert.text))
        kpi = None if alert.kpi is None else framework.kpis[alert.kpi]
        # Where less is better, "below target" may praise or blame.
        if match is not None and kpi is not None and kpi.direction is Direction.UP:
            with precise():
                stated = Decimal(match["share"].replace(",", "")) / (-100 if match["short"] else 100)
            yield from _misstated(framework, alert, stated, share=f"{match['share']}%")


def _misstated(framework: Framework, alert: StandingAlert, stated: Decimal, *, share: str) -> Iterator[Finding]:
    kpi = framework.kpis[alert.kpi or ""]
    figure = framework.figure_of(kpi.key, alert.place.document)
    target = framework.target_of(kpi.key, alert.place.document)
    if figure is None or figure.value is None or target is None or target.target.value is None:
        return
    with precise():
        actual = divide(figure.value - target.target.value, target.target.value)
    if actual is None or abs(stated - actual) <= rounding(share, stated, _SHARE):
        return
    words = f"{format_value(abs(actual), _SHARE)} {'below' if actual < 0 else 'above'} target"
    message = f'{kpi.name}: "{alert.name}: {alert.text}" ({alert.place}), but {figure.text} ({figure.place}) of '
    message += f"{target.target.text} ({target.place}) is {words}"
    left = Side(alert.text, stated, alert.place)
    right = Side(f"{figure.text} of {target.target.text}", actual, figure.place)
    yield Finding(LintRule.ALERT_RULE, FindingSeverity.ERROR, message, kpi.key, left, right)


def alert_columns(framework: Framework) -> Iterator[Finding]:
    """Rows whose alert column says None while an alert of the same document names their KPI."""
    for row in framework.rows:
        if (row.alert or "").casefold() != "none":
            continue
        for alert in framework.alerts:
            if alert.kpi == row.kpi and alert.place.document == row.place.document and alert.colour not in _GOOD:
                message = (
                    f'{row.name}: the row says alert "{row.alert}" ({row.place}), but "{alert.name}: {alert.text}" '
                )
                message += f"stands open ({alert.place})"
                sides = (Side(row.alert or "", None, row.place), Side(alert.text, None, alert.place))
                yield Finding(LintRule.ALERT_COLUMN, FindingSeverity.ERROR, message, row.kpi, *sides)
