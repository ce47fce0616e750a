"""The rows in which documents list KPIs."""

from dataclasses import dataclass

from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class KpiRowConditions:
    """Which rows of an organization's documents are wanted; everything given must hold."""

    document: str | None = None
    owner: str | None = None
    department: str | None = None
    category: str | None = None


def kpi_row_list(organization_id: int, wanted: KpiRowConditions) -> tuple[str, Clauses]:
    """The select of an organization's rows under these conditions, and what it binds."""
    clauses = Clauses()
    clauses.add("entry.organization_id = {}::bigint", organization_id)
    if wanted.document is not None:
        clauses.add("entry.document = {}::text", wanted.document)
    if wanted.owner is not None:
        clauses.add("owner.key = {}::text", wanted.owner)
    if wanted.department is not None:
        clauses.add("department.key = {}::text", wanted.department)
    if wanted.category is not None:
        clauses.add("category.key = {}::text", wanted.category)
    return statement("kpi_rows").format(where=clauses.where), clauses
