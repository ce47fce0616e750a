"""Status: what a value is worth against its target, and the colour that says so."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, assert_never

from kpi_server.domain.absence import Absence
from kpi_server.domain.precision import precise
from kpi_server.domain.target import Attainment, Operator, Target, attainment, met
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import BadInput


class Status(StrEnum):
    """The derived judgement. Documents' "achieved" is MET or ACCEPTABLE; NO_TARGET is never healthy."""

    NO_TARGET = "NO_TARGET"
    NOT_YET_DUE = "NOT_YET_DUE"
    NO_DATA = "NO_DATA"
    MET = "MET"
    ACCEPTABLE = "ACCEPTABLE"
    NEAR_MISS = "NEAR_MISS"
    MISSED = "MISSED"


class Colour(StrEnum):
    """A light on a board. BLUE is only ever reported by a document, for an opportunity; no status derives it."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    BLUE = "BLUE"
    GREY = "GREY"


class NearKind(StrEnum):
    """How close counts as near: a share of the target, a distance in its unit, or an excess of the error budget."""

    SHARE = "SHARE"
    DISTANCE = "DISTANCE"
    ERROR_BUDGET = "ERROR_BUDGET"


@dataclass(frozen=True)
class Near:
    """The tolerance below which a miss is a near miss.

    SHARE: attainment of at least `amount`. DISTANCE: at most `amount` from the bound. ERROR_BUDGET, for a wished
    fraction T: 1 - value at most (1 - T) * (1 + amount); 99.7 % against 99.9 % spends three budgets and is a miss.
    """

    kind: NearKind
    amount: Decimal

    def __post_init__(self) -> None:
        if not self.amount.is_finite() or self.amount < 0:
            raise BadInput(f"near {self.kind} needs an amount of zero or more, not {self.amount}")


NEAR_SHARE: Final = Near(NearKind.SHARE, Decimal("0.95"))
# One twentieth more than the allowed downtime: for budgets what 0.95 is for shares.
NEAR_BUDGET: Final = Near(NearKind.ERROR_BUDGET, Decimal("0.05"))
_AVAILABILITY_FROM: Final = Decimal("0.99")


def default_near(target: Target, unit: Unit) -> Near:
    """The tolerance of a KPI that states none: 95 % of the target, or the error budget where the target is like one.

    Like an availability is a lower bound of a ratio from 99 % up to, not including, 100 %: there 95 % of the target
    would call a day and a half of downtime a month near.

    >>> default_near(Target("99.9%", Operator.AT_LEAST, Decimal("0.999")), Unit(UnitKind.RATIO)).kind.value
    'ERROR_BUDGET'
    >>> default_near(Target("85%", Operator.AT_LEAST, Decimal("0.85")), Unit(UnitKind.RATIO)).amount
    Decimal('0.95')
    """
    lower_bound = target.operator in {Operator.AT_LEAST, Operator.MORE_THAN}
    if unit.kind is not UnitKind.RATIO or not lower_bound or target.value is None:
        return NEAR_SHARE
    return NEAR_BUDGET if _AVAILABILITY_FROM <= target.value < 1 else NEAR_SHARE


def status(
    target: Target | None,
    value: Decimal | None,
    *,
    unit: Unit,
    text: str | None = None,
    baseline: Decimal | None = None,
    near: Near | None = None,
    acceptable: Decimal | None = None,
    due: bool = True,
) -> Status:
    """The status of a value against its target.

    Without a target NO_TARGET, before the period or the deadline is over NOT_YET_DUE, without a value (or with a
    multiple that is not resolved) NO_DATA. `text` is the value of a KPI measured in words; `near` is the KPI's
    tolerance (None: `default_near`), `acceptable` its own lowest acceptable attainment (None: there is none).

    >>> mau = Target("500K", Operator.AT_LEAST, Decimal(500000))
    >>> status(mau, Decimal(425000), unit=Unit(UnitKind.COUNT)).value
    'MISSED'
    >>> twice = Target("2 deployments per week", Operator.AT_LEAST, Decimal(2))
    >>> status(twice, Decimal("1.8"), unit=Unit(UnitKind.COUNT), acceptable=Decimal("0.90")).value
    'ACCEPTABLE'
    """
    if target is None:
        return Status.NO_TARGET
    if not due:
        return Status.NOT_YET_DUE
    reached = met(target, value, text=text)
    if reached is None:
        return Status.NO_DATA
    if reached:
        return Status.MET
    if value is None:
        return Status.MISSED
    attained = attainment(target, value, baseline=baseline)
    if acceptable is not None and attained.ratio is not None and attained.ratio >= acceptable:
        return Status.ACCEPTABLE
    if _is_near(target, value, attained=attained, near=near or default_near(target, unit)):
        return Status.NEAR_MISS
    return Status.MISSED


def _is_near(target: Target, value: Decimal, *, attained: Attainment, near: Near) -> bool:
    match near.kind:
        case NearKind.SHARE:
            return attained.ratio is not None and attained.ratio >= near.amount
        case NearKind.DISTANCE:
            with precise():
                return any(abs(value - bound) <= near.amount for bound in _ends(target))
        case NearKind.ERROR_BUDGET:
            with precise():
                return target.value is not None and 1 - value <= (1 - target.value) * (1 + near.amount)
        case _:
            assert_never(near.kind)


def _ends(target: Target) -> tuple[Decimal, ...]:
    ends = (target.low, target.high) if target.operator is Operator.BETWEEN else (target.value,)
    return tuple(end for end in ends if end is not None)


def absent_status(absence: Absence) -> Status:
    """The status of a KPI that has a target and, for this reason, no value.

    >>> absent_status(Absence.NOT_YET_DUE).value, absent_status(Absence.UNDEFINED).value
    ('NOT_YET_DUE', 'NO_DATA')
    """
    return Status.NOT_YET_DUE if absence is Absence.NOT_YET_DUE else Status.NO_DATA


def colour(status: Status) -> Colour:
    """The colour of a derived status.

    >>> colour(Status.ACCEPTABLE).value, colour(Status.NO_TARGET).value
    ('GREEN', 'GREY')
    """
    match status:
        case Status.MET | Status.ACCEPTABLE:
            return Colour.GREEN
        case Status.NEAR_MISS:
            return Colour.YELLOW
        case Status.MISSED:
            return Colour.RED
        case Status.NO_TARGET | Status.NO_DATA | Status.NOT_YET_DUE:
            return Colour.GREY
        case _:
            assert_never(status)


def is_achieved(status: Status) -> bool:
    """True for what documents call achieved.

    >>> is_achieved(Status.ACCEPTABLE), is_achieved(Status.NEAR_MISS)
    (True, False)
    """
    return status in {Status.MET, Status.ACCEPTABLE}
