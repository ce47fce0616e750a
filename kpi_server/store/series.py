"""Which series an organization has, kept beside the observations."""

from collections.abc import Collection

from sqlalchemy import delete, func

from kpi_server.store.bulk import table_of
from kpi_server.store.database import Write
from kpi_server.store.sql import statement
from kpi_server.store.tables.recording import Series


async def rebuild_series(write: Write) -> None:
    """Make the organization's series what its observations say, after some were taken away."""
    connection, table = await write.session.connection(), table_of(Series)
    await connection.execute(delete(table).where(table.c.organization_id == write.organization_id))
    await connection.exec_driver_sql(statement("series_of_observations"), (write.organization_id,))


async def forget_series(write: Write, kpi_ids: Collection[int]) -> None:
    """Remove the series of KPIs that are about to go."""
    connection, table = await write.session.connection(), table_of(Series)
    doomed = table.c.kpi_id == func.any(sorted(kpi_ids))
    await connection.execute(delete(table).where(table.c.organization_id == write.organization_id, doomed))
