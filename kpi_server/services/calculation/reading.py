"""The values of metrics and measures: as they are kept, else calculated. The one place that decides which."""

from collections.abc import Sequence

from kpi_server.domain.calculation import Calculated, Wanted
from kpi_server.registry import Registry
from kpi_server.services.calculation.calculating import Books, calculate
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.kept import kept_values


async def read_values(fetch: Fetch, registry: Registry, books: Books, wanted: Sequence[Wanted]) -> list[Calculated]:
    """For each wanted cell what is kept of it, and where nothing is what it is calculated to be.

    A KPI's values are kept at its own grain alone. What was recorded since may be `pending` there; in the past it is
    what was kept then. Everything else is calculated from what is known, or was, and so is what is to leave out
    generated history, which counts in what is kept.

    Raises:
        TooMany: what is to be calculated stands on more than 100,000 cells of measures.
    """
    grains = registry.readers.grains
    own = [one for one in wanted if grains.get(one.key) is one.period.grain and one.period.start <= books.today]
    found: dict[Wanted, Calculated] = {}
    if own and books.generated:
        found = await kept_values(fetch, registry, books.organization_id, own)
    lacking = [one for one in wanted if one not in found]
    if lacking:
        values = await calculate(fetch, registry, books, lacking)
        found |= dict(zip(lacking, values, strict=True))
    return [found[one] for one in wanted]
