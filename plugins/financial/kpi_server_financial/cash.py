"""Cash: how it flows, how fast it is spent, and how long it lasts."""

from kpi_server.plugin import Direction, Grain, Symbol, maximum, metric


@metric(name="Cash flow", unit="MONEY", direction=Direction.UP, source="001:38")
def cash_flow(cash_received: Symbol, cash_paid: Symbol) -> Symbol:
    """Cash received less cash paid in the period."""
    return cash_received - cash_paid


@metric(
    name="Burn rate",
    unit="MONEY/month",
    direction=Direction.DOWN,
    source="004:647",
    aliases=("Monthly Burn Rate",),
    grains=(Grain.MONTH,),
    alternative="cash_flow",
)
def burn_rate(expenses: Symbol, revenue: Symbol) -> Symbol:
    """Monthly expenses less monthly revenue: the pace at which cash reserves shrink."""
    return expenses - revenue


@metric(
    name="Runway",
    unit="MONTHS",
    direction=Direction.UP,
    source="004:648",
    grains=(Grain.MONTH,),
    alternative="cash_reserves",
)
def runway(cash_reserves: Symbol, burn_rate: Symbol) -> Symbol:
    """Months that the cash reserves last at the present burn rate."""
    # The document divides the other way round. Without burn the divisor is zero: the reserves last without a limit.
    return cash_reserves / maximum(burn_rate, 0)


@metric(name="Funding raised", unit="MONEY", direction=Direction.UP, source="002:131")
def funding_raised(committed_funding: Symbol) -> Symbol:
    """Capital that investors have committed in the present round."""
    return committed_funding
