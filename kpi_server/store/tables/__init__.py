"""The tables, one module a subject; migrations are proved equal to them."""

from sqlalchemy import Sequence as DatabaseSequence
from sqlmodel import SQLModel

from kpi_server.store.tables import calculation, catalog, events, figures, management, recording, reporting, tenancy
from kpi_server.store.tables.base import TenantRow

__all__ = [
    "METADATA", "TenantRow", "calculation", "catalog", "events", "figures", "management", "recording", "reporting",
    "tenancy",
]  # fmt: skip

METADATA = SQLModel.metadata
ENTITY_IDS = DatabaseSequence(tenancy.ENTITY_IDS, metadata=METADATA)
