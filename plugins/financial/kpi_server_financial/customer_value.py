"""What a customer costs and brings: lifetime value, acquisition cost, and when the one makes up for the other."""

from kpi_server.plugin import Choice, Direction, Grain, Symbol, choose, maximum, metric, of, year_before


@metric(
    name="MRR per customer",
    unit="MONEY/month",
    direction=Direction.UP,
    source="003:158",
    aliases=("Average revenue per customer", "ARPA"),
    inputs={"customers": of("customer.total_customers")},
)
def mrr_per_customer(mrr: Symbol, customers: Symbol) -> Symbol:
    """Monthly recurring revenue of a customer on average."""
    return mrr / customers


@metric(
    name="Customer lifetime value",
    unit="MONEY",
    direction=Direction.UP,
    source="004:61",
    aliases=("CLV", "LTV"),
    inputs={"churn": of("customer.churn")},
    grains=(Grain.MONTH,),
    alternative="clv_of_orders",
)
def clv(mrr_per_customer: Symbol, gross_margin: Symbol, churn: Symbol) -> Symbol:
    """Revenue expected from a customer over the whole relationship."""
    return mrr_per_customer * gross_margin / churn


@metric(name="Average order value", unit="MONEY", direction=Direction.UP, source="004:60", aliases=("AOV",))
def average_order_value(order_value: Symbol, orders: Symbol) -> Symbol:
    """Mean value of an order."""
    return order_value / orders


@metric(
    name="Purchase frequency",
    unit="MULTIPLE",
    direction=Direction.UP,
    source="004:60",
    inputs={"customers": of("customer.total_customers")},
)
def purchase_frequency(orders: Symbol, customers: Symbol) -> Symbol:
    """Orders of a customer in the period on average."""
    return orders / customers


@metric(
    name="Customer lifetime value from orders",
    unit="MONEY",
    direction=Direction.UP,
    source="004:60",
    grains=(Grain.YEAR,),
    alternative="clv",
)
def clv_of_orders(average_order_value: Symbol, purchase_frequency: Symbol, customer_lifespan: Symbol) -> Symbol:
    """Value of the orders expected from a customer over the whole relationship, as commerce reckons it."""
    return average_order_value * purchase_frequency * customer_lifespan


@metric(
    name="CLV growth",
    unit="RATIO",
    direction=Direction.UP,
    source="004:72",
    inputs={"before": year_before("clv")},
    grains=(Grain.MONTH,),
    alternative="clv_of_orders",
)
def clv_growth(clv: Symbol, before: Symbol) -> Symbol:
    """Yearly growth of customer lifetime value."""
    return (clv - before) / before


@metric(
    name="Customer acquisition cost",
    unit="MONEY",
    direction=Direction.DOWN,
    source="004:568",
    aliases=("CAC", "Cost per Customer"),
    inputs={"new_customers": of("customer.new_customers")},
)
def cac(sales_and_marketing_spend: Symbol, new_customers: Symbol) -> Symbol:
    """Sales and marketing spend divided by the customers it won."""
    return sales_and_marketing_spend / new_customers


@metric(
    name="CAC to monthly revenue",
    unit="MULTIPLE",
    direction=Direction.DOWN,
    source="004:47",
    aliases=("CAC in months of revenue",),
)
def cac_to_mrr(cac: Symbol, mrr_per_customer: Symbol) -> Symbol:
    """Acquisition cost of a customer as a multiple of that customer's monthly revenue."""
    return cac / mrr_per_customer


@metric(
    name="LTV to CAC",
    unit="MULTIPLE",
    direction=Direction.UP,
    source="004:594",
    aliases=("LTV:CAC Ratio", "LTV/CAC Ratio", "CLV:CAC Ratio", "Customer Lifetime Value to CAC Ratio"),
)
def ltv_cac(clv: Symbol, cac: Symbol) -> Symbol:
    """Customer lifetime value divided by customer acquisition cost."""
    return clv / cac


@metric(
    name="CLV to CAC break-even",
    unit="MONTHS",
    direction=Direction.DOWN,
    source="004:607",
    aliases=("Break-even Point",),
)
def clv_to_cac_break_even(cac: Symbol, mrr_per_customer: Symbol, gross_margin: Symbol) -> Symbol:
    """Months until the value received from a customer equals the cost of winning that customer."""
    return cac / maximum(mrr_per_customer * gross_margin, 0)  # without a margin the cost never comes back


@metric(
    name="CAC payback",
    unit="MONTHS",
    direction=Direction.DOWN,
    source="003:122",
    aliases=("Payback Period", "CAC Payback Period"),
)
def cac_payback(cac: Symbol, average_contract_value: Symbol, gross_margin: Symbol) -> Symbol:
    """Months until a customer's revenue has recovered the cost of winning that customer."""
    return cac / maximum(average_contract_value / 12 * gross_margin, 0)


@metric(name="Unit economics health", unit="TEXT", direction=Direction.NONE, source="003:124")
def unit_economics_health(clv: Symbol, cac: Symbol, cac_payback: Symbol) -> Choice:
    """Verdict on lifetime value against acquisition cost and on the payback period, in words."""
    return choose((clv > 3 * cac) & (cac_payback < 18), "Healthy", "At Risk")


@metric(name="Positive unit economics", unit="TEXT", direction=Direction.NONE, source="004:661")
def unit_economics_positive(clv: Symbol, cac: Symbol) -> Choice:
    """Whether, and by when, a customer brings in more than that customer costs, in words."""
    return choose(clv > cac, "Positive", "Negative")
