"""What is summed up over an organization: one statement for any number of organizations."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from kpi_server.store.reads import Fetch, Record, TextKey
from kpi_server.store.sql import statement


async def standings_today(fetch: Fetch, now: datetime, organizations: Sequence[int]) -> list[list[Record]]:
    """For each organization where each of its KPIs stands today, as a whole."""
    sql = statement("standings_today").format(status=statement("status_today"))
    return _by_organization(await fetch(sql, now, list(organizations)), organizations)


async def alert_counts(fetch: Fetch, organizations: Sequence[int]) -> list[list[Record]]:
    """For each organization how many alerts stand open, by document and severity."""
    return _by_organization(await fetch(statement("alert_counts"), list(organizations)), organizations)


async def deadlines(fetch: Fetch, organizations: Sequence[int]) -> list[list[Record]]:
    """For each organization what its documents want done by some day."""
    return _by_organization(await fetch(statement("deadlines_of"), list(organizations)), organizations)


async def segments_of(fetch: Fetch, measures: Sequence[TextKey]) -> list[list[str]]:
    """For each measure the segments in which it is recorded, sorted."""
    found: defaultdict[TextKey, list[str]] = defaultdict(list)
    for row in await fetch(statement("segments_of"), *zip(*measures, strict=True)):
        found[row["organization_id"], row["key"]].append(row["segment"])
    return [found[measure] for measure in measures]


def _by_organization(rows: Iterable[Record], organizations: Sequence[int]) -> list[list[Record]]:
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["organization_id"]].append(row)
    return [found[organization_id] for organization_id in organizations]
