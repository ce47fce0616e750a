"""The past: views that show an organization as it was at one of its numbers, by the names of the tables themselves.

They follow from the tables, so migrating drops them first and makes them anew at the end. Statements read them by the
same names as the tables; nothing else about a statement changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kpi_server.store.catalog import TENANT_TABLES
from kpi_server.store.reads import Fetch
from kpi_server.store.sql import statement
from kpi_server.store.standing import StandingRow
from kpi_server.store.tables import METADATA
from kpi_server.store.tenancy import tenant_column

SCHEMA: Final = "past"
MARK: Final = "/* as of */ "
"""In front of every statement about the past: the driver keeps prepared statements by their text."""


async def forget_past(connection: AsyncConnection) -> None:
    """Drop the views, so that tables can change."""
    await connection.execute(text(f"drop schema if exists {SCHEMA} cascade"))


async def picture_past(connection: AsyncConnection, role: str) -> None:
    """Make the views of today's tables, for this role to read; row-level security is that of the tables."""
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    await connection.execute(text(f"create schema {SCHEMA}"))
    for view, select in _views().items():
        rights = "with (security_invoker = true)"
        await connection.exec_driver_sql(f"create view {SCHEMA}.{view} {rights} as {select}")
    await connection.execute(text(f"grant usage on schema {SCHEMA} to {name}"))
    await connection.execute(text(f"grant select on all tables in schema {SCHEMA} to {name}"))


def _views() -> Mapping[str, str]:
    """Each view by the name of its table, in the order of their making."""
    ending = [name for name, table in METADATA.tables.items() if "ended_in" in table.columns]
    kept = [table.name for table in TENANT_TABLES if table.name not in ending]
    return {
        **{name: _rows(name) for name in ("organizations", *kept)},
        **{name: _standing(name) for name in ending},
        "series": _series(),
        **{name: statement(f"past_{name}") for name in ("kpi_current", "sequences", "dirty_cells")},
    }


def _rows(table: str) -> str:
    return statement("past_rows").format(table=table, tenant=tenant_column(table))


def _standing(table: str) -> str:
    columns = [name for name in METADATA.tables[table].columns.keys() if name != "ended_in"]  # noqa: SIM118
    return statement("past_standing").format(table=table, columns=", ".join(columns))


def _series() -> str:
    stated = statement("past_stated")
    return statement("past_series").format(standing=stated.format(now="null"), ended=stated.format(now="not null"))


def standings_setting(organization_id: int, rows: Sequence[StandingRow]) -> str:
    """Where KPIs stood, as the view of kpi_current is told."""
    shown = [{"organization_id": organization_id, **asdict(row)} for row in rows]
    return orjson.dumps(shown, default=_plain).decode()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal | date):
        return str(value)
    raise TypeError(type(value).__name__)


def marked(fetch: Fetch) -> Fetch:
    """Runs statements about the past."""

    async def fetching(sql: str, *parameters: Any) -> Any:
        return await fetch(f"{MARK}{sql}", *parameters)

    return fetching
