"""The server's database role: it reads and writes rows, and cannot bypass row-level security."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kpi_server.errors import StartupError
from kpi_server.store.tables.tenancy import ENTITY_IDS


async def admit(connection: AsyncConnection, *, role: str, password: str) -> None:
    """Create the role if there is none, and grant it what the server needs: rows, no tables.

    Raises:
        StartupError: The role would bypass row-level security, so tenants would not be kept apart.
    """
    known = (
        await connection.execute(
            text("select rolsuper or rolbypassrls as unsafe, rolname = current_user as owner from pg_roles "
                 "where rolname = :role"),
            {"role": role},
        )
    ).one_or_none()  # fmt: skip
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    if known is None:
        rights = "login nosuperuser nobypassrls"
        await connection.execute(text(f"create role {name} {rights} password {_literal(password)}"))
    elif known.unsafe or known.owner:
        raise StartupError(
            f"The server's role {role} owns the tables or bypasses row-level security, so tenants would not be kept "
            "apart: give DATABASE_URL a role of its own (migrate creates it); DATABASE_ADMIN_URL is the owner's."
        )
    for grant in (
        f"grant usage on schema public to {name}",
        f"grant select, insert, update, delete on all tables in schema public to {name}",
        f"revoke insert, update, delete on alembic_version from {name}",
        f"grant usage on sequence {ENTITY_IDS} to {name}",
        f"grant execute on function refresh_statistics() to {name}",
        f"grant execute on function feed_place() to {name}",
    ):
        await connection.execute(text(grant))


def _literal(value: str) -> str:
    """A quoted SQL string: role passwords cannot be bound parameters."""
    if "\\" in value or "\0" in value:
        raise StartupError("The password in DATABASE_URL must not contain a backslash or NUL.")
    return "'" + value.replace("'", "''").replace(":", "\\:") + "'"
