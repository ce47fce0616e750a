"""How people start with the product, and how much they use it."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Symbol, metric, parse_unit, previous

MEASURES = (
    Measure(
        key="setups_completed",
        name="Setups completed",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period and finished the setup flow.",
        source="003:72",
    ),
    Measure(
        key="early_dashboard_users",
        name="Users with an early dashboard",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period and created a dashboard within 48 hours.",
        source="003:73",
    ),
    Measure(
        key="connections_attempted",
        name="Connections attempted",
        unit=parse_unit("COUNT(connection)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Data connections that users attempted.",
        source="003:74",
    ),
    Measure(
        key="connections_made",
        name="Connections made",
        unit=parse_unit("COUNT(connection)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Data connections that succeeded.",
        source="003:74",
    ),
    Measure(
        key="session_total",
        name="Sum of session lengths",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="The lengths of all sessions, added up.",
        source="003:82",
    ),
    Measure(
        key="sessions",
        name="Sessions",
        unit=parse_unit("COUNT(session)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Sessions that users had.",
        source="003:82",
    ),
    Measure(
        key="dashboards",
        name="Dashboards",
        unit=parse_unit("COUNT(dashboard)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Dashboards that users have at the end of the period.",
        source="003:83",
    ),
    Measure(
        key="api_calls",
        name="API calls",
        unit=parse_unit("COUNT(call)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Calls of the API.",
        source="003:84",
    ),
)


@metric(unit="RATIO", direction=Direction.UP, source="003:72")
def onboarding_completion(setups_completed: Symbol, users_joined: Symbol) -> Symbol:
    """Share of new users who finish the setup flow."""
    return setups_completed / users_joined


@metric(unit="RATIO", direction=Direction.UP, source="003:73")
def first_dashboard_created(early_dashboard_users: Symbol, users_joined: Symbol) -> Symbol:
    """Share of new users who create a dashboard within 48 hours."""
    return early_dashboard_users / users_joined


@metric(unit="RATIO", direction=Direction.UP, source="003:74")
def integration_success_rate(connections_made: Symbol, connections_attempted: Symbol) -> Symbol:
    """Share of attempted data connections that succeed."""
    return connections_made / connections_attempted


@metric(unit="DURATION", direction=Direction.UP, source="003:82")
def session_duration(session_total: Symbol, sessions: Symbol) -> Symbol:
    """Average length of a session."""
    return session_total / sessions


@metric(unit="COUNT(dashboard)/user", direction=Direction.UP, source="003:83")
def dashboards_per_user(dashboards: Symbol, users: Symbol) -> Symbol:
    """Average number of dashboards that a user has."""
    return dashboards / users


@metric(
    name="API usage growth",
    unit="RATIO/month",
    direction=Direction.UP,
    source="003:84",
    inputs={"before": previous("api_calls")},
    grains=(Grain.MONTH,),
    alternative="api_calls",
)
def api_usage_growth(api_calls: Symbol, before: Symbol) -> Symbol:
    """Growth of API calls over the month before."""
    return (api_calls - before) / before


METRICS = (
    onboarding_completion,
    first_dashboard_created,
    integration_success_rate,
    session_duration,
    dashboards_per_user,
    api_usage_growth,
)
