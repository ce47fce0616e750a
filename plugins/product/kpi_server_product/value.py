"""What the active users achieve: Monthly Active Business Value and the points it is made of."""

from kpi_server.plugin import (
    Across,
    Direction,
    Grain,
    Measure,
    OverTime,
    Sketch,
    Symbol,
    maximum,
    metric,
    optional,
    parse_unit,
)

MEASURES = (
    Measure(
        key="dashboard_creators",
        name="Dashboard creators",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who created a dashboard: 10 points each.",
        source="003:23",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="source_connectors",
        name="Source connectors",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who connected a data source: 15 points each.",
        source="003:24",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="report_makers",
        name="Report makers",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who generated a report: 8 points each.",
        source="003:25",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="collaborators",
        name="Collaborators",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who worked with their team: 12 points each.",
        source="003:26",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="advanced_analysts",
        name="Advanced analysts",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who used advanced analytics: 20 points each.",
        source="003:27",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="api_users",
        name="API users",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who used the API: 5 points each.",
        source="003:28",
        sketch=Sketch.DISTINCT,
    ),
)


@metric(
    name="Monthly Active Business Value",
    unit="COUNT(MABV)",
    direction=Direction.UP,
    source="003:20",
    aliases=("MABV",),
    grains=(Grain.MONTH,),
    alternative="business_value_score",
)
def mabv(mau: Symbol, dashboards_per_user: Symbol, business_value_score: Symbol) -> Symbol:
    """Monthly active users times dashboards per user times the business value score."""
    return mau * dashboards_per_user * business_value_score


@metric(
    unit="COUNT(point)",
    direction=Direction.UP,
    source="003:22",
    inputs={
        "dashboard_creators": optional("dashboard_creators"),
        "source_connectors": optional("source_connectors"),
        "report_makers": optional("report_makers"),
        "collaborators": optional("collaborators"),
        "advanced_analysts": optional("advanced_analysts"),
        "api_users": optional("api_users"),
    },
)
def business_value_score(
    active_users: Symbol,
    dashboard_creators: Symbol,
    source_connectors: Symbol,
    report_makers: Symbol,
    collaborators: Symbol,
    advanced_analysts: Symbol,
    api_users: Symbol,
) -> Symbol:
    """Points of an average active user for the valuable things done, each counting once: at most 70."""
    creating = 10 * dashboard_creators + 15 * source_connectors + 8 * report_makers
    sharing = 12 * collaborators + 20 * advanced_analysts + 5 * api_users
    # Where nobody is active there is no activity: no points, rather than no score.
    return (creating + sharing) / maximum(active_users, 1)


METRICS = (mabv, business_value_score)
