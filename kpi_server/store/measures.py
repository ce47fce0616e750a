"""The measures of an organization: an id for every key that is recorded, a KPI's own among them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from kpi_server.store.bulk import table_of
from kpi_server.store.database import Write
from kpi_server.store.tables.figures import Measure


async def read_measures(write: Write) -> Mapping[str, int]:
    """The id of every measure, by key."""
    connection, table = write.connection, table_of(Measure)
    chosen = select(table.c.key, table.c.id).where(table.c.organization_id == write.organization_id)
    return {row.key: row.id for row in await connection.execute(chosen)}


async def keep_measures(write: Write, ids: Mapping[str, int]) -> None:
    """Make measures of these keys and ids, where there are none of the key."""
    if ids:
        connection, table = write.connection, table_of(Measure)
        own = {"organization_id": write.organization_id, "batch_id": write.batch_id}
        rows = [{**own, "id": number, "key": key} for key, number in ids.items()]
        await connection.execute(postgresql.insert(table).values(rows).on_conflict_do_nothing())
