"""Organizations as a catalog brings them, the directory that finds them, and the families they were loaded with."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql

from kpi_server.store.bulk import json_of, table_of
from kpi_server.store.database import Database, Write
from kpi_server.store.tables.tenancy import LoadedFamily, Organization, Tenant
from kpi_server.store.tables.tenancy import Sequence as Numbers

_ID_BITS: Final = 52


async def directory(database: Database) -> Mapping[str, int]:
    """The id of every organization, by slug."""
    async with database.administer() as session:
        rows = await (await session.connection()).execute(select(table_of(Tenant)).order_by(table_of(Tenant).c.slug))
        return {row.slug: row.id for row in rows}


async def organization_id(database: Database, slug: str) -> int:
    """The id of the organization with this slug, or the one it gets when it is loaded first."""
    return (await directory(database)).get(slug, id_of(slug))


def id_of(slug: str) -> int:
    """The id that a new organization with this slug gets; a renamed one keeps its id.

    Derived, not drawn, so that two first loads at once mean the same organization. 52 bits stay exact in every JSON
    reader.
    """
    return int.from_bytes(blake2b(slug.encode(), digest_size=8).digest()) >> (64 - _ID_BITS) | 1 << (_ID_BITS - 1)


async def claim(write: Write, row: Organization) -> tuple[int, int]:
    """Bring the organization's own row to this content, first of all; how many were created and updated.

    Whoever comes second for the same organization waits here until the first has committed.
    """
    connection, table = write.connection, table_of(Organization)
    await write.wait_for_others()
    await connection.execute(_listed(row))
    after = row.model_dump()
    found = (await connection.execute(select(table).where(table.c.id == row.id))).mappings().one_or_none()
    before = None if found is None else {name: found[name] for name in after}
    if before is None:
        await connection.execute(insert(table).values(after))
        await connection.execute(insert(table_of(Numbers)).values(organization_id=row.id, last=0))
        return await _note(write, "INSERT", None), 0
    if before == after:
        return 0, 0
    await connection.execute(update(table).where(table.c.id == row.id).values(after))
    return 0, await _note(write, "UPDATE", json_of(before))


def _listed(row: Organization) -> Any:
    """The directory's entry of an organization, made or renamed."""
    entry = postgresql.insert(table_of(Tenant)).values(id=row.id, slug=row.slug)
    return entry.on_conflict_do_update(index_elements=["id"], set_={"slug": entry.excluded.slug})


async def _note(write: Write, operation: Any, before: dict[str, Any] | None) -> int:
    await write.start()
    write.record("organizations", write.organization_id, operation, before)
    return 1


async def keep_families(database: Database, families: Sequence[LoadedFamily]) -> None:
    """Remember the families that catalogs are loaded with."""
    if not families:
        return
    table = table_of(LoadedFamily)
    statement = postgresql.insert(table).values([family.model_dump() for family in families])
    fresh = {name: statement.excluded[name] for name in ("title", "description", "distribution", "version")}
    async with database.administer() as session:
        connection = await session.connection()
        await connection.execute(statement.on_conflict_do_update(index_elements=[table.c.name], set_=fresh))
