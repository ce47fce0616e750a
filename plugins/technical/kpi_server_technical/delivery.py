"""How the teams deliver: releases, fixes, features and the quality of the code."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="deployments",
        name="Deployments",
        unit=parse_unit("COUNT(deployment)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Releases to production.",
        source="000:32",
    ),
    Measure(
        key="delivery_weeks",
        name="Delivery weeks",
        unit=parse_unit("COUNT(week)"),
        across=Across.MAX,
        over_time=OverTime.SUM,
        description="Weeks in which the teams could release; a quarter has 13.",
        source="000:33",
    ),
    Measure(
        key="bug_resolution_total",
        name="Sum of bug resolution times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from a bug's report to its fix, added up over the bugs fixed.",
        source="003:141",
    ),
    Measure(
        key="bugs_fixed",
        name="Bugs fixed",
        unit=parse_unit("COUNT(bug)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Bugs that were fixed in the period.",
        source="003:141",
    ),
    Measure(
        key="feature_delivery_total",
        name="Sum of feature delivery times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from starting a feature to delivering it, added up over the features delivered.",
        source="002:60",
    ),
    Measure(
        key="features_delivered",
        name="Features delivered",
        unit=parse_unit("COUNT(feature)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Features that were delivered in the period.",
        source="002:60",
    ),
    Measure(
        key="story_points",
        name="Story points",
        unit=parse_unit("COUNT(story point)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Story points completed.",
        source="003:140",
    ),
    Measure(
        key="sprints",
        name="Sprints",
        unit=parse_unit("COUNT(sprint)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Sprints that ended in the period, one for each team.",
        source="003:140",
    ),
    Measure(
        key="code_rating",
        name="Code rating",
        unit=parse_unit("SCORE"),
        across=Across.WEIGHTED,
        over_time=OverTime.LAST,
        description="Rating of the code by automated analysis.",
        source="003:142",
        weight="code_lines",
    ),
    Measure(
        key="code_lines",
        name="Lines of code",
        unit=parse_unit("COUNT(line)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Lines of code that were rated.",
        source="003:142",
    ),
)


@metric(unit="COUNT(deployment)/week", direction=Direction.UP, source="000:32")
def deployment_frequency(deployments: Symbol, delivery_weeks: Symbol) -> Symbol:
    """Releases to production in a week."""
    return deployments / delivery_weeks


@metric(unit="DURATION", direction=Direction.DOWN, source="003:141", aliases=("Bug Resolution",))
def bug_resolution_time(bug_resolution_total: Symbol, bugs_fixed: Symbol) -> Symbol:
    """Average time from a bug's report to its fix."""
    return bug_resolution_total / bugs_fixed


@metric(unit="DURATION", direction=Direction.DOWN, source="002:60", aliases=("Feature Delivery",))
def feature_delivery_time(feature_delivery_total: Symbol, features_delivered: Symbol) -> Symbol:
    """Average time from starting a feature to delivering it."""
    return feature_delivery_total / features_delivered


@metric(unit="COUNT(story point)/sprint", direction=Direction.UP, source="003:140")
def feature_velocity(story_points: Symbol, sprints: Symbol) -> Symbol:
    """Story points that a team completes in a sprint."""
    return story_points / sprints


@metric(unit="SCORE", direction=Direction.UP, source="003:142", aliases=("Code Quality Score",))
def code_quality(code_rating: Symbol) -> Symbol:
    """Rating of the code base by automated analysis."""
    return code_rating


METRICS = (deployment_frequency, bug_resolution_time, feature_delivery_time, feature_velocity, code_quality)
