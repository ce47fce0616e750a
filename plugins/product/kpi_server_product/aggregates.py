"""How often people come, made of the events that say so."""

from collections import defaultdict

from kpi_server.domain.sketch.distinct import estimate
from kpi_server.domain.sketch.sparse import merge
from kpi_server.plugin import Cell, Events, Period, Sketch, Sketched, aggregate


@aggregate(kind="session", outputs=("active_users", "average_daily_users", "peak_daily_users"), by=("plan", "region"))
async def sessions(events: Events) -> list[Cell]:
    """Different users with a session, by day; an event's subject is the user."""
    days: defaultdict[Period, list[Sketched]] = defaultdict(list)
    for found in await events.distinct():
        days[found.period].append(found)
    return [cell for day, parts in days.items() for cell in (*_sketches(parts), *_numbers(day, parts))]


def _sketches(parts: list[Sketched]) -> list[Cell]:
    return [Cell("active_users", *part) for part in parts]


def _numbers(day: Period, parts: list[Sketched]) -> list[Cell]:
    """What does not add up across segments is told of each, and as a whole."""
    whole = merge(Sketch.DISTINCT, (part.sketch for part in parts))
    numbers = {part.segment: estimate(part.sketch) for part in parts} | {"": estimate(whole)}
    return [
        Cell(measure, day, segment, number)
        for measure in ("average_daily_users", "peak_daily_users")
        for segment, number in numbers.items()
    ]


AGGREGATES = (sessions,)
