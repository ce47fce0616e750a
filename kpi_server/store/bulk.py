"""Many rows in one statement: they travel as one JSON parameter, so neither number nor width matters."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, bindparam, column, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlmodel import SQLModel

from kpi_server.store.tables import METADATA


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    return METADATA.tables[str(model.__tablename__)]


def json_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it: exact numbers and dates as text."""
    return {name: str(value) if isinstance(value, Decimal | date) else value for name, value in row.items()}


def _incoming(table: Table, names: Iterable[str], rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    columns = [column(name, table.c[name].type) for name in names]
    parameter = bindparam("rows", [json_of(row) for row in rows], type_=JSONB)
    return func.jsonb_to_recordset(parameter).table_valued(*columns, name="incoming").render_derived(with_types=True)


async def insert_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all give the same columns."""
    if not rows:
        return
    names = list(rows[0])
    incoming = _incoming(table, names, rows)
    await connection.execute(insert(table).from_select(names, select(*(incoming.c[name] for name in names))))


async def update_rows(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Update rows that all give the same columns, the primary key among them."""
    if not rows:
        return
    keys = [key.name for key in table.primary_key]
    incoming = _incoming(table, rows[0], rows)
    values = {name: incoming.c[name] for name in rows[0] if name not in keys}
    await connection.execute(update(table).values(values).where(*(table.c[key] == incoming.c[key] for key in keys)))


async def delete_rows(connection: AsyncConnection, table: Table, organization_id: int, ids: Sequence[int]) -> None:
    """Delete rows of an organization by their ids."""
    if ids:
        chosen = table.c.id == func.any(bindparam("ids", list(ids)))
        await connection.execute(delete(table).where(table.c.organization_id == organization_id, chosen))
