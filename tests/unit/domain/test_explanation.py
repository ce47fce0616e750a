"""The rule that gave a status, in a sentence that names the numbers it compared."""

from decimal import Decimal

import pytest

from kpi_server.domain.explanation import status_rule
from kpi_server.domain.status import NEAR_BUDGET, NEAR_SHARE, Near, NearKind, Status
from kpi_server.domain.unit import Unit, UnitKind

RATIO, DURATION = Unit(UnitKind.RATIO), Unit(UnitKind.DURATION)
MINUTES = Near(NearKind.DISTANCE, Decimal(120))


@pytest.mark.parametrize(
    ("status", "attained", "near", "unit", "sentence"),
    [
        ("NO_TARGET", None, None, RATIO, "No target is active."),
        ("NOT_YET_DUE", "0.4", NEAR_SHARE, RATIO, "The last day to reach the target is not over."),
        ("NO_DATA", None, NEAR_SHARE, RATIO, "There is no value to compare with the target."),
        ("MET", "1.2", NEAR_SHARE, RATIO, "The value reaches the target."),
        # 000:35, 000:28 and 000:14
        ("ACCEPTABLE", "0.9", NEAR_SHARE, RATIO, "90 % of the target is attained; this KPI accepts 80 % and more."),
        ("NEAR_MISS", "0.97", NEAR_SHARE, RATIO, "97 % of the target is attained; 95 % and more is near."),
        ("MISSED", "0.85", NEAR_SHARE, RATIO, "85 % of the target is attained; less than 95 % is missed."),
        ("NEAR_MISS", "0.97", MINUTES, DURATION, "97 % of the target is attained; at most 2 min away is near."),
        ("MISSED", "0.5", MINUTES, DURATION, "50 % of the target is attained; more than 2 min away is missed."),
        (
            "NEAR_MISS",
            "0.999",
            NEAR_BUDGET,
            RATIO,
            "99.9 % of the target is attained; up to 5 % beyond the error budget is near.",
        ),
        (
            "MISSED",
            "0.99",
            NEAR_BUDGET,
            RATIO,
            "99 % of the target is attained; more than 5 % beyond the error budget is missed.",
        ),
        ("MISSED", None, NEAR_SHARE, RATIO, "The value does not reach the target."),
    ],
)
def test_a_status_names_its_rule(status, attained, near, unit, sentence):
    exact = None if attained is None else Decimal(attained)
    assert status_rule(Status(status), attained=exact, near=near, acceptable=Decimal("0.80"), unit=unit) == sentence
