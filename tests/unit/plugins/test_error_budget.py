"""The error budget of the technical family: what is allowed, used and left, and how fast it burns."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

budgets = pytest.importorskip("kpi_server_technical.error_budget")

pytestmark = pytest.mark.families

DAY = 86400
SECONDS = st.integers(1, 366 * DAY).map(Decimal)
OBJECTIVES = st.decimals("0.5", "0.99999", places=5)


def known(number: str | None) -> Decimal | None:
    return None if number is None else Decimal(number)


@pytest.mark.parametrize(
    ("objective", "elapsed_days", "downtime", "allowed", "left", "used_share", "burn_rate"),
    [
        ("0.999", 30, 648, "2592", "1944", "0.25", "0.25"),  # 43.2 minutes a month, a quarter of them used
        ("0.999", 10, 864, "2592", "1728", "0.3333333333333333333333333333333333", "1"),
        ("0.999", 10, 1728, "2592", "864", "0.6666666666666666666666666666666667", "2"),
        ("0.999", 30, 5184, "2592", "-2592", "2", "2"),  # twice what was allowed
        ("0.999", 30, 0, "2592", "2592", "0", "0"),
        ("1", 30, 60, "0", "-60", None, None),  # nothing is allowed, so 60 s are no share of it
        ("0.999", 0, 0, "2592", "2592", "0", None),  # no time has passed
    ],
)
def test_a_budget_of_thirty_days(
    objective: str,
    elapsed_days: int,
    downtime: int,
    allowed: str,
    left: str,
    used_share: str | None,
    burn_rate: str | None,
) -> None:
    found = budgets.error_budget(
        objective=Decimal(objective),
        planned=Decimal(30 * DAY),
        elapsed=Decimal(elapsed_days * DAY),
        downtime=Decimal(downtime),
    )
    assert (found.allowed, found.used, found.left) == (Decimal(allowed), downtime, Decimal(left))
    assert (found.used_share, found.burn_rate) == (known(used_share), known(burn_rate))


@given(objective=OBJECTIVES, planned=SECONDS, elapsed=SECONDS, downtime=SECONDS)
def test_a_burn_rate_of_one_uses_the_budget_up_with_the_period(
    objective: Decimal, planned: Decimal, elapsed: Decimal, downtime: Decimal
) -> None:
    found = budgets.error_budget(objective=objective, planned=planned, elapsed=elapsed, downtime=downtime)
    assert found.used + found.left == found.allowed
    assert abs(found.burn_rate * elapsed - found.used_share * planned) <= planned * Decimal("1e-20")
    assert (found.left < 0) is (found.used_share > 1)
