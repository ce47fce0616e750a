"""Sales: bookings, deals, contracts, the pipeline and the quota."""

from kpi_server.plugin import Direction, Grain, Symbol, metric, previous


@metric(
    name="Bookings growth",
    unit="RATIO",
    direction=Direction.UP,
    source="003:115",
    inputs={"before": previous("new_bookings")},
)
def bookings_growth(new_bookings: Symbol, before: Symbol) -> Symbol:
    """Growth of newly signed bookings over the preceding period."""
    return (new_bookings - before) / before


@metric(name="Average deal size", unit="MONEY", direction=Direction.UP, source="001:28", aliases=("Deal Size",))
def average_deal_size(closed_deal_value: Symbol, closed_deals: Symbol) -> Symbol:
    """Mean value of a closed deal."""
    return closed_deal_value / closed_deals


@metric(name="Average contract value", unit="MONEY", direction=Direction.UP, source="003:63", aliases=("ACV",))
def average_contract_value(annual_contract_value: Symbol, active_contracts: Symbol) -> Symbol:
    """Mean yearly value of a customer contract."""
    return annual_contract_value / active_contracts


@metric(name="Contract duration", unit="MONTHS", direction=Direction.UP, source="004:98")
def contract_duration(contracted_months: Symbol, active_contracts: Symbol) -> Symbol:
    """Average length of a customer contract."""
    return contracted_months / active_contracts


@metric(name="Pipeline value", unit="MONEY", direction=Direction.UP, source="001:29")
def pipeline_value(open_pipeline: Symbol) -> Symbol:
    """Total value of the open sales opportunities."""
    return open_pipeline


@metric(
    name="Pipeline velocity",
    unit="MONEY/month",
    direction=Direction.UP,
    source="003:64",
    grains=(Grain.MONTH,),
    alternative="progressed_pipeline",
)
def pipeline_velocity(progressed_pipeline: Symbol) -> Symbol:
    """Value that moves through the sales pipeline in a month."""
    return progressed_pipeline


@metric(name="Quota attainment", unit="RATIO", direction=Direction.UP, source="003:654")
def quota_attainment(closed_deal_value: Symbol, sales_quota: Symbol) -> Symbol:
    """Share of the sales quota that was reached."""
    return closed_deal_value / sales_quota
