"""Where KPIs stand, as stored: the facts that decide it, and the difference that a decision makes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from kpi_server.store.database import Write
from kpi_server.store.sql import statement


class Fact(NamedTuple):
    """A figure, observation or target with its KPI and document; `kind` is None for a KPI that has neither.

    `is_judged` is False where only the KPI's value is wanted, for a target of another that is a multiple of it.
    """

    organization_id: int
    kpi_id: int
    is_judged: bool
    unit: str
    acceptable: Decimal | None
    near: Decimal | None
    basis: str
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


async def read_facts(
    write: Write, touched: Collection[int] | None = None, *, has_grown: bool = False
) -> Sequence[Fact]:
    """The figures and targets that decide where the touched KPIs stand, or all KPIs, as this write sees them.

    With the touched ones come those whose target is a multiple of theirs. Where facts were only added (`has_grown`),
    printed figures are left out that are older than what stood as current and previous.
    """
    ids = None if touched is None else sorted(touched)
    rows = await (await write.driver()).fetch(with_facts("kpi_facts"), write.organization_id, ids, has_grown)
    return [Fact(*row.values()) for row in rows]


def with_facts(name: str) -> str:
    """The statement of this name, which reads facts."""
    return statement(name).format(facts=statement("facts").format(latest=statement("latest_recorded")))


async def write_standings(write: Write, rows: Collection[StandingRow]) -> None:
    """Bring kpi_current of the KPIs in these rows to them, touching and recording only what differs."""
    tenant = {"organization_id": write.organization_id}
    after = [tenant | vars(row) for row in rows]
    await _stand(write, sorted({row.kpi_id for row in rows}), after)


async def forget_standings(write: Write, kpi_ids: Sequence[int]) -> None:
    """Remove what is stored for KPIs that are about to go."""
    if kpi_ids:
        await _stand(write, kpi_ids, [])


async def _stand(write: Write, kpi_ids: Sequence[int], after: Sequence[Mapping[str, Any]]) -> None:
    await write.start()
    driver, rows = await write.driver(), orjson.dumps(after, default=str).decode()  # exact numbers as text
    write.count(
        await driver.fetchval(
            statement("stand"), write.organization_id, write.batch_id, kpi_ids, rows, write.change_count
        )
    )
