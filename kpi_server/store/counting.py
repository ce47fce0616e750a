"""How many rows of each kind organizations have, whole and by document."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, func, literal, select, true, union_all
from sqlalchemy.engine import Dialect

from kpi_server.store.catalog import TENANT_TABLES
from kpi_server.store.database import Database
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class Count:
    """A number of rows of one kind (or of a detail) that one document printed."""

    organization_id: int
    document: str | None
    kind: str
    count: int


@dataclass(frozen=True)
class Counted:
    """An organization and what was counted in it."""

    id: int
    slug: str
    name: str
    sequence: int
    documents: tuple[str, ...]
    rows: tuple[Count, ...]
    details: tuple[Count, ...]


async def count_rows(database: Database, organization_ids: Collection[int]) -> list[Counted]:
    """Everything that is stored of these organizations, in the order of their slugs."""
    ids = sorted(organization_ids)
    async with database.read(ids) as connection:
        organizations = await connection.fetch(statement("organizations_counted"), ids)
        documents = await connection.fetch("select organization_id, key from documents order by key")
        rows = [Count(*row) for row in await connection.fetch(_counting(ids, database.engine.dialect))]
        details = [Count(*row) for row in await connection.fetch(statement("catalog_details"), ids)]
    return [
        Counted(
            id=found["id"],
            slug=found["slug"],
            name=found["name"],
            sequence=found["last"],
            documents=tuple(row["key"] for row in documents if row["organization_id"] == found["id"]),
            rows=tuple(count for count in rows if count.organization_id == found["id"]),
            details=tuple(count for count in details if count.organization_id == found["id"]),
        )
        for found in organizations
    ]


def _counting(ids: Collection[int], dialect: Dialect) -> str:
    """One statement over every table of facts; written by SQLAlchemy, since only the tables know their names."""
    parts: list[Any] = [
        select(table.c.organization_id, table.c.document, literal(table.name, Text()).label("kind"), func.count())
        .where(table.c.organization_id.in_(ids or [0]), table.c.ended_in.is_(None) if "ended_in" in table.c else true())
        .group_by(table.c.organization_id, table.c.document)
        for table in TENANT_TABLES
    ]
    return str(union_all(*parts).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
