"""What decides where KPIs stand, KPI by KPI: for readers who want to see why."""

from collections import defaultdict
from collections.abc import Sequence

from kpi_server.store.reads import Fetch, Key
from kpi_server.store.standing import Fact, with_facts


async def facts_of_kpis(fetch: Fetch, keys: Sequence[Key]) -> list[list[Fact]]:
    """For each KPI its figures and targets, or one fact without either."""
    rows = await fetch(with_facts("facts_of_kpis"), [key[0] for key in keys], [key[1] for key in keys])
    found: defaultdict[Key, list[Fact]] = defaultdict(list)
    for row in rows:
        found[row["organization_id"], row["kpi_id"]].append(Fact(**row))
    return [found[key] for key in keys]
