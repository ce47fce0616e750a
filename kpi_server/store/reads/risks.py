"""Risks with their latest assessment."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, LiteralString

from kpi_server.store.reads import Fetch, Key, Record
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.rows import also
from kpi_server.store.sql import statement


def risk_list(clauses: Clauses, expressions: Sequence[str] = ()) -> str:
    """The select of risks under conditions on `risk`, with the expressions they are sorted by."""
    return statement("risks").format(where=clauses.where, sorted=also(expressions))


async def risks_by(fetch: Fetch, column: Literal["id", "kpi_id"], keys: Sequence[Key]) -> list[list[Record]]:
    """For each key the risks that bear it, in document order."""
    clauses = Clauses()
    columns: LiteralString = "risk.organization_id, risk.id" if column == "id" else "risk.organization_id, risk.kpi_id"
    clauses.add_pairs(columns, keys, "bigint")
    found: defaultdict[Key, list[Record]] = defaultdict(list)
    for row in await fetch(f"{risk_list(clauses)} order by risk.position, risk.id", *clauses.parameters):
        found[row["organization_id"], row["entry"][column]].append(row)
    return [found[key] for key in keys]
