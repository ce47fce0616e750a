"""What customers say: whether they would recommend the organization, and how content they are."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="promoters",
        name="Promoters",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Answers of 9 or 10 to the question how likely a recommendation is.",
        source="004:514",
    ),
    Measure(
        key="detractors",
        name="Detractors",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Answers from 0 to 6 to the question how likely a recommendation is.",
        source="004:516",
    ),
    Measure(
        key="recommendation_answers",
        name="Recommendation answers",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="All answers to the question how likely a recommendation is, the passive 7 and 8 included.",
        source="004:515",
    ),
    Measure(
        key="satisfied_answers",
        name="Satisfied answers",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Survey answers that say the customer was satisfied.",
        source="004:536",
    ),
    Measure(
        key="satisfaction_answers",
        name="Satisfaction answers",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="All answers to the question whether the customer was satisfied.",
        source="004:536",
    ),
    Measure(
        key="rating_total",
        name="Sum of ratings",
        unit=parse_unit("SCORE"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="The ratings that customers gave, added up.",
        source="003:92",
    ),
    Measure(
        key="ratings",
        name="Ratings",
        unit=parse_unit("COUNT(rating)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Ratings that customers gave.",
        source="003:92",
    ),
)


@metric(
    name="Net promoter score", unit="POINTS", direction=Direction.UP, source="004:510", aliases=("NPS", "NPS Score")
)
def nps(promoters: Symbol, detractors: Symbol, recommendation_answers: Symbol) -> Symbol:
    """Percentage of promoters less percentage of detractors, from -100 to 100."""
    return 100 * (promoters - detractors) / recommendation_answers


@metric(name="Customer satisfaction rate", unit="RATIO", direction=Direction.UP, source="004:536", aliases=("CSAT",))
def csat(satisfied_answers: Symbol, satisfaction_answers: Symbol) -> Symbol:
    """Share of survey answers that say the customer was satisfied."""
    return satisfied_answers / satisfaction_answers


@metric(name="Customer satisfaction score", unit="SCORE", direction=Direction.UP, source="003:92")
def satisfaction(rating_total: Symbol, ratings: Symbol) -> Symbol:
    """Average rating that customers give on the organization's scale."""
    return rating_total / ratings


METRICS = (nps, csat, satisfaction)
