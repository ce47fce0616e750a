"""Which series an organization has, kept beside the observations."""

from sqlalchemy import delete

from kpi_server.store.bulk import table_of
from kpi_server.store.database import Write
from kpi_server.store.sql import statement
from kpi_server.store.tables.recording import Series


async def rebuild_series(write: Write) -> None:
    """Make the organization's series what its observations say, after some were taken away."""
    connection, table = await write.session.connection(), table_of(Series)
    await connection.execute(delete(table).where(table.c.organization_id == write.organization_id))
    await connection.exec_driver_sql(statement("series_of_observations"), (write.organization_id,))
