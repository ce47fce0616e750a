"""How much of the time the platform works, how often it fails and how soon it is back."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="service_time",
        name="Service time",
        unit=parse_unit("DURATION"),
        across=Across.MAX,
        over_time=OverTime.SUM,
        description="Time in which the platform should have worked: the whole period, unless hours are agreed.",
        source="004:339",
    ),
    Measure(
        key="downtime",
        name="Downtime",
        unit=parse_unit("DURATION"),
        across=Across.NONE,
        over_time=OverTime.SUM,
        description="Time in which the platform did not work; parts may be down at once, so theirs do not add up.",
        source="004:339",
    ),
    Measure(
        key="failures",
        name="Failures",
        unit=parse_unit("COUNT(failure)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Times that the platform failed.",
        source="004:352",
    ),
    Measure(
        key="recovery_total",
        name="Sum of recovery times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from failure to restored service, added up over the recoveries.",
        source="004:353",
    ),
    Measure(
        key="recoveries",
        name="Recoveries",
        unit=parse_unit("COUNT(failure)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Failures after which service was restored in the period.",
        source="004:353",
    ),
)


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="004:339",
    aliases=("Platform Uptime", "System Uptime", "System Availability", "Monthly Uptime"),
)
def availability(service_time: Symbol, downtime: Symbol) -> Symbol:
    """Share of the time in which the platform was operational and reachable."""
    return (service_time - downtime) / service_time


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="004:340",
    aliases=("Annual Uptime",),
    grains=(Grain.YEAR,),
    alternative="availability",
)
def annual_availability(service_time: Symbol, downtime: Symbol) -> Symbol:
    """Share of a year in which the platform was operational and reachable."""
    return (service_time - downtime) / service_time


@metric(
    name="Mean time between failures",
    unit="DURATION",
    direction=Direction.UP,
    source="004:352; IEC 60050-192:2015, 192-05-13",
    aliases=("MTBF",),
)
def mtbf(service_time: Symbol, downtime: Symbol, failures: Symbol) -> Symbol:
    """Average operating time from one failure to the next."""
    return (service_time - downtime) / failures


@metric(
    name="Mean time to recovery",
    unit="DURATION",
    direction=Direction.DOWN,
    source="004:353; IEC 60050-192:2015, 192-07-23",
    aliases=("MTTR",),
)
def mttr(recovery_total: Symbol, recoveries: Symbol) -> Symbol:
    """Average time from a failure until service is restored."""
    return recovery_total / recoveries


METRICS = (availability, annual_availability, mtbf, mttr)
