"""The views of the past: of every table that an answer may show, with its columns, and under its row-level security."""

import asyncpg

from kpi_server.store.migrating import migrate
from kpi_server.store.past import SCHEMA
from kpi_server.store.tables import METADATA
from kpi_server.store.tenancy import tenant_tables

NEVER_SHOWN_OR_NEVER_CHANGED = {
    "calculation_bases",
    "batches",
    "changes",
    "closed_periods",
    "external_ids",
    "idempotency_keys",
    "imports",
    "leases",
    "measures",
}
"""Bookkeeping of writes, and what is only ever added to and shown by what refers to it."""


async def _views(address):
    connection = await asyncpg.connect(address)
    rows = await connection.fetch(
        "select table_name, array_agg(column_name::text order by ordinal_position) as columns "
        "from information_schema.columns where table_schema = $1 group by table_name",
        SCHEMA,
    )
    rights = await connection.fetch(
        "select relname, reloptions from pg_class where relnamespace = $1::text::regnamespace and relkind = 'v'", SCHEMA
    )
    await connection.close()
    assert {row["relname"] for row in rights if "security_invoker=true" in (row["reloptions"] or ())} == {
        row["table_name"] for row in rows
    }
    return {row["table_name"]: row["columns"] for row in rows}


async def test_every_table_that_may_be_shown_has_a_view_with_its_columns(addresses):
    views = await _views(addresses.owner)
    events = {name for name in tenant_tables() if "event" in name or "aggregat" in name or "watermark" in name}
    assert set(views) | NEVER_SHOWN_OR_NEVER_CHANGED | events == set(tenant_tables())
    assert {name: sorted(columns) for name, columns in views.items()} == {
        name: sorted(METADATA.tables[name].columns.keys()) for name in views
    }


async def test_migrating_again_makes_the_views_anew(addresses):
    before = await _views(addresses.owner)
    await migrate(addresses.owner, addresses.server)
    assert await _views(addresses.owner) == before
