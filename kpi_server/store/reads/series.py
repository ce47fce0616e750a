"""The points of series, as stored: one statement for all series of an operation."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.series import MOST_POINTS, Window
from kpi_server.store.reads import Fetch, Record, TextKey
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class SeriesKey:
    """Which series is wanted, and which part of it; without a grain the finest of which something is known."""

    organization_id: int
    kpi_id: int
    segment: str
    grain: str | None
    window: Window
    calendar: Calendar = ISO


async def series_rows(fetch: Fetch, keys: Sequence[SeriesKey]) -> list[list[Record]]:
    """For each key its rows; none where nothing is known."""
    rows = await fetch(
        statement("series_points"),
        [key.organization_id for key in keys],
        [key.kpi_id for key in keys],
        [key.segment for key in keys],
        [key.grain for key in keys],
        [key.window.start for key in keys],
        [key.window.end for key in keys],
        [key.window.last for key in keys],
        MOST_POINTS,
    )
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["place"]].append(row)
    return [found[place] for place in range(1, len(keys) + 1)]


async def series_of_measures(fetch: Fetch, keys: Sequence[TextKey]) -> list[list[Record]]:
    """For each organization and key of a measure the segments and grains that are recorded of it."""
    found: defaultdict[TextKey, list[Record]] = defaultdict(list)
    for organization_id in dict.fromkeys(organization_id for organization_id, _ in keys):
        asked = [key for place, key in keys if place == organization_id]
        for row in await fetch(statement("series_of_measures"), organization_id, asked):
            found[organization_id, row["key"]].append(row)
    return [found[key] for key in keys]
