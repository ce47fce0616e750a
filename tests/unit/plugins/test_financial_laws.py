"""What holds between the financial metrics whatever the figures are."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.decimals import Outcome
from kpi_server.domain.frame import frame_of
from kpi_server.domain.period import parse_period
from kpi_server.domain.rollup import Additivity, Recorded, roll_up
from kpi_server.domain.segment import WHOLE
from kpi_server.registry import Registry

AMOUNTS = st.decimals(0, 10**9, places=2)
POSITIVE = st.decimals("0.01", 10**9, places=2)
SIGNED = st.decimals(-(10**9), 10**9, places=2)
ROUNDED = Decimal("1e-12")
MOVEMENTS = ("new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr")


def _calculate(registry: Registry, key: str, **amounts: Decimal) -> Outcome:
    return registry.calculators[f"financial.{key}"].evaluate(amounts)


def _number(registry: Registry, key: str, **amounts: Decimal) -> Decimal:
    outcome = _calculate(registry, key, **amounts)
    assert isinstance(outcome, Decimal), outcome
    return outcome


@given(opening=POSITIVE, new=AMOUNTS, expansion=AMOUNTS, contraction=AMOUNTS, churned=AMOUNTS)
def test_what_closes_is_what_was_kept_and_what_is_new(
    registry: Registry, opening: Decimal, new: Decimal, expansion: Decimal, contraction: Decimal, churned: Decimal
) -> None:
    lost = {"opening_mrr": opening, "contraction_mrr": contraction, "churned_mrr": churned}
    closing = _number(registry, "closing_mrr", **lost, expansion_mrr=expansion, new_mrr=new)
    net = _number(registry, "net_revenue_retention", **lost, expansion_mrr=expansion)
    gross = _number(registry, "gross_revenue_retention", **lost)
    assert abs(closing - new - opening * net) <= opening * ROUNDED
    assert gross <= 1
    assert gross <= net


@given(reserves=AMOUNTS, burn=SIGNED)
def test_reserves_last_for_a_time_only_while_they_are_spent(
    registry: Registry, reserves: Decimal, burn: Decimal
) -> None:
    runway = _calculate(registry, "runway", cash_reserves=reserves, burn_rate=burn)
    if burn > 0:
        assert isinstance(runway, Decimal)
        assert abs(runway * burn - reserves) <= burn * ROUNDED
    else:
        assert isinstance(runway, Absent)
        assert runway.absence is Absence.UNDEFINED


@given(cac=POSITIVE, value=POSITIVE, margin=st.decimals(-1, 1, places=4))
def test_a_cost_comes_back_only_with_a_margin(
    registry: Registry, cac: Decimal, value: Decimal, margin: Decimal
) -> None:
    payback = _calculate(registry, "cac_payback", cac=cac, average_contract_value=value, gross_margin=margin)
    assert isinstance(payback, Decimal if margin > 0 else Absent)
    assert isinstance(payback, Absent) or payback >= 0


@given(clv=SIGNED, cac=POSITIVE, payback=AMOUNTS)
def test_healthy_means_more_than_three_times_the_cost_within_18_months(
    registry: Registry, clv: Decimal, cac: Decimal, payback: Decimal
) -> None:
    verdict = _calculate(registry, "unit_economics_health", clv=clv, cac=cac, cac_payback=payback)
    assert verdict == ("Healthy" if clv > 3 * cac and payback < 18 else "At Risk")


@given(opening=AMOUNTS, movements=st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), min_size=3, max_size=3))
def test_a_quarters_bridge_closes_where_its_last_month_does(
    registry: Registry, opening: Decimal, movements: list[tuple[Decimal, Decimal, Decimal, Decimal]]
) -> None:
    recorded: dict[str, list[Recorded]] = {key: [] for key in ("opening_mrr", *MOVEMENTS)}
    closing = opening
    for month, moved in zip(("2026-04", "2026-05", "2026-06"), movements, strict=True):
        recorded["opening_mrr"].append(Recorded(WHOLE, parse_period(month), closing))
        for key, amount in zip(MOVEMENTS, moved, strict=True):
            recorded[key].append(Recorded(WHOLE, parse_period(month), amount))
        new, expansion, contraction, churned = moved
        closing += new + expansion - contraction - churned
    quarter = {key: _rolled(registry, key, of_months) for key, of_months in recorded.items()}
    assert _number(registry, "closing_mrr", **quarter) == closing


def _rolled(registry: Registry, key: str, of_months: list[Recorded]) -> Decimal:
    measure = registry.measures[f"financial.{key}"]
    rolled = roll_up(
        of_months, WHOLE, frame_of(parse_period("2026-Q2")), Additivity(key, measure.across, measure.over_time)
    )
    assert rolled.value is not None
    return rolled.value
