"""Values of metrics and measures in any number of cells of one organization, by one statement."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from kpi_server.domain.calculation import Calculated, Calculation, Line, Wanted, lines_of
from kpi_server.errors import TooMany
from kpi_server.registry import Registry
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.rollup import Column, roll_up_columns

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
    lines = lines_of(wanted)
    calculation = await _rolled_up(fetch, registry, books, lines)
    return [value for line in lines for value in calculation.values(line)]


async def calculate_all(
    fetch: Fetch, registry: Registry, books: Books, lines: Sequence[Line]
) -> AsyncIterator[Sequence[Calculated]]:
    """The values of the cells of any number of lines, in their order, some at a time.

    By as few statements as the limit of what one rolls up allows.
    """
    try:
        calculation = await _rolled_up(fetch, registry, books, lines)
    except TooMany:
        halves = _halves(lines)
        if not halves:
            raise
    else:
        halves = ()
        for line in lines:
            yield calculation.values(line)
    for half in halves:
        async for values in calculate_all(fetch, registry, books, half):
            yield values


def _halves(lines: Sequence[Line]) -> Sequence[Sequence[Line]]:
    """The same cells as two calculations; none where there is one cell alone."""
    if len(lines) > 1:
        return lines[: len(lines) // 2], lines[len(lines) // 2 :]
    ((key, segment, periods),) = lines
    half = len(periods) // 2
    return [[Line(key, segment, part)] for part in (periods[:half], periods[half:])] if half else ()


async def _rolled_up(fetch: Fetch, registry: Registry, books: Books, lines: Sequence[Line]) -> Calculation:
    """A calculation that has what these lines stand on."""
    definitions = registry.definitions
    calculation = Calculation(definitions, books.today)
    leaves = calculation.leaves(lines)
    count = sum(map(len, leaves.values()))
    if count > MOST_LEAVES:
        raise TooMany(
            f"The values stand on {count} cells of measures; {MOST_LEAVES} are allowed: ask for fewer KPIs, "
            "segments or periods."
        )
    columns = [Column(segment, tuple(frames), definitions.measures[key]) for (key, segment), frames in leaves.items()]
    rolled = await roll_up_columns(fetch, books.organization_id, columns, generated=books.generated)
    found = (dict(zip(column.frames, values, strict=True)) for column, values in zip(columns, rolled, strict=True))
    calculation.rolled = dict(zip(leaves, found, strict=True))
    return calculation
