"""Values to ask the seeds for: what is there, and what is not."""

from itertools import chain
from typing import Any

from kpi_server.api.identity import cursor, global_id
from kpi_server.store.organizations import id_of
from tests.integration.api.differential.generating import Pools

SLUGS = ("ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co")
GARBAGE = ("", "x", "\n", "ünïcödé ☃", "%_\\", "x" * 201)
PAGES = {"first": [1, 1, 2, 3, 5, 0, 101, -1], "last": [1, 2, 3, 0, 101, -1]}


async def pools_of(connection: Any) -> Pools:
    """The pools of a database that holds the seeds."""
    asking = _Asking(connection)
    ids = [*await asking.ids(), *GARBAGE]
    cursors = [*await asking.cursors(), *GARBAGE]
    of_kpis = [*await asking.cursors_of("Kpi", "kpis", ":position+,id+"), *cursors[::5]]
    keys = await asking.texts("select name from kpi_aliases union select key from kpis union select name from kpis")
    tables = ("documents", "owners", "departments", "categories", "classifications")
    texts = [*chain.from_iterable([await asking.texts(f"select key from {table}") for table in tables]), *GARBAGE]
    segments = await asking.texts("select segment from targets where segment <> ''")
    return Pools(
        named={
            "organization.slug": [*SLUGS, *SLUGS, "nobody", *GARBAGE],
            "key": [*keys, "Customer Satisfaction", "NPS", "nothing.here", *GARBAGE],
            "kpi": [*keys[::3], *GARBAGE],
            "segment": [*segments, "plan", "a=b=c", "=", *GARBAGE],
            "kpis.after": of_kpis,
            "kpis.before": of_kpis,
            "text": ["e", "a", *texts],
            **PAGES,
        },
        typed={
            "Cursor": cursors,
            "String": texts,
            "Boolean": [True, False],
            "Int": [0, 1, -1, 2**31 - 1],
            "Float": [0.0, 0.5, -1.5, 1e9],
            "Decimal": ["0", "0.75", "-12", "1000000"],
            "DateTime": ["2026-03-01T00:00:00Z", "2024-02-29T12:30:00+01:00"],
            "Period": ["2024-Q1", "2024-02", "2024"],
            "Date": ["2026-03-01", "2024-02-29"],
            "ID": ids,
        },
    )


class _Asking:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def texts(self, sql: str) -> list[str]:
        rows = await self._connection.fetch(f"select distinct one from ({sql}) as found (one) order by one limit 200")
        return [row["one"] for row in rows]

    async def ids(self) -> list[str]:
        tables = {"Kpi": "kpis", "Target": "targets", "Alert": "alerts", "Widget": "widgets", "Risk": "risks"}
        found = [global_id("Organization", id_of(slug), id_of(slug)) for slug in SLUGS]
        for kind, table in tables.items():
            rows = await self._connection.fetch(f"select organization_id, id from {table} order by id limit 15")
            found += [global_id(kind, *row) for row in rows]
        strangers = [("Kpi", id_of("auterity"), 1), ("Kpi", 1, 1), ("Nothing", id_of("auterity"), 1)]
        return [*found, *(global_id(*one) for one in strangers)]

    async def cursors(self) -> list[str]:
        kinds = {"Target": "targets", "Owner": "owners", "AlertRule": "alert_rules", "KpiRow": "kpi_rows"}
        return [*chain.from_iterable([await self.cursors_of(kind, table) for kind, table in kinds.items()])]

    async def cursors_of(self, kind: str, table: str, order: str = "") -> list[str]:
        sql = f"select organization_id, position, id from {table} order by id limit 20"
        rows = await self._connection.fetch(sql)
        return [cursor(f"{kind}:{organization}{order}", place) for organization, *place in rows]
