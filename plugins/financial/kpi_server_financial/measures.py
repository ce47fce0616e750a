"""What the financial metrics are calculated from, in reading order; "004:35" is line 35 of document 004."""

from collections.abc import Sequence

from kpi_server.plugin import Across, Measure, OverTime, parse_unit


def _flow(
    key: str, name: str, description: str, *, source: str, unit: str = "MONEY", aliases: Sequence[str] = ()
) -> Measure:
    """What happens during a period: it adds up, across segments and over time."""
    return Measure(
        key=key,
        name=name,
        unit=parse_unit(unit),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description=description,
        source=source,
        aliases=aliases,
    )


def _balance(
    key: str, name: str, description: str, *, source: str, unit: str = "MONEY", aliases: Sequence[str] = ()
) -> Measure:
    """What there is at a period's end: it adds up across segments, and of several periods the last one counts."""
    return Measure(
        key=key,
        name=name,
        unit=parse_unit(unit),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description=description,
        source=source,
        aliases=aliases,
    )


_RECURRING = (
    _balance(
        "subscription_mrr",
        "Subscription MRR",
        "Active subscriptions times their monthly prices, add-ons and contracts included, at the period's end.",
        source="004:35",
        unit="MONEY/month",
    ),
    _flow(
        "usage_fees",
        "Usage fees",
        "Fees billed by use, such as tokens and calls, in the period.",
        source="004:41",
    ),
    _balance(
        "contract_value_adjustments",
        "Contract value adjustments",
        "What yearly contracts add to twelve times MRR, or take from it, at the period's end.",
        source="004:86",
    ),
    Measure(
        key="opening_mrr",
        name="Opening MRR",
        unit=parse_unit("MONEY/month"),
        across=Across.SUM,
        over_time=OverTime.FIRST,
        description="Monthly recurring revenue with which the period begins.",
        source="003:102",
        aliases=("Starting MRR",),
    ),
    _flow(
        "new_mrr",
        "New MRR",
        "Monthly recurring revenue of the customers won in the period.",
        source="003:111",
        unit="MONEY/month",
    ),
    _flow(
        "expansion_mrr",
        "Expansion MRR",
        "Monthly recurring revenue that customers added in the period, by upgrades and add-ons.",
        source="004:68",
        unit="MONEY/month",
    ),
    _flow(
        "contraction_mrr",
        "Contraction MRR",
        "Monthly recurring revenue that customers who stayed gave up in the period, as a positive amount.",
        source="004:149",
        unit="MONEY/month",
    ),
    _flow(
        "churned_mrr",
        "Churned MRR",
        "Monthly recurring revenue lost with customers who left in the period, as a positive amount.",
        source="004:156",
        unit="MONEY/month",
    ),
    _balance(
        "enterprise_arr",
        "Enterprise ARR",
        "Annual recurring revenue of enterprise customers at the period's end.",
        source="004:97",
    ),
)

_SALES = (
    _flow(
        "new_bookings",
        "New bookings",
        "Value of the contracts signed in the period.",
        source="003:115",
    ),
    _flow(
        "closed_deal_value",
        "Closed deal value",
        "Value of the deals won in the period.",
        source="001:28",
    ),
    _flow(
        "closed_deals",
        "Closed deals",
        "Deals won in the period.",
        source="001:28",
        unit="COUNT(deal)",
    ),
    _balance(
        "annual_contract_value",
        "Annual contract value",
        "Yearly value of all contracts in force at the period's end.",
        source="003:63",
    ),
    _balance(
        "active_contracts",
        "Active contracts",
        "Contracts in force at the period's end.",
        source="003:63",
        unit="COUNT(contract)",
    ),
    _balance(
        "contracted_months",
        "Contracted months",
        "Lengths of all contracts in force at the period's end, added up.",
        source="004:98",
        unit="MONTHS",
    ),
    _balance(
        "open_pipeline",
        "Open pipeline",
        "Value of the sales opportunities that are open at the period's end.",
        source="001:29",
    ),
    _flow(
        "progressed_pipeline",
        "Progressed pipeline",
        "Value of the sales opportunities that moved a stage onwards in the period.",
        source="003:64",
    ),
    _flow(
        "sales_quota",
        "Sales quota",
        "Value of the deals that sales was to win in the period.",
        source="003:222",
    ),
)

_RESULT = (
    _flow(
        "revenue",
        "Revenue",
        "Revenue earned in the period.",
        source="004:622",
    ),
    _flow(
        "cost_of_goods_sold",
        "Cost of goods sold",
        "Direct costs of the revenue: delivery, infrastructure and services of third parties.",
        source="004:622",
        aliases=("COGS", "Direct costs"),
    ),
    _flow(
        "operating_expenses",
        "Operating expenses",
        "Costs of running the business beside the cost of goods sold, depreciation and amortization included.",
        source="004:652",
        aliases=("OPEX",),
    ),
    _flow(
        "depreciation_and_amortization",
        "Depreciation and amortization",
        "Wear of assets that is part of the operating expenses of the period.",
        source="001:36",
    ),
    _flow(
        "revenue_from_existing_customers",
        "Revenue from existing customers",
        "Revenue of the period from expansion of customers already won.",
        source="003:104",
    ),
    _flow(
        "revenue_from_partners",
        "Revenue from partners",
        "Revenue of the period that came through partners.",
        source="002:48",
    ),
    _flow(
        "revenue_from_new_features",
        "Revenue from new features",
        "Revenue of the period earned with newly released features.",
        source="003:465",
    ),
)

_CASH = (
    _flow(
        "cash_received",
        "Cash received",
        "Cash that came in during the period.",
        source="001:38",
    ),
    _flow(
        "cash_paid",
        "Cash paid",
        "Cash that went out during the period, as a positive amount.",
        source="001:38",
    ),
    _flow(
        "expenses",
        "Expenses",
        "Everything spent in the period: operations, people, infrastructure, marketing and sales.",
        source="004:647",
        aliases=("Total expenses",),
    ),
    _balance(
        "cash_reserves",
        "Cash reserves",
        "Cash at hand at the period's end.",
        source="004:648",
    ),
    _balance(
        "committed_funding",
        "Committed funding",
        "Capital committed by investors since the present round began, at the period's end.",
        source="002:131",
    ),
)

_CUSTOMER_VALUE = (
    _flow(
        "sales_and_marketing_spend",
        "Sales and marketing spend",
        "Spent on marketing, sales, leads and their tools in the period.",
        source="004:568",
    ),
    _flow(
        "marketing_spend",
        "Marketing spend",
        "Spent on marketing in the period.",
        source="002:83",
    ),
    _flow(
        "revenue_from_marketing",
        "Revenue from marketing",
        "Revenue of the period that marketing brought in.",
        source="002:83",
    ),
    _flow(
        "content_spend",
        "Content spend",
        "Spent on content in the period.",
        source="003:55",
    ),
    _flow(
        "revenue_from_content",
        "Revenue from content",
        "Revenue of the period that content brought in.",
        source="003:55",
    ),
    _flow(
        "order_value",
        "Order value",
        "Value of the orders of the period.",
        source="004:60",
    ),
    _flow(
        "orders",
        "Orders",
        "Orders of the period.",
        source="004:60",
        unit="COUNT(order)",
    ),
    Measure(
        key="customer_lifespan",
        name="Customer lifespan",
        unit=parse_unit("COUNT(year)"),
        across=Across.NONE,
        over_time=OverTime.LAST,
        description="Years for which a customer buys on average.",
        source="004:60",
    ),
)

MEASURES = (*_RECURRING, *_SALES, *_RESULT, *_CASH, *_CUSTOMER_VALUE)
