"""How fast requests are answered."""

from decimal import Decimal

from kpi_server.plugin import Across, Direction, Measure, OverTime, Sketch, Symbol, metric, parse_unit, percentile

MEASURES = (
    Measure(
        key="response_total",
        name="Sum of response times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="The response times of all API requests, added up.",
        source="004:312",
    ),
    Measure(
        key="requests",
        name="API requests",
        unit=parse_unit("COUNT(request)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="API requests that were answered.",
        source="004:312",
    ),
    Measure(
        key="response_times",
        name="Response times",
        unit=parse_unit("DURATION"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="How often an API request took how long.",
        source="004:313",
        sketch=Sketch.HISTOGRAM,
    ),
)


@metric(
    name="API response time",
    unit="DURATION",
    direction=Direction.DOWN,
    source="004:312",
    aliases=("API Performance", "Average Response Time"),
)
def api_response_time(response_total: Symbol, requests: Symbol) -> Symbol:
    """Average time to answer an API request."""
    return response_total / requests


@metric(
    name="API response time, 95th percentile",
    unit="DURATION",
    direction=Direction.DOWN,
    source="004:313",
    aliases=("P95 Response Time",),
)
def api_response_time_p95(response_times: Symbol) -> Symbol:
    """Time within which 95 % of the API requests are answered."""
    return percentile(response_times, Decimal("0.95"))


@metric(
    name="API response time, 99th percentile",
    unit="DURATION",
    direction=Direction.DOWN,
    source="004:325",
    aliases=("P99 Response Time",),
)
def api_response_time_p99(response_times: Symbol) -> Symbol:
    """Time within which 99 % of the API requests are answered."""
    return percentile(response_times, Decimal("0.99"))


METRICS = (api_response_time, api_response_time_p95, api_response_time_p99)
