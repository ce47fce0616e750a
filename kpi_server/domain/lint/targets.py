"""The rule about targets: one KPI should have one."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import pairwise
from typing import Final

from kpi_server.domain.lint.facts import Framework
from kpi_server.domain.lint.finding import Finding, FindingSeverity, LintRule
from kpi_server.domain.quantity import tidy
from kpi_server.domain.reconciliation.comparing import binding
from kpi_server.domain.reconciliation.statements import StatedTarget
from kpi_server.domain.target import Operator

_FLOORS: Final = frozenset({Operator.AT_LEAST, Operator.MORE_THAN})
_CEILINGS: Final = frozenset({Operator.AT_MOST, Operator.LESS_THAN})


def two_targets(framework: Framework) -> Iterator[Finding]:
    """KPIs with different targets for one segment, period and step, in one document or in two."""
    cells: defaultdict[tuple[str, str, str, str], list[StatedTarget]] = defaultdict(list)
    for target in framework.targets:
        if target.place.document is not None:
            cells[target.kpi, target.segment, target.period or "", target.step].append(target)
    for group in cells.values():
        yield from _within(framework, group)
        yield from _between(framework, group)


def _by_document(group: list[StatedTarget]) -> dict[str, list[StatedTarget]]:
    documents: defaultdict[str, list[StatedTarget]] = defaultdict(list)
    for target in sorted(
        group, key=lambda target: (target.place.document or "", target.place.line or 0, target.target.text)
    ):
        documents[target.place.document or ""].append(target)
    return documents


def _within(framework: Framework, group: list[StatedTarget]) -> Iterator[Finding]:
    """The first target of a document beside each other one that differs from all before."""
    for targets in _by_document(group).values():
        seen = {_bound(targets[0])}
        for target in targets[1:]:
            if _bound(target) not in seen:
                seen.add(_bound(target))
                yield _finding(framework, targets[0], target, severity=FindingSeverity.ERROR)


def _between(framework: Framework, group: list[StatedTarget]) -> Iterator[Finding]:
    """What counts in one document beside what counts in the next."""
    counting = [found for targets in _by_document(group).values() if (found := binding(targets)) is not None]
    for first, second in pairwise(counting):
        if _bound(first) != _bound(second):
            yield _finding(framework, first, second, severity=FindingSeverity.INFO)


def _bound(stated: StatedTarget) -> Hashable:
    """What has to be equal for two targets to be one; "75+" and ">= 75" are, and so are "12 h" and "< 12 h"."""
    target = stated.target
    if target.operator is Operator.TEXT:
        return tidy(target.text).casefold()
    if target.operator is Operator.BETWEEN:
        return (target.low, target.high)
    side = "floor" if target.operator in _FLOORS else "ceiling" if target.operator in _CEILINGS else "equal"
    return (side, target.value if target.multiple is None else (target.multiple, stated.of_kpi))


def _finding(framework: Framework, first: StatedTarget, second: StatedTarget, *, severity: FindingSeverity) -> Finding:
    kpi = framework.kpis[first.kpi]
    of_part = f" for {first.segment}" if first.segment else ""
    message = (
        f"{kpi.name}: the target{of_part} is {first.target.text} ({first.place}) "
        f"and {second.target.text} ({second.place})"
    )
    return Finding(LintRule.TARGETS, severity, message, kpi.key, first.side, second.side)
