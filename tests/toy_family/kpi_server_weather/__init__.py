"""A family as a stranger would write it: it imports kpi_server.plugin and nothing else of the server."""

from decimal import Decimal

from kpi_server.plugin import (
    Absence,
    Across,
    Direction,
    Family,
    Measure,
    Metric,
    OverTime,
    Symbol,
    Vector,
    hookimpl,
    metric,
    parse_unit,
)


@hookimpl
def kpi_family() -> Family:
    return Family(name="weather", title="Weather", description="What a farm plans its days by.", api_version=1)


@hookimpl
def kpi_measures() -> list[Measure]:
    return [
        Measure(
            key=key,
            name=name,
            unit=parse_unit("COUNT(day)"),
            across=Across.NONE,
            over_time=OverTime.SUM,
            description=description,
            source="Wilks, Statistical Methods in the Atmospheric Sciences, proportion correct",
            aliases=aliases,
        )
        for key, name, description, aliases in (
            ("days_forecast", "Days forecast", "Days for which rain or its absence was forecast.", ["Forecasts"]),
            ("days_proved_right", "Days proved right", "Days whose forecast of rain proved right.", []),
        )
    ]


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="Wilks, Statistical Methods in the Atmospheric Sciences, proportion correct",
    acceptable=Decimal("0.9"),
)
def forecast_accuracy(days_proved_right: Symbol, days_forecast: Symbol) -> Symbol:
    """Share of days whose forecast of rain proved right."""
    return days_proved_right / days_forecast


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
        forecast_accuracy,
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


@hookimpl
def kpi_vectors() -> list[Vector]:
    return [
        Vector(
            metric="forecast_accuracy",
            given={"days_proved_right": "27", "days_forecast": "30"},
            expected="0.9",
            source="Worked by hand: 27 of 30 days",
        ),
        Vector(
            metric="forecast_accuracy",
            given={"days_proved_right": 0, "days_forecast": 0},
            expected=Absence.UNDEFINED,
            source="Nothing was forecast",
        ),
    ]
