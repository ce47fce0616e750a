"""Error budgets: what an availability objective allows to fail in a period, and how fast that is used up.

Source: Beyer and others, Site Reliability Engineering (O'Reilly 2016), chapter 3, and The Site Reliability Workbook
(O'Reilly 2018), chapter 5 for the burn rate.
"""

from dataclasses import dataclass
from decimal import Decimal

from kpi_server.domain.frame import Completeness
from kpi_server.domain.precision import divide, precise


@dataclass(frozen=True)
class ErrorBudget:
    """All times are in seconds.

    Attributes:
        allowed: What the objective allows in the whole period.
        used: The downtime so far.
        left: What of the allowed is not used; negative when more failed than was allowed.
        used_share: Used of allowed; 1 = all of it. None where nothing is allowed.
        burn_rate: How fast it is used: at 1 the budget ends with the period, at 2 after half of it. None before the
            period's first second and where nothing is allowed.
    """

    allowed: Decimal
    used: Decimal
    left: Decimal
    used_share: Decimal | None
    burn_rate: Decimal | None


def to_the_end(elapsed: Decimal, completeness: Completeness | None) -> Decimal:
    """The service time of a whole period, of which only this much is known yet: each part is taken to be alike.

    >>> from kpi_server.domain.period import Grain
    >>> to_the_end(Decimal(864000), Completeness(10, 30, Grain.DAY))
    Decimal('2592000')
    """
    if completeness is None:
        return elapsed
    with precise():
        return elapsed * completeness.of / completeness.known


def error_budget(*, objective: Decimal, planned: Decimal, elapsed: Decimal, downtime: Decimal) -> ErrorBudget:
    """The budget of a period: `planned` is its service time to the end, `elapsed` that of the part that is over.

    >>> month = Decimal(2592000)  # 30 days, of which 10 are over
    >>> budget = error_budget(objective=Decimal("0.999"), planned=month, elapsed=month / 3, downtime=Decimal(1728))
    >>> budget.allowed, budget.left, budget.burn_rate
    (Decimal('2592.000'), Decimal('864.000'), Decimal('2'))
    """
    with precise():
        may_fail = 1 - objective
        allowed = planned * may_fail
        left = allowed - downtime
        spent = elapsed * may_fail
    return ErrorBudget(allowed, downtime, left, divide(downtime, allowed), divide(downtime, spent))
