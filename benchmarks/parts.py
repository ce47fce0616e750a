"""The parts of a run that measure this server's own work, without other servers, on a database of their own."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from benchmarks.ground import Ground, ground_of
from benchmarks.importing import measure_import
from benchmarks.recomputing import measure_recompute
from benchmarks.results import Figure
from benchmarks.rolling import measure_months
from kpi_server.store.embedded import Cluster

PARTS: Final[Mapping[str, Callable[[Ground], Awaitable[list[Figure]]]]] = MappingProxyType(
    {"recompute": measure_recompute, "import": measure_import, "months": measure_months}
)
ROWS: Final = 10_000_000
"""How many rows a file has in a whole run."""
FEW_ROWS: Final = 100_000


async def measure_parts(
    cluster: Cluster, names: Collection[str], *, rows: int, say: Callable[[str], None]
) -> list[Figure]:
    """What the parts of these names measured."""
    async with ground_of(cluster, rows, say) as ground:
        return [figure for name, part in PARTS.items() if name in names for figure in await part(ground)]
