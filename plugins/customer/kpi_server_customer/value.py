"""How soon customers get what they came for, and how well they fare."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, of, parse_unit

MEASURES = (
    Measure(
        key="value_wait_total",
        name="Sum of times to value",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from signup to the first business value, added up over the customers who reached it.",
        source="004:117",
    ),
    Measure(
        key="customers_at_value",
        name="Customers reaching value",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Customers to whom business value was first delivered in the period.",
        source="004:117",
    ),
    Measure(
        key="first_value_wait_total",
        name="Sum of times to first value",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from signup to the first value event, added up over the users who had it.",
        source="004:455",
    ),
    Measure(
        key="users_at_first_value",
        name="Users reaching first value",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who had their first value event in the period.",
        source="004:455",
    ),
    Measure(
        key="onboarding_total",
        name="Sum of onboarding times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time until a new customer was set up, added up over the customers set up in the period.",
        source="004:121",
    ),
    Measure(
        key="customers_onboarded",
        name="Customers onboarded",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Customers whose setup was finished in the period.",
        source="004:121",
    ),
    Measure(
        key="users_at_value_in_a_week",
        name="Users at value within a week",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who joined in the period and had their first value event in less than seven days.",
        source="004:467",
    ),
    Measure(
        key="customer_health",
        name="Customer health",
        unit=parse_unit("SCORE"),
        across=Across.WEIGHTED,
        over_time=OverTime.LAST,
        description="Rating of how likely a customer is to stay and grow.",
        source="003:240",
        weight="customers",
    ),
)


@metric(unit="DURATION", direction=Direction.DOWN, source="004:113", aliases=("TTV",))
def time_to_value(value_wait_total: Symbol, customers_at_value: Symbol) -> Symbol:
    """Average time from a customer's signup to the first meaningful business outcome."""
    return value_wait_total / customers_at_value


@metric(unit="DURATION", direction=Direction.DOWN, source="004:455", aliases=("TTFV",))
def time_to_first_value(first_value_wait_total: Symbol, users_at_first_value: Symbol) -> Symbol:
    """Average time from a user's signup to the first measurable outcome."""
    return first_value_wait_total / users_at_first_value


@metric(unit="DURATION", direction=Direction.DOWN, source="004:129", aliases=("Enterprise Onboarding",))
def onboarding_time(onboarding_total: Symbol, customers_onboarded: Symbol) -> Symbol:
    """Average time until a new customer is fully set up."""
    return onboarding_total / customers_onboarded


@metric(unit="RATIO", direction=Direction.UP, source="004:467", inputs={"users_joined": of("product.users_joined")})
def fast_value_share(users_at_value_in_a_week: Symbol, users_joined: Symbol) -> Symbol:
    """Share of users who reach value in less than seven days."""
    return users_at_value_in_a_week / users_joined


@metric(name="Customer health score", unit="SCORE", direction=Direction.UP, source="003:240")
def health_score(customer_health: Symbol) -> Symbol:
    """Rating of how likely a customer is to stay and grow."""
    return customer_health


METRICS = (time_to_value, time_to_first_value, onboarding_time, fast_value_share, health_score)
