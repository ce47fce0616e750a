"""Rows of single tables: by id, by natural key, as children of many parents, and as a list."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, LiteralString

from kpi_server.store.reads import Fetch, Key, Record, TextKey
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.sql import statement


async def children(
    fetch: Fetch, table: LiteralString, column: LiteralString, parents: Sequence[Key]
) -> list[list[Record]]:
    """For each parent its rows in document order; one statement for all."""
    return await _grouped(fetch, table, column, parents, kind="bigint")


async def by_id(fetch: Fetch, table: LiteralString, keys: Sequence[Key]) -> list[Record | None]:
    """For each key the row, or None."""
    return [next(iter(rows), None) for rows in await _grouped(fetch, table, "id", keys, kind="bigint")]


async def by_text(
    fetch: Fetch, table: LiteralString, column: LiteralString, keys: Sequence[TextKey]
) -> list[list[Record]]:
    """For each text the rows that bear it in a column."""
    return await _grouped(fetch, table, column, keys, kind="text")


async def _grouped(
    fetch: Fetch, table: LiteralString, column: LiteralString, keys: Sequence[tuple[int, Any]], *, kind: LiteralString
) -> list[list[Record]]:
    sql = statement("rows_of").format(table=table, column=column, type=kind)
    found: defaultdict[tuple[int, Any], list[Record]] = defaultdict(list)
    for row in await fetch(sql, *_columns(keys)):
        found[row["organization_id"], row[column]].append(row)
    return [found[key] for key in keys]


async def related(fetch: Fetch, name: LiteralString, column: LiteralString, keys: Sequence[Key]) -> list[list[Record]]:
    """For each key the whole rows in `column` that a named statement pairs with it."""
    found: defaultdict[Key, list[Record]] = defaultdict(list)
    for row in await fetch(statement(name), *_columns(keys)):
        found[row["organization_id"], row["kpi_id"]].append(row[column])
    return [found[key] for key in keys]


async def annotations(fetch: Fetch, keys: Sequence[Key]) -> list[list[Record]]:
    """For each KPI what documents note about it, the oldest document first."""
    found: defaultdict[Key, list[Record]] = defaultdict(list)
    for row in await fetch(statement("annotations_of_kpis"), *_columns(keys)):
        found[row["organization_id"], row["kpi_id"]].append(row)
    return [found[key] for key in keys]


async def batches(fetch: Fetch, keys: Sequence[Key]) -> list[Any]:
    """For each batch when it was recorded, or None."""
    rows = await fetch(statement("batches_of"), *_columns(keys))
    recorded = {(row["organization_id"], row["id"]): row["recorded_at"] for row in rows}
    return [recorded.get(key) for key in keys]


async def organizations(fetch: Fetch, ids: Sequence[int]) -> list[Record | None]:
    """For each id the organization, or None."""
    rows = {row["id"]: row for row in await fetch(statement("organizations"), list(ids))}
    return [rows.get(organization_id) for organization_id in ids]


async def closed_periods(fetch: Fetch, ids: Sequence[int]) -> list[list[Record]]:
    """For each organization its closed periods, the earliest first."""
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for row in await fetch(statement("closed_periods_of"), list(ids)):
        found[row["organization_id"]].append(row)
    return [found[organization_id] for organization_id in ids]


def list_of(table: LiteralString, clauses: Clauses, expressions: Sequence[str] = ()) -> str:
    """The select of one table's rows under these conditions, with the expressions they are sorted by."""
    return statement("rows").format(table=table, where=clauses.where, sorted=also(expressions))


def also(expressions: Sequence[str]) -> str:
    """Expressions as they follow others in a select."""
    return "".join(f", {expression}" for expression in expressions)


def _columns(keys: Sequence[tuple[int, Any]]) -> tuple[list[int], list[Any]]:
    """Pairs as two arrays, which is how they travel."""
    return [first for first, _ in keys], [second for _, second in keys]
