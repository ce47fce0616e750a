"""Generated history in the database: what it starts from, and how it goes again; its rows have their own origin."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from kpi_server.store.database import Write
from kpi_server.store.reads import Record
from kpi_server.store.series import rebuild_series
from kpi_server.store.sql import statement

GENERATED: Final = "GENERATED"
"""The origin of what is generated, and the source that states it: no system that sends values may call itself so."""


class Standing(NamedTuple):
    """The number that a KPI stands at, or aims at where it stands at none, as it is printed."""

    key: str
    unit: str
    value: Decimal
    text: str
    period: str | None


async def read_standings(write: Write) -> Sequence[Standing]:
    """The numbers of the organization's KPIs as a whole."""
    rows = await (await write.driver()).fetch(statement("numbers_of_kpis"), write.organization_id)
    return [Standing(*row.values()) for row in rows]


async def read_recorded(write: Write) -> frozenset[str]:
    """The keys of the measures of which anything stands, from wherever."""
    rows = await (await write.driver()).fetch(
        "select distinct measure.key from series "
        "join measures as measure on measure.organization_id = $1 and measure.id = series.measure_id "
        "where series.organization_id = $1",
        write.organization_id,
    )
    return frozenset(row["key"] for row in rows)


async def withdraw_generated(write: Write) -> Sequence[Record]:
    """Let nothing generated stand any longer; the cells that it stood for, with the keys of their measures."""
    await write.wait_for_others()
    await write.start()
    ended: Sequence[Record] = await (await write.driver()).fetch(
        "update observations as one set ended_in = $2 from measures as measure "
        "where one.organization_id = $1 and one.origin = $3 and one.ended_in is null "
        "and measure.organization_id = $1 and measure.id = one.measure_id "
        "returning measure.key, one.measure_id, one.segment, one.grain, one.period_start",
        write.organization_id,
        write.batch_id,
        GENERATED,
    )
    if ended:
        write.append()
        await rebuild_series(write)
    return ended
