"""Explanations: the rule that gave a status, in a sentence."""

from decimal import Decimal
from typing import assert_never

from kpi_server.domain.figure import format_value
from kpi_server.domain.status import Near, NearKind, Status
from kpi_server.domain.unit import Unit, UnitKind

_RATIO = Unit(UnitKind.RATIO)


def status_rule(
    status: Status, *, attained: Decimal | None, near: Near | None, acceptable: Decimal | None, unit: Unit
) -> str:
    """The rule by which a status was given, with the numbers it compared.

    `attained` is the attainment (None: it cannot be said), `near` the tolerance that was applied (None: no target),
    `acceptable` the KPI's own lowest acceptable attainment, `unit` the KPI's, in which a distance is said.

    >>> share, ratio = Near(NearKind.SHARE, Decimal("0.95")), Unit(UnitKind.RATIO)
    >>> status_rule(Status.MISSED, attained=Decimal("0.85"), near=share, acceptable=None, unit=ratio)
    '85 % of the target is attained; less than 95 % is missed.'
    >>> status_rule(Status.ACCEPTABLE, attained=Decimal("0.9"), near=share, acceptable=Decimal("0.9"), unit=ratio)
    '90 % of the target is attained; this KPI accepts 90 % and more.'
    """
    match status:
        case Status.NO_TARGET:
            return "No target is active."
        case Status.NOT_YET_DUE:
            return "The last day to reach the target is not over."
        case Status.NO_DATA:
            return "There is no value to compare with the target."
        case Status.MET:
            return "The value reaches the target."
        case Status.ACCEPTABLE:
            least = format_value(acceptable or Decimal(0), _RATIO)
            return f"{_attained(attained or Decimal(0))}; this KPI accepts {least} and more."
        case Status.NEAR_MISS | Status.MISSED:
            return _miss(status, attained, near, unit)
        case _:
            assert_never(status)


def _miss(status: Status, attained: Decimal | None, near: Near | None, unit: Unit) -> str:
    """Words miss a target without any distance to it."""
    if attained is None or near is None:
        return "The value does not reach the target."
    return f"{_attained(attained)}; {_bound(near, unit, is_near=status is Status.NEAR_MISS)}."


def _attained(attained: Decimal) -> str:
    return f"{format_value(attained, _RATIO)} of the target is attained"


def _bound(near: Near, unit: Unit, *, is_near: bool) -> str:
    """The tolerance as seen from the side on which the value is."""
    match near.kind:
        case NearKind.SHARE:
            bound = format_value(near.amount, _RATIO)
            return f"{bound} and more is near" if is_near else f"less than {bound} is missed"
        case NearKind.DISTANCE:
            bound = format_value(near.amount, unit)
            return f"at most {bound} away is near" if is_near else f"more than {bound} away is missed"
        case NearKind.ERROR_BUDGET:
            bound = format_value(near.amount, _RATIO)
            side = "up to" if is_near else "more than"
            return f"{side} {bound} beyond the error budget is {'near' if is_near else 'missed'}"
        case _:
            assert_never(near.kind)
