"""How many customers there are, how many come and how many leave."""

from decimal import Decimal

from kpi_server.plugin import (
    Across,
    Choice,
    Direction,
    Grain,
    Measure,
    OverTime,
    Symbol,
    choose,
    metric,
    of,
    optional,
    parse_unit,
    previous,
)

MEASURES = (
    Measure(
        key="opening_customers",
        name="Customers at the start",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.FIRST,
        description="Customers at the start of the period.",
        source="004:142",
    ),
    Measure(
        key="customers_lost",
        name="Customers lost",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Customers who left in the period.",
        source="004:142",
    ),
    Measure(
        key="customers_won",
        name="Customers won",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Customers who were won in the period.",
        source="001:48",
    ),
    Measure(
        key="customers",
        name="Customers at the end",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Customers at the end of the period.",
        source="003:161",
    ),
    Measure(
        key="monthly_customers",
        name="Average monthly customers",
        unit=parse_unit("COUNT(customer)"),
        across=Across.SUM,
        over_time=OverTime.AVG,
        description="Customers of a month, and of a longer period the average of its months.",
        source="004:143",
    ),
    Measure(
        key="churn_probability",
        name="Churn probability",
        unit=parse_unit("RATIO"),
        across=Across.WEIGHTED,
        over_time=OverTime.LAST,
        description="Probability that a customer leaves, as a model predicts it.",
        source="003:495",
        weight="customers",
    ),
)


@metric(
    name="Churn rate",
    unit="RATIO/month",
    direction=Direction.DOWN,
    source="004:142",
    aliases=("Customer Churn", "Customer Churn Rate", "Monthly Churn Rate"),
    grains=(Grain.MONTH,),
    alternative="annual_churn",
)
def churn(customers_lost: Symbol, opening_customers: Symbol) -> Symbol:
    """Share of the customers at a month's start who left during the month."""
    return customers_lost / opening_customers


@metric(
    name="Annual churn rate",
    unit="RATIO",
    direction=Direction.DOWN,
    source="004:143",
    grains=(Grain.YEAR,),
    alternative="churn",
)
def annual_churn(customers_lost: Symbol, monthly_customers: Symbol) -> Symbol:
    """Share of the year's average customers who left during the year."""
    return customers_lost / monthly_customers


@metric(
    unit="RATIO",
    direction=Direction.DOWN,
    source="004:156",
    inputs={
        "opening_mrr": of("financial.opening_mrr"),
        "churned_mrr": optional("financial.churned_mrr"),
        "contraction_mrr": optional("financial.contraction_mrr"),
    },
    version=2,
)
def revenue_churn(opening_mrr: Symbol, churned_mrr: Symbol, contraction_mrr: Symbol) -> Symbol:
    """Share of recurring revenue lost with customers who left or paid less; what was not recorded did not happen."""
    return (churned_mrr + contraction_mrr) / opening_mrr


@metric(name="Customer retention", unit="RATIO", direction=Direction.UP, source="002:21")
def retention(opening_customers: Symbol, customers_lost: Symbol) -> Symbol:
    """Share of customers who stayed through the period."""
    return (opening_customers - customers_lost) / opening_customers


@metric(unit="TEXT", direction=Direction.NONE, source="003:507")
def churn_risk(churn_probability: Symbol) -> Choice:
    """Level of the risk that a customer leaves: HIGH above 70 %, MEDIUM above 40 %, else LOW."""
    at_most_medium = choose(churn_probability > Decimal("0.4"), "MEDIUM", "LOW")
    return choose(churn_probability > Decimal("0.7"), "HIGH", at_most_medium)


@metric(unit="COUNT(customer)", direction=Direction.UP, source="001:48")
def new_customers(customers_won: Symbol) -> Symbol:
    """Customers won in the period."""
    return customers_won


@metric(unit="COUNT(customer)", direction=Direction.UP, source="003:161")
def total_customers(customers: Symbol) -> Symbol:
    """Customers at the end of the period."""
    return customers


@metric(unit="RATIO", direction=Direction.UP, source="002:180", inputs={"before": previous("customers")})
def customer_growth(customers: Symbol, before: Symbol) -> Symbol:
    """Growth of the number of customers over the preceding period."""
    return (customers - before) / before


@metric(
    unit="COUNT(user)",
    direction=Direction.UP,
    source="004:832",
    aliases=("New user acquisition",),
    inputs={"users_joined": of("product.users_joined")},
)
def user_acquisition(users_joined: Symbol) -> Symbol:
    """Users who joined in the period."""
    return users_joined


METRICS = (
    churn,
    annual_churn,
    revenue_churn,
    retention,
    churn_risk,
    new_customers,
    total_customers,
    customer_growth,
    user_acquisition,
)
