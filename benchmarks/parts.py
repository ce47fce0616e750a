"""The parts of a run that measure this server's own work, without other servers, on a database of their own."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

import asyncpg

from benchmarks.ground import Ground, ground_of
from benchmarks.importing import NotImported, measure_import
from benchmarks.measuring import Measured
from benchmarks.recomputing import NotCalculated, measure_recompute
from benchmarks.results import Figure
from benchmarks.rolling import OtherSums, measure_months
from kpi_server.errors import KpiError
from kpi_server.store.embedded import Cluster

PARTS: Final[Mapping[str, Callable[[Ground], Awaitable[list[Figure]]]]] = MappingProxyType(
    {"recompute": measure_recompute, "import": measure_import, "months": measure_months}
)
ROWS: Final = 10_000_000
"""How many rows a file has in a whole run."""
FEW_ROWS: Final = 100_000


BROKEN_OFF: Final = (NotImported, NotCalculated, OtherSums, KpiError, asyncpg.PostgresError)


async def measure_parts(
    cluster: Cluster, names: Collection[str], measured: Measured, *, rows: int, say: Callable[[str], None]
) -> None:
    """Add what the parts of these names measure, and which broke off and why: the others' hour of work is kept."""
    async with ground_of(cluster, rows, say) as ground:
        for name, part in PARTS.items():
            try:
                measured.figures.extend(await part(ground) if name in names else ())
            except BROKEN_OFF as error:
                measured.broken.append(f"{name}: {error}")
