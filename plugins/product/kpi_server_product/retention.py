"""How many of those who came stay."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Symbol, metric, parse_unit, previous

MEASURES = (
    Measure(
        key="cohort_users",
        name="Users of the cohort",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.FIRST,
        description="Users who joined with a cohort, whether they are still active or not.",
        source="004:226",
    ),
    Measure(
        key="cohort_users_active",
        name="Active users of the cohort",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Users of a cohort who are still active.",
        source="004:226",
    ),
    Measure(
        key="users_joined",
        name="New users",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period.",
        source="004:221",
    ),
    Measure(
        key="users_back_day_1",
        name="New users back on day 1",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period and came back one day later.",
        source="004:236",
    ),
    Measure(
        key="users_back_day_7",
        name="New users back on day 7",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period and were active seven days later.",
        source="004:237",
    ),
    Measure(
        key="users_back_day_30",
        name="New users back on day 30",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period and were active thirty days later.",
        source="004:238",
    ),
    Measure(
        key="users_back_month_6",
        name="New users back in month 6",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who signed up in the period and were active six months later.",
        source="004:239",
    ),
)


@metric(unit="RATIO", direction=Direction.UP, source="004:226", aliases=("User Retention Rate", "Cohort Retention"))
def user_retention(cohort_users_active: Symbol, cohort_users: Symbol) -> Symbol:
    """Share of the users of a cohort who go on using the platform."""
    return cohort_users_active / cohort_users


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="004:225",
    inputs={"before": previous("active_users")},
    grains=(Grain.MONTH,),
    alternative="mau_retention",
)
def month_1_retention(active_users: Symbol, before: Symbol) -> Symbol:
    """Active users of a month as a share of the month before, whoever they are, so that it may exceed 100 %."""
    return active_users / before


@metric(unit="RATIO", direction=Direction.UP, source="004:236")
def day_1_retention(users_back_day_1: Symbol, users_joined: Symbol) -> Symbol:
    """Share of new users who come back one day after signup."""
    return users_back_day_1 / users_joined


@metric(unit="RATIO", direction=Direction.UP, source="004:237")
def day_7_retention(users_back_day_7: Symbol, users_joined: Symbol) -> Symbol:
    """Share of new users who are active seven days after signup."""
    return users_back_day_7 / users_joined


@metric(unit="RATIO", direction=Direction.UP, source="004:238")
def day_30_retention(users_back_day_30: Symbol, users_joined: Symbol) -> Symbol:
    """Share of new users who are active thirty days after signup."""
    return users_back_day_30 / users_joined


@metric(
    name="Six-month retention", unit="RATIO", direction=Direction.UP, source="004:239", aliases=("6-Month Retention",)
)
def six_month_retention(users_back_month_6: Symbol, users_joined: Symbol) -> Symbol:
    """Share of new users who are active six months after signup."""
    return users_back_month_6 / users_joined


METRICS = (user_retention, month_1_retention, day_1_retention, day_7_retention, day_30_retention, six_month_retention)
