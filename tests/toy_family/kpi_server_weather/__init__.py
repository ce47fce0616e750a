"""A family as a stranger would write it: it imports kpi_server.plugin and nothing else of the server."""

from decimal import Decimal

from kpi_server.plugin import Direction, Family, Metric, hookimpl, parse_unit


@hookimpl
def kpi_family() -> Family:
    return Family(name="weather", title="Weather", description="What a farm plans its days by.", api_version=1)


@hookimpl
def kpi_metrics() -> list[Metric]:
    return [
        Metric(
            key="sunshine",
            name="Hours of sunshine",
            unit=parse_unit("DURATION"),
            direction=Direction.UP,
            description="Time in which direct sunlight exceeds 120 watts per square metre.",
            source="WMO-No. 8, Guide to Instruments and Methods of Observation, chapter 8",
            aliases=["Sun hours", "SH"],
        ),
        Metric(
            key="forecast_accuracy",
            name="Forecast accuracy",
            unit=parse_unit("RATIO"),
            direction=Direction.UP,
            description="Share of days whose forecast of rain proved right.",
            source="Wilks, Statistical Methods in the Atmospheric Sciences, proportion correct",
            acceptable=Decimal("0.9"),
        ),
        Metric(
            key="wind_force",
            name="Wind force",
            unit=parse_unit("SCORE(0,12)"),
            direction=Direction.NONE,
            description="Strength of the wind on the Beaufort scale.",
            source="WMO-No. 306, Manual on Codes, code table 1100",
            fixed_unit_reason="The Beaufort scale is the same for everybody.",
        ),
    ]
