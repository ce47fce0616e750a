"""Receipts of imports, what was wrong with their rows, what they keep busy, and how far events are aggregated."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from kpi_server.store.reads import Fetch, Key, Record
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.sql import statement


def imports(clauses: Clauses) -> str:
    """The select of receipts under these conditions."""
    return statement("imports").format(where=clauses.where)


async def reasons(fetch: Fetch, keys: Sequence[Key]) -> list[Sequence[Mapping[str, Any]]]:
    """For each import the first reasons why rows of it were rejected."""
    rows = await fetch(statement("reasons_of_imports"), *_columns(keys))
    found = {(row["organization_id"], row["id"]): orjson.loads(row["reasons"]) for row in rows}
    return [found.get(key, []) for key in keys]


async def waiting(fetch: Fetch, keys: Sequence[Key]) -> list[int]:
    """For each write how many values wait to be calculated again because of it."""
    rows = await fetch(statement("waiting_for_batches"), *_columns(keys))
    found = {(row["organization_id"], row["batch_id"]): row["count"] for row in rows}
    return [found.get(key, 0) for key in keys]


async def aggregates(fetch: Fetch, kinds: Mapping[str, str], ids: Sequence[int]) -> list[list[Record]]:
    """For each organization how far each of these aggregates is made, each with the kind of its events."""
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for row in await fetch(statement("aggregations_of"), list(ids), [*kinds], [*kinds.values()]):
        found[row["organization_id"]].append(row)
    return [found[organization_id] for organization_id in ids]


def _columns(keys: Sequence[Key]) -> tuple[list[int], list[int]]:
    return [first for first, _ in keys], [second for _, second in keys]
