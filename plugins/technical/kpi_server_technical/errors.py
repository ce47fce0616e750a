"""How many answers are errors."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="responses",
        name="Responses",
        unit=parse_unit("COUNT(response)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Responses of the platform, errors included.",
        source="004:366",
    ),
    Measure(
        key="error_responses",
        name="Error responses",
        unit=parse_unit("COUNT(response)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Responses that are errors, whatever their kind.",
        source="004:366",
    ),
    Measure(
        key="client_errors",
        name="Client errors",
        unit=parse_unit("COUNT(response)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Responses with an HTTP status from 400 to 499.",
        source="004:377",
    ),
    Measure(
        key="server_errors",
        name="Server errors",
        unit=parse_unit("COUNT(response)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Responses with an HTTP status from 500 to 599.",
        source="004:378",
    ),
    Measure(
        key="timeouts",
        name="Timeouts",
        unit=parse_unit("COUNT(response)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Requests that ended in a timeout.",
        source="004:379",
    ),
)


@metric(unit="RATIO", direction=Direction.DOWN, source="004:366", aliases=("Overall Error Rate",))
def error_rate(error_responses: Symbol, responses: Symbol) -> Symbol:
    """Share of responses that are errors."""
    return error_responses / responses


@metric(unit="RATIO", direction=Direction.DOWN, source="004:377", aliases=("4xx Errors",))
def client_error_rate(client_errors: Symbol, responses: Symbol) -> Symbol:
    """Share of responses with an HTTP status from 400 to 499."""
    return client_errors / responses


@metric(unit="RATIO", direction=Direction.DOWN, source="004:378", aliases=("5xx Errors",))
def server_error_rate(server_errors: Symbol, responses: Symbol) -> Symbol:
    """Share of responses with an HTTP status from 500 to 599."""
    return server_errors / responses


@metric(unit="RATIO", direction=Direction.DOWN, source="004:379", aliases=("Timeout Errors",))
def timeout_rate(timeouts: Symbol, responses: Symbol) -> Symbol:
    """Share of requests that end in a timeout."""
    return timeouts / responses


METRICS = (error_rate, client_error_rate, server_error_rate, timeout_rate)
