"""The metrics of the market family, in reading order; a source such as "003:114" is line 114 of document 003."""

from kpi_server.plugin import Direction, Metric, Symbol, metric, of, parse_unit


@metric(
    name="Market share",
    unit="RATIO",
    direction=Direction.UP,
    source="001:114",
    inputs={"revenue": of("financial.revenue")},
)
def share(revenue: Symbol, market_revenue: Symbol) -> Symbol:
    """Share of the whole market's revenue that the organization earns."""
    return revenue / market_revenue


@metric(name="Brand awareness", unit="RATIO", direction=Direction.UP, source="001:115")
def brand_awareness(aware_respondents: Symbol, respondents: Symbol) -> Symbol:
    """Share of the target audience that knows the brand."""
    return aware_respondents / respondents


@metric(name="Competitive win rate", unit="RATIO", direction=Direction.UP, source="001:116")
def competitive_win_rate(competitive_deals_won: Symbol, competitive_deals: Symbol) -> Symbol:
    """Share of deals won against a named competitor."""
    return competitive_deals_won / competitive_deals


@metric(name="Thought leadership", unit="SCORE", direction=Direction.UP, source="001:117")
def thought_leadership(standing_total: Symbol, standing_ratings: Symbol) -> Symbol:
    """Rating of the organization's standing as a voice in its field."""
    return standing_total / standing_ratings


@metric(name="Industry recognition", unit="COUNT(award)", direction=Direction.UP, source="001:118")
def industry_recognition(awards: Symbol) -> Symbol:
    """Awards received from the industry."""
    return awards


@metric(
    name="International revenue",
    unit="RATIO",
    direction=Direction.UP,
    source="001:123",
    inputs={"revenue": of("financial.revenue")},
)
def international_revenue(revenue_abroad: Symbol, revenue: Symbol) -> Symbol:
    """Share of revenue earned outside the home market."""
    return revenue_abroad / revenue


@metric(name="New markets", unit="COUNT(market)", direction=Direction.UP, source="001:124")
def new_markets(markets_entered: Symbol) -> Symbol:
    """Markets entered in the period."""
    return markets_entered


@metric(name="Local partnerships", unit="COUNT(partnership)", direction=Direction.UP, source="001:125")
def local_partnerships(partnerships: Symbol) -> Symbol:
    """Partnerships with organizations in the markets entered."""
    return partnerships


@metric(name="Cultural adaptation", unit="SCORE", direction=Direction.UP, source="001:126")
def cultural_adaptation(adaptation_total: Symbol, adaptation_ratings: Symbol) -> Symbol:
    """Rating of how well the offer fits the markets entered."""
    return adaptation_total / adaptation_ratings


@metric(name="Content engagement", unit="SCORE", direction=Direction.UP, source="002:82")
def content_engagement(engagement_total: Symbol, engagement_ratings: Symbol) -> Symbol:
    """Rating of how much the audience engages with published content."""
    return engagement_total / engagement_ratings


METRICS = (
    share,
    brand_awareness,
    competitive_win_rate,
    thought_leadership,
    industry_recognition,
    international_revenue,
    new_markets,
    local_partnerships,
    cultural_adaptation,
    content_engagement,
    Metric(
        key="market_rank",
        name="Market rank",
        unit=parse_unit("TEXT"),
        direction=Direction.NONE,
        description="Place among the solutions of the market, in words.",
        source="003:464",
    ),
)
