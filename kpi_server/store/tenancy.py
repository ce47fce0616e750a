"""Which tables belong to tenants, and the setting by which row-level security keeps them apart."""

from typing import Any

from sqlalchemy.sql.schema import SchemaItem

from kpi_server.store.tables import METADATA

SETTING = "kpi.organizations"
PARTITION_PREFIXES = ("observations_", "events_")

GLOBAL_TABLES = frozenset({"families", "principals", "api_tokens", "memberships", "tenants", "feed_epochs"})
"""Tables read before an organization is known; they hold no tenant's facts."""


def tenant_tables() -> tuple[str, ...]:
    """The tables under row-level security, by name."""
    return tuple(sorted(set(METADATA.tables) - GLOBAL_TABLES))


def tenant_column(table: str) -> str:
    """The column that names the tenant."""
    return "id" if table == "organizations" else "organization_id"


def describes(item: SchemaItem, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Whether the tables describe a database object: partitions are the database's own affair."""
    del item, reflected, compare_to
    return not (kind == "table" and name is not None and name.startswith(PARTITION_PREFIXES))
