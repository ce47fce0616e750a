"""`kpi-server token`: create, list and revoke API tokens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from kpi_server.cli.configured import settings_of_environment
from kpi_server.cli.console import note, show_json
from kpi_server.cli.databases import Addresses, addresses_of, opened, prepare
from kpi_server.cli.options import data_option, json_option
from kpi_server.cli.tables import show
from kpi_server.domain.access import parse_opening
from kpi_server.services.access import create_token, list_tokens, revoke_token
from kpi_server.store.database import Database
from kpi_server.store.principals import TokenRow

Result = TypeVar("Result")
_HEADING = ("id", "principal", "ends in", "opens", "documents", "created", "expires", "state")


@click.group()
def command() -> None:
    """Create, list and revoke API tokens."""


@command.command()
@click.argument("principal")
@click.argument("grants", metavar="GRANT…", nargs=-1, required=True)
@click.option("--days", type=click.IntRange(min=1, max=36_500), help="Days until it expires; else it does not.")
@click.option("--trusted-only", is_flag=True, help="The token executes trusted documents only.")
@json_option
@data_option
def create(
    principal: str, grants: tuple[str, ...], days: int | None, trusted_only: bool, as_json: bool, data: Path
) -> None:
    """Create a token for PRINCIPAL and print it: it is shown this once and kept nowhere.

    GRANT is organization:ROLE or organization:ROLE:department, such as acme:EXECUTIVE. What the principal may open
    becomes exactly these grants, for its other tokens too.
    """
    openings = [parse_opening(grant) for grant in grants]
    expires_at = datetime.now(UTC) + timedelta(days=days) if days is not None else None
    limits: dict[str, Any] = {"expires_at": expires_at, "trusted_only": trusted_only}
    made = _on_database(data, lambda database: create_token(database, principal, openings, **limits))
    if as_json:
        show_json({"id": made.id, "token": made.token, "principal": principal, **limits})
    else:
        click.echo(made.token)
        note(f"Its id is {made.id}; `kpi-server token revoke {made.id}` ends it.")


@command.command("list")
@json_option
@data_option
def list_command(as_json: bool, data: Path) -> None:
    """List every token, oldest first, revoked and expired ones included."""
    rows = _on_database(data, list_tokens)
    now = datetime.now(UTC)
    if as_json:
        show_json([_as_json(row, now) for row in rows])
    else:
        show(_HEADING, [_as_row(row, now) for row in rows])


@command.command()
@click.argument("token_id", metavar="ID", type=click.IntRange(min=0))
@data_option
def revoke(token_id: int, data: Path) -> None:
    """Make the token with this ID open nothing; running servers notice within half a minute."""
    _on_database(data, lambda database: revoke_token(database, token_id))
    click.echo(f"The token {token_id} is revoked.")


def _on_database(data: Path, work: Callable[[Database], Awaitable[Result]]) -> Result:
    async def run(addresses: Addresses) -> Result:
        if addresses.embedded is not None:
            await prepare(addresses)
        async with opened(addresses) as database:
            return await work(database)

    with addresses_of(settings_of_environment(), data) as addresses:
        return asyncio.run(run(addresses))


def _state(row: TokenRow, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "open"


def _grants(row: TokenRow) -> list[str]:
    return [":".join(filter(None, (grant.slug, grant.role, grant.department))) for grant in row.grants]


def _as_json(row: TokenRow, now: datetime) -> dict[str, Any]:
    times = {"created_at": row.created_at, "expires_at": row.expires_at, "revoked_at": row.revoked_at}
    named = {"id": row.id, "principal": row.principal, "hint": row.hint}
    return {**named, "grants": _grants(row), "trusted_only": row.trusted_only, **times, "state": _state(row, now)}


def _as_row(row: TokenRow, now: datetime) -> tuple[str, ...]:
    expires = "never" if row.expires_at is None else f"{row.expires_at:%Y-%m-%d %H:%M}"
    created = f"{row.created_at:%Y-%m-%d %H:%M}"
    documents = "trusted" if row.trusted_only else "any"
    named = (str(row.id), row.principal, f"…{row.hint}", "\n".join(_grants(row)))
    return (*named, documents, created, expires, _state(row, now))
