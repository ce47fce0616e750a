"""Findings: two statements that do not fit together, or one that lacks its counterpart."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kpi_server.domain.precision import precise
from kpi_server.domain.reconciliation.statements import Side


class LintRule(StrEnum):
    """What a finding breaks, in the order in which findings are listed."""

    FORMULA = "FORMULA"
    COMPUTED = "COMPUTED"
    STATUS = "STATUS"
    TARGETS = "TARGETS"
    ALERT_RULE = "ALERT_RULE"
    OWNER = "OWNER"
    SCORE = "SCORE"
    ALERT_COLUMN = "ALERT_COLUMN"
    VALUE = "VALUE"


class FindingSeverity(StrEnum):
    """ERROR: both sides cannot be right. WARNING: somebody should decide. INFO: worth knowing."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


@dataclass(frozen=True)
class Finding:
    """One finding with both sides; `kpi` is None where it is about no KPI.

    >>> row, tile = Side("12%", Decimal("0.12")), Side("18%", Decimal("0.18"))
    >>> Finding(LintRule.VALUE, FindingSeverity.ERROR, "two figures", "financial.revenue_growth", row, tile).difference
    Decimal('-0.06')
    """

    rule: LintRule
    severity: FindingSeverity
    message: str
    kpi: str | None
    left: Side
    right: Side

    @property
    def difference(self) -> Decimal | None:
        """Left less right; None unless both are numbers."""
        if self.left.value is None or self.right.value is None:
            return None
        with precise():
            return self.left.value - self.right.value
