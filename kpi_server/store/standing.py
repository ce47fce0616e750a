"""Where KPIs stand, as stored: the facts that decide it, and the difference that a decision makes."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, tuple_

from kpi_server.store.bulk import insert_rows, json_of, table_of, update_rows
from kpi_server.store.database import Write
from kpi_server.store.sql import statement
from kpi_server.store.tables.figures import KpiCurrent


@dataclass(frozen=True)
class Fact:
    """A figure or target with its KPI and document; `kind` is None for a KPI that has neither."""

    kpi_id: int
    unit: str
    acceptable: Decimal | None
    near: Decimal | None
    undated_first: bool
    kind: str | None
    id: int | None
    segment: str | None
    placement: str | None
    position: int | None
    period: str | None
    text: str | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    absence: str | None
    operator: str | None
    multiple: Decimal | None
    of_kpi_id: int | None
    due_on: date | None
    milestone: str | None
    is_aside: bool | None
    document: str | None
    document_period: str | None
    document_dated: str | None
    document_approved_on: date | None
    document_version: str | None


@dataclass(frozen=True)
class StandingRow:
    """A row of kpi_current."""

    kpi_id: int
    segment: str
    figure_id: int | None
    previous_figure_id: int | None
    target_id: int | None
    value: Decimal | None
    previous_value: Decimal | None
    target_value: Decimal | None
    attainment: Decimal | None
    attainment_flag: str | None
    share_of_target: Decimal | None
    status: str
    due_on: date | None


async def read_facts(write: Write) -> Sequence[Fact]:
    """Every figure and target of the organization, as this write sees them."""
    connection = await write.session.connection()
    rows = await connection.exec_driver_sql(statement("kpi_facts"), (write.organization_id,))
    return [Fact(**row) for row in rows.mappings()]


async def write_standings(write: Write, rows: Iterable[StandingRow]) -> None:
    """Bring kpi_current to these rows, touching and recording only those that differ."""
    connection, table = await write.session.connection(), table_of(KpiCurrent)
    before = {(row["kpi_id"], row["segment"]): row for row in await _stored(write)}
    tenant = {"organization_id": write.organization_id}
    after = {(row.kpi_id, row.segment): tenant | asdict(row) for row in rows}
    changed = [row for key, row in after.items() if key in before and before[key] != row]
    added = [row for key, row in after.items() if key not in before]
    await _delete(write, [row for key, row in before.items() if key not in after])
    for row in changed:
        write.record("kpi_current", row["kpi_id"], "UPDATE", json_of(before[row["kpi_id"], row["segment"]]))
    for row in added:
        write.record("kpi_current", row["kpi_id"], "INSERT", None)
    if changed or added:
        await write.start()
    await update_rows(connection, table, changed)
    await insert_rows(connection, table, added)


async def forget_standings(write: Write, kpi_ids: Sequence[int]) -> None:
    """Remove what is stored for KPIs that are about to go."""
    gone = set(kpi_ids)
    if gone:
        await _delete(write, [row for row in await _stored(write) if row["kpi_id"] in gone])


async def _stored(write: Write) -> Sequence[dict[str, Any]]:
    connection, table = await write.session.connection(), table_of(KpiCurrent)
    found = await connection.execute(select(table).where(table.c.organization_id == write.organization_id))
    return [dict(row) for row in found.mappings()]


async def _delete(write: Write, rows: Sequence[dict[str, Any]]) -> None:
    connection, table = await write.session.connection(), table_of(KpiCurrent)
    for row in rows:
        write.record("kpi_current", row["kpi_id"], "DELETE", json_of(row))
    places = [(row["kpi_id"], row["segment"]) for row in rows]
    if places:
        own = table.c.organization_id == write.organization_id
        await connection.execute(delete(table).where(own, tuple_(table.c.kpi_id, table.c.segment).in_(places)))
