"""How fast requests are answered, made of the events that say so."""

from kpi_server.plugin import Cell, Events, aggregate


@aggregate(
    kind="request",
    outputs=("response_times", "response_total", "requests"),
    amount="DURATION",
    by=("service", "region"),
)
async def requests(events: Events) -> list[Cell]:
    """Response times and numbers of requests, by day; an event's amount is the time to its answer."""
    cells = [Cell("response_times", *found) for found in await events.histogram()]
    for total in await events.totals():
        cells.append(Cell("requests", total.period, total.segment, total.number))
        cells.append(Cell("response_total", total.period, total.segment, total.amount))
    return cells


AGGREGATES = (requests,)
