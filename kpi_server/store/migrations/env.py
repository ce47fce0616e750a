"""How Alembic runs here: on the connection it is handed, in one transaction."""

from alembic import context

from kpi_server.store.tables import METADATA
from kpi_server.store.tenancy import describes

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_object=describes,
)
with context.begin_transaction():
    context.run_migrations()
