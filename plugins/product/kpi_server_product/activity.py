"""How many people use the product: on a day, in a month, intensively."""

from kpi_server.plugin import (
    Across,
    Direction,
    Grain,
    Measure,
    OverTime,
    Sketch,
    Symbol,
    metric,
    parse_unit,
    previous,
    rolling,
)

MEASURES = (
    Measure(
        key="active_users",
        name="Active users",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users with at least one session.",
        source="004:175",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="average_daily_users",
        name="Average daily users",
        unit=parse_unit("COUNT(user)"),
        across=Across.NONE,
        over_time=OverTime.AVG,
        description="Different users of a day, and of a longer period the average of its days.",
        source="004:175",
        alternative="active_users",
    ),
    Measure(
        key="peak_daily_users",
        name="Peak daily users",
        unit=parse_unit("COUNT(user)"),
        across=Across.NONE,
        over_time=OverTime.MAX,
        description="Different users of the busiest day.",
        source="004:187",
        alternative="active_users",
    ),
    Measure(
        key="daily_user_capacity",
        name="Daily user capacity",
        unit=parse_unit("COUNT(user)"),
        across=Across.NONE,
        over_time=OverTime.LAST,
        description="Daily users that the platform has been shown to carry.",
        source="004:187",
        alternative="peak_daily_users",
    ),
    Measure(
        key="users",
        name="Users",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Registered users at the end of the period.",
        source="004:204",
    ),
    Measure(
        key="power_users",
        name="Power users",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who use the product intensively.",
        source="004:212",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="power_user_wait_total",
        name="Sum of times to power user",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from signup to power user, added up over those who first worked as one in the period.",
        source="004:128",
    ),
    Measure(
        key="new_power_users",
        name="New power users",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who first worked as power users in the period.",
        source="004:128",
    ),
)


@metric(
    name="Monthly active users",
    unit="COUNT(user)",
    direction=Direction.UP,
    source="004:200",
    aliases=("MAU",),
    grains=(Grain.MONTH,),
    alternative="active_users",
)
def mau(active_users: Symbol) -> Symbol:
    """Different users with at least one session in the month."""
    return active_users


@metric(
    name="Monthly active user rate",
    unit="RATIO",
    direction=Direction.UP,
    source="003:80",
    grains=(Grain.MONTH,),
    alternative="active_users",
)
def mau_rate(active_users: Symbol, users: Symbol) -> Symbol:
    """Share of all users who were active in the month."""
    return active_users / users


@metric(
    name="Daily active users",
    unit="COUNT(user)",
    direction=Direction.UP,
    source="004:175",
    aliases=("DAU",),
    grains=(Grain.DAY,),
    alternative="average_daily_users",
)
def dau(active_users: Symbol) -> Symbol:
    """Different users with at least one session on the day."""
    return active_users


@metric(
    name="DAU/MAU ratio",
    unit="RATIO",
    direction=Direction.UP,
    source="003:81",
    aliases=("Stickiness",),
    grains=(Grain.MONTH,),
    alternative="daily_stickiness",
)
def dau_mau(average_daily_users: Symbol, active_users: Symbol) -> Symbol:
    """Daily active users, averaged over the month, as a share of monthly active users."""
    return average_daily_users / active_users


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="003:81",
    inputs={"of_30_days": rolling("active_users", 30)},
    grains=(Grain.DAY,),
    alternative="dau_mau",
)
def daily_stickiness(active_users: Symbol, of_30_days: Symbol) -> Symbol:
    """Users active on the day as a share of the users active in the 30 days up to it."""
    return active_users / of_30_days


@metric(
    name="MAU growth",
    unit="RATIO/month",
    direction=Direction.UP,
    source="004:210",
    inputs={"before": previous("active_users")},
    grains=(Grain.MONTH,),
    alternative="active_users",
)
def mau_growth(active_users: Symbol, before: Symbol) -> Symbol:
    """Growth of monthly active users over the month before."""
    return (active_users - before) / before


@metric(
    name="DAU growth",
    unit="RATIO/month",
    direction=Direction.UP,
    source="004:185",
    inputs={"before": previous("average_daily_users")},
    grains=(Grain.MONTH,),
    alternative="average_daily_users",
)
def dau_growth(average_daily_users: Symbol, before: Symbol) -> Symbol:
    """Growth of daily active users, averaged over the month, over the month before."""
    return (average_daily_users - before) / before


@metric(
    name="MAU retention",
    unit="RATIO",
    direction=Direction.UP,
    source="004:211",
    aliases=("MAU Retention Rate",),
    inputs={"before": previous("active_users"), "of_both": rolling("active_users", 2)},
    grains=(Grain.MONTH,),
    alternative="month_1_retention",
)
def mau_retention(active_users: Symbol, before: Symbol, of_both: Symbol) -> Symbol:
    """Share of one month's active users who are active in the next month too."""
    # Active in both months: those of either month counted twice, less those of both months counted once.
    return (before + active_users - of_both) / before


@metric(name="Peak DAU capacity", unit="MULTIPLE", direction=Direction.UP, source="004:187")
def peak_dau_capacity(daily_user_capacity: Symbol, peak_daily_users: Symbol) -> Symbol:
    """Daily active users that the platform can carry, as a multiple of the peak load."""
    return daily_user_capacity / peak_daily_users


@metric(unit="RATIO", direction=Direction.UP, source="004:212", grains=(Grain.MONTH,), alternative="power_users")
def power_user_ratio(power_users: Symbol, active_users: Symbol) -> Symbol:
    """Share of monthly active users who use the product intensively."""
    return power_users / active_users


@metric(
    name="Time to power user",
    unit="DURATION",
    direction=Direction.DOWN,
    source="004:128",
    aliases=("Power User Achievement",),
)
def power_user_time(power_user_wait_total: Symbol, new_power_users: Symbol) -> Symbol:
    """Average time from signup until a user works as a power user."""
    return power_user_wait_total / new_power_users


METRICS = (
    mau,
    mau_rate,
    dau,
    dau_mau,
    daily_stickiness,
    mau_growth,
    dau_growth,
    mau_retention,
    peak_dau_capacity,
    power_user_ratio,
    power_user_time,
)
