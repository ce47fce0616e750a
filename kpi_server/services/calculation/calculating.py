"""Values of metrics and measures in any number of cells of one organization, by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpi_server.domain.calculation import Calculated, Calculation, Wanted
from kpi_server.errors import TooMany
from kpi_server.registry import Registry
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.rollup import MeasureCell, roll_up_cells

MOST_LEAVES = 100_000
"""The most cells of measures that one statement rolls up."""


@dataclass(frozen=True)
class Books:
    """Whose values, and on which day of its own; with generated history or without."""

    organization_id: int
    today: date
    generated: bool = True


async def calculate(fetch: Fetch, registry: Registry, books: Books, wanted: Sequence[Wanted]) -> list[Calculated]:
    """For each wanted cell what the metric or measure is there; one statement, and none where nothing is recorded for.

    Raises:
        TooMany: they stand on more than 100,000 cells of measures.
    """
    definitions = registry.definitions
    calculation = Calculation(definitions, books.today)
    leaves = calculation.leaves(one for one in wanted if one.period.start <= books.today)
    if len(leaves) > MOST_LEAVES:
        raise TooMany(
            f"The values stand on {len(leaves)} cells of measures; {MOST_LEAVES} are allowed: ask for fewer KPIs, "
            "segments or periods."
        )
    cells = [MeasureCell(leaf.segment, leaf.frame, definitions.measures[leaf.key]) for leaf in leaves]
    rolled = await roll_up_cells(fetch, books.organization_id, cells, generated=books.generated)
    calculation.rolled = dict(zip(leaves, rolled, strict=True))
    return [calculation.value(one) for one in wanted]


async def calculate_all(fetch: Fetch, registry: Registry, books: Books, wanted: Sequence[Wanted]) -> list[Calculated]:
    """The same for any number of cells: by as few statements as the limit of what one rolls up allows."""
    try:
        return await calculate(fetch, registry, books, wanted)
    except TooMany:
        half = len(wanted) // 2
        if not half:
            raise
        halves = [await calculate_all(fetch, registry, books, part) for part in (wanted[:half], wanted[half:])]
        return [value for part in halves for value in part]
