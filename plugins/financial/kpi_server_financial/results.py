"""Results: how revenue grows, where it comes from, and what of it is left."""

from kpi_server.plugin import Choice, Direction, Grain, Symbol, choose, metric, of, previous


@metric(
    name="Revenue growth",
    unit="RATIO",
    direction=Direction.UP,
    source="003:113",
    aliases=("Revenue Growth Rate",),
    inputs={"before": previous("revenue")},
)
def revenue_growth(revenue: Symbol, before: Symbol) -> Symbol:
    """Growth of revenue over the preceding period."""
    return (revenue - before) / before


@metric(
    name="Revenue per employee",
    unit="MONEY",
    direction=Direction.UP,
    source="001:30",
    inputs={"headcount": of("people.headcount")},
)
def revenue_per_employee(revenue: Symbol, headcount: Symbol) -> Symbol:
    """Revenue divided by the number of employees."""
    return revenue / headcount


@metric(name="Gross margin", unit="RATIO", direction=Direction.UP, source="004:622")
def gross_margin(revenue: Symbol, cost_of_goods_sold: Symbol) -> Symbol:
    """Share of revenue left after the cost of goods sold."""
    return (revenue - cost_of_goods_sold) / revenue


@metric(
    name="EBITDA margin",
    unit="RATIO",
    direction=Direction.UP,
    source="001:36; SEC, Compliance and Disclosure Interpretations on Non-GAAP Financial Measures, question 103.01",
)
def ebitda_margin(
    revenue: Symbol, cost_of_goods_sold: Symbol, operating_expenses: Symbol, depreciation_and_amortization: Symbol
) -> Symbol:
    """Earnings before interest, taxes, depreciation and amortization as a share of revenue."""
    return (revenue - cost_of_goods_sold - operating_expenses + depreciation_and_amortization) / revenue


@metric(
    name="Operating margin",
    unit="RATIO",
    direction=Direction.UP,
    source="001:37; IFRS 18, operating profit",
)
def operating_margin(revenue: Symbol, cost_of_goods_sold: Symbol, operating_expenses: Symbol) -> Symbol:
    """Operating income as a share of revenue."""
    return (revenue - cost_of_goods_sold - operating_expenses) / revenue


@metric(name="Expansion revenue", unit="RATIO", direction=Direction.UP, source="003:104")
def expansion_revenue(revenue_from_existing_customers: Symbol, revenue: Symbol) -> Symbol:
    """Share of revenue that comes from customers already won."""
    return revenue_from_existing_customers / revenue


@metric(name="Marketing ROI", unit="MULTIPLE", direction=Direction.UP, source="002:83")
def marketing_roi(revenue_from_marketing: Symbol, marketing_spend: Symbol) -> Symbol:
    """Revenue gained for each unit of money spent on marketing."""
    return revenue_from_marketing / marketing_spend


@metric(name="Content marketing ROI", unit="MULTIPLE", direction=Direction.UP, source="003:55")
def content_marketing_roi(revenue_from_content: Symbol, content_spend: Symbol) -> Symbol:
    """Revenue gained for each unit of money spent on content."""
    return revenue_from_content / content_spend


@metric(name="Partnership revenue", unit="RATIO", direction=Direction.UP, source="002:48")
def partnership_revenue(revenue_from_partners: Symbol, revenue: Symbol) -> Symbol:
    """Share of revenue that comes through partners."""
    return revenue_from_partners / revenue


@metric(name="New feature revenue", unit="RATIO", direction=Direction.UP, source="003:465")
def new_feature_revenue(revenue_from_new_features: Symbol, revenue: Symbol) -> Symbol:
    """Share of revenue earned with newly released features."""
    return revenue_from_new_features / revenue


@metric(
    name="Revenue run rate",
    unit="MONEY",
    direction=Direction.UP,
    source="003:613",
    grains=(Grain.MONTH,),
    alternative="arr",
)
def revenue_run_rate(revenue: Symbol) -> Symbol:
    """Present revenue carried forward to a full year."""
    return revenue * 12


@metric(
    name="Scale efficiency",
    unit="TEXT",
    direction=Direction.NONE,
    source="004:634",
    inputs={"margin_before": previous("gross_margin"), "revenue_before": previous("revenue")},
)
def scale_efficiency(gross_margin: Symbol, margin_before: Symbol, revenue: Symbol, revenue_before: Symbol) -> Choice:
    """Whether margins improve as the business grows, in words."""
    return choose((gross_margin > margin_before) & (revenue > revenue_before), "Improving", "Not improving")
