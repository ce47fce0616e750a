"""Sketches merged by PostgreSQL are those that Python merges."""

import random
from collections import defaultdict

import asyncpg

from kpi_server.domain.sketch.sparse import EMPTY, Sketch, Sparse, merge, of_places
from kpi_server.store.embedded import Cluster
from kpi_server.store.sql import statement

SENT = """(
    select cell, kind, places::integer[], amounts::bigint[]
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as sent (cell, kind, places, amounts)
)"""


async def merged(cluster: Cluster, rows: list[tuple[int, Sketch, Sparse]]) -> dict[int, Sparse]:
    """By cell what PostgreSQL makes of the rows."""
    connection = await asyncpg.connect(cluster.dsn())
    try:
        found = await connection.fetch(
            statement("merged_sketches").format(sketches=SENT),
            [cell for cell, _, _ in rows],
            [kind.value for _, kind, _ in rows],
            [braced(sketch.places) for _, _, sketch in rows],
            [braced(sketch.amounts) for _, _, sketch in rows],
        )
    finally:
        await connection.close()
    return {row["cell"]: Sparse(tuple(row["places"]), tuple(row["amounts"])) for row in found}


def braced(numbers: tuple[int, ...]) -> str:
    """An array as PostgreSQL writes it; arrays of unequal length are no array of arrays, so they travel as texts."""
    return "{" + ",".join(map(str, numbers)) + "}"


async def test_cells_of_both_kinds_are_merged_at_once(cluster: Cluster) -> None:
    """Worked by hand: the higher register stays, buckets add up; large counts do not overflow an integer."""
    rows = [
        (1, Sketch.DISTINCT, of_places({3: 1, 9: 4})),
        (1, Sketch.DISTINCT, of_places({3: 2, 4095: 53})),
        (2, Sketch.HISTOGRAM, of_places({-5: 1, 0: 2_000_000_000})),
        (2, Sketch.HISTOGRAM, of_places({0: 2_000_000_000, 7: 3})),
        (3, Sketch.DISTINCT, EMPTY),
        (4, Sketch.HISTOGRAM, EMPTY),
        (4, Sketch.HISTOGRAM, of_places({1: 1})),
    ]
    assert await merged(cluster, rows) == {
        1: of_places({3: 2, 9: 4, 4095: 53}),
        2: of_places({-5: 1, 0: 4_000_000_000, 7: 3}),
        3: EMPTY,
        4: of_places({1: 1}),
    }


async def test_random_sketches_merge_as_in_python(cluster: Cluster) -> None:
    chance = random.Random(7)  # noqa: S311 - the same sketches each run
    rows = [
        (cell, kind, of_places({chance.randrange(60): chance.randrange(1, 50) for _ in range(chance.randrange(20))}))
        for cell in range(60)
        for kind in [chance.choice(list(Sketch))]
        for _ in range(chance.randrange(1, 6))
    ]
    wanted: defaultdict[int, list[Sparse]] = defaultdict(list)
    kinds = {cell: kind for cell, kind, _ in rows}
    for cell, _, sketch in rows:
        wanted[cell].append(sketch)
    assert await merged(cluster, rows) == {cell: merge(kinds[cell], sketches) for cell, sketches in wanted.items()}
