"""What the market metrics are calculated from, in reading order; "001:114" is line 114 of document 001."""

from kpi_server.plugin import Across, Measure, OverTime, parse_unit


def _flow(key: str, name: str, description: str, *, unit: str, source: str) -> Measure:
    """What happens during a period: it adds up, across segments and over time."""
    return Measure(
        key=key,
        name=name,
        unit=parse_unit(unit),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description=description,
        source=source,
    )


MEASURES = (
    _flow(
        "market_revenue",
        "Revenue of the market",
        "What all suppliers of the market earn in the period.",
        unit="MONEY",
        source="001:114",
    ),
    _flow(
        "aware_respondents",
        "Aware respondents",
        "People of the target audience who said in a survey that they know the brand.",
        unit="COUNT(person)",
        source="001:115",
    ),
    _flow(
        "respondents",
        "Respondents",
        "People of the target audience who were asked whether they know the brand.",
        unit="COUNT(person)",
        source="001:115",
    ),
    _flow(
        "competitive_deals",
        "Competitive deals",
        "Deals decided in the period in which a competitor was named.",
        unit="COUNT(deal)",
        source="001:116",
    ),
    _flow(
        "competitive_deals_won",
        "Competitive deals won",
        "Deals won in the period in which a competitor was named.",
        unit="COUNT(deal)",
        source="001:116",
    ),
    _flow(
        "standing_total",
        "Sum of standing ratings",
        "The ratings of the organization's standing, added up.",
        unit="SCORE",
        source="001:117",
    ),
    _flow(
        "standing_ratings",
        "Standing ratings",
        "Ratings of the organization's standing.",
        unit="COUNT(rating)",
        source="001:117",
    ),
    _flow(
        "awards",
        "Awards",
        "Awards received in the period.",
        unit="COUNT(award)",
        source="001:118",
    ),
    _flow(
        "revenue_abroad",
        "Revenue abroad",
        "Revenue of the period earned outside the home market.",
        unit="MONEY",
        source="001:123",
    ),
    _flow(
        "markets_entered",
        "Markets entered",
        "Markets in which the organization began to sell in the period.",
        unit="COUNT(market)",
        source="001:124",
    ),
    Measure(
        key="partnerships",
        name="Partnerships",
        unit=parse_unit("COUNT(partnership)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Partnerships in the markets entered, at the period's end.",
        source="001:125",
    ),
    _flow(
        "adaptation_total",
        "Sum of adaptation ratings",
        "The ratings of how well the offer fits the markets entered, added up.",
        unit="SCORE",
        source="001:126",
    ),
    _flow(
        "adaptation_ratings",
        "Adaptation ratings",
        "Ratings of how well the offer fits the markets entered.",
        unit="COUNT(rating)",
        source="001:126",
    ),
    _flow(
        "engagement_total",
        "Sum of engagement ratings",
        "The ratings of the audience's engagement with published content, added up.",
        unit="SCORE",
        source="002:82",
    ),
    _flow(
        "engagement_ratings",
        "Engagement ratings",
        "Ratings of the audience's engagement with published content.",
        unit="COUNT(rating)",
        source="002:82",
    ),
)
