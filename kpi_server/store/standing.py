"""Where KPIs stand, as stored: the facts that decide it, and the difference that a decision makes."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, delete, func, select, tuple_

from kpi_server.store.bulk import insert_rows, json_of, table_of, update_rows
from kpi_server.store.database import Write
from kpi_server.store.sql import statement
from kpi_server.store.tables.figures import KpiCurrent


@dataclass(frozen=True)
class Fact:
    """A figure, observation or target with its KPI and document; `kind` is None for a KPI that has neither.

    `is_judged` is False where only the KPI's value is wanted, for a target of another that is a multiple of it.
    """

    organization_id: int
    kpi_id: int
    is_judged: bool
    unit: str
    acceptable: Decimal | None
    near: Decimal | None
    undated_first: bool
    calendar: str
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
    printed_in: str | None
    line: int | None
    origin: str | None
    batch_id: int | None
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
    text: str | None
    period: str | None
    previous_value: Decimal | None
    previous_text: str | None
    previous_period: str | None
    target_value: Decimal | None
    target_text: str | None
    attainment: Decimal | None
    attainment_flag: str | None
    share_of_target: Decimal | None
    status: str
    due_on: date | None
    document: str | None
    line: int | None
    origin: str | None
    batch_id: int | None
    previous_document: str | None
    previous_line: int | None
    previous_origin: str | None
    previous_batch_id: int | None


async def read_facts(write: Write, touched: Collection[int] | None = None) -> Sequence[Fact]:
    """The figures and targets that decide where the touched KPIs stand, or all KPIs, as this write sees them.

    With the touched ones come those whose target is a multiple of theirs.
    """
    connection = await write.session.connection()
    ids = None if touched is None else sorted(touched)
    sql = statement("kpi_facts").format(facts=statement("facts"))
    rows = await connection.exec_driver_sql(sql, (write.organization_id, ids))
    return [Fact(**row) for row in rows.mappings()]


async def write_standings(write: Write, rows: Collection[StandingRow]) -> None:
    """Bring kpi_current of the KPIs in these rows to them, touching and recording only what differs."""
    connection, table = await write.session.connection(), table_of(KpiCurrent)
    stored = await _stored(write, {row.kpi_id for row in rows})
    before = {(row["kpi_id"], row["segment"]): row for row in stored}
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
    if kpi_ids:
        await _delete(write, await _stored(write, kpi_ids))


async def _stored(write: Write, kpi_ids: Collection[int]) -> Sequence[dict[str, Any]]:
    connection, table = await write.session.connection(), table_of(KpiCurrent)
    wanted = table.c.kpi_id == func.any(bindparam("ids", sorted(kpi_ids), type_=ARRAY(BigInteger)))
    found = await connection.execute(select(table).where(table.c.organization_id == write.organization_id, wanted))
    return [dict(row) for row in found.mappings()]


async def _delete(write: Write, rows: Sequence[dict[str, Any]]) -> None:
    connection, table = await write.session.connection(), table_of(KpiCurrent)
    for row in rows:
        write.record("kpi_current", row["kpi_id"], "DELETE", json_of(row))
    places = [(row["kpi_id"], row["segment"]) for row in rows]
    if places:
        own = table.c.organization_id == write.organization_id
        await connection.execute(delete(table).where(own, tuple_(table.c.kpi_id, table.c.segment).in_(places)))
