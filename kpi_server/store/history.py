"""Generated history in the database: what it starts from, and how it goes again; its rows have their own origin."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from kpi_server.store.database import Write
from kpi_server.store.reads import Record
from kpi_server.store.settling import settle, withdraw
from kpi_server.store.sql import statement

GENERATED: Final = "GENERATED"
"""The origin of what is generated, and the source that states it: no system that sends values may call itself so."""


class Standing(NamedTuple):
    """The number that a KPI stands at in a segment, or aims at where it stands at none, as it is printed."""

    key: str
    segment: str
    unit: str
    value: Decimal
    text: str
    period: str | None


async def read_standings(write: Write) -> Sequence[Standing]:
    """The numbers of the organization's KPIs."""
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
    """Take back everything generated; the cells that it stood for, with the keys of their measures."""
    await write.wait_for_others()
    stated: Sequence[Record] = await (await write.driver()).fetch(
        statement("generated_observations"), write.organization_id, GENERATED
    )
    if stated:
        await withdraw(write, stated)
        await settle(write, stated)
        write.append()
    return [row for row in stated if row["stood"]]
