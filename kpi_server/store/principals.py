"""Principals, their tokens and their memberships: the tables that are read before an organization is known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.store.database import Database
from kpi_server.store.sql import statement
from kpi_server.store.tables.tenancy import ApiToken, Membership, Principal


@dataclass(frozen=True)
class OpenedScope:
    """What a token opens, and until when; None is for ever."""

    scope: Scope
    expires_at: datetime | None


@dataclass(frozen=True)
class NewToken:
    """A token to store: its hash and its last characters, never the token."""

    hash: bytes
    hint: str
    created_at: datetime
    expires_at: datetime | None
    trusted_only: bool = False


@dataclass(frozen=True)
class TokenRow:
    """A stored token as its owner may see it."""

    id: int
    principal: str
    hint: str
    grants: tuple[Grant, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    trusted_only: bool


async def scope_of_token(database: Database, token_hash: bytes, now: datetime) -> OpenedScope | None:
    """What the token of that hash opens, or None when it is unknown, expired or revoked."""
    async with database.read(()) as connection:
        rows = await connection.fetch(statement("scope_of_token"), token_hash, now)
    if not rows:
        return None
    grants = tuple(Grant(row["organization_id"], row["slug"], Role(row["role"]), row["department"]) for row in rows)
    first = rows[0]
    scope = Scope(first["principal_id"], first["principal"], grants, trusted_only=first["trusted_only"])
    return OpenedScope(scope, first["expires_at"])


async def add_token(database: Database, principal: str, grants: Sequence[Grant], token: NewToken) -> int:
    """Store a token, and give its principal exactly these grants; the token's id."""
    principal_id, token_id = await database.ids(2)
    async with database.administer() as session:
        principal_id = await _principal(session, principal, principal_id)
        await session.exec(delete(Membership).where(col(Membership.principal_id) == principal_id))
        for grant in grants:
            row = Membership(
                organization_id=grant.organization_id,
                principal_id=principal_id,
                role=grant.role,
                department=grant.department,
            )
            session.add(row)
        session.add(ApiToken(id=token_id, principal_id=principal_id, **vars(token)))
    return token_id


async def _principal(session: AsyncSession, name: str, fresh_id: int) -> int:
    """The id of the principal of that name, made when there is none; the row stays locked."""
    await session.exec(insert(Principal).values(id=fresh_id, name=name).on_conflict_do_nothing())
    return (await session.exec(select(Principal.id).where(Principal.name == name).with_for_update())).one()


async def tokens(database: Database) -> list[TokenRow]:
    """Every token, oldest first, revoked ones included."""
    async with database.read(()) as connection:
        rows = await connection.fetch(statement("tokens"))
    return [_token(row) for row in rows]


def _token(row: Mapping[str, Any]) -> TokenRow:
    memberships = zip(row["organization_ids"], row["slugs"], row["roles"], row["departments"], strict=True)
    return TokenRow(
        id=row["id"],
        principal=row["principal"],
        hint=row["hint"],
        grants=tuple(Grant(number, slug, Role(role), department) for number, slug, role, department in memberships),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        trusted_only=row["trusted_only"],
    )


async def open_tenants(database: Database, prefix: str) -> None:
    """Open every organization to the principals whose names begin so, each in the role that the rest of it names."""
    async with database.administer() as session:
        await (await session.connection()).exec_driver_sql(statement("open_tenants_to_demo"), (prefix,))


async def end_tokens(database: Database, token_ids: Collection[int], now: datetime) -> int:
    """Revoke tokens; how many were still open."""
    ended = (
        update(ApiToken)
        .where(col(ApiToken.id).in_(token_ids), col(ApiToken.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    async with database.administer() as session:
        return int((await session.exec(ended)).rowcount)
