"""Bearer tokens: made once, shown once, stored as a hash, and turned into a permission scope on every request."""

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from kpi_server.domain.access import Grant, Opening, Role, Scope
from kpi_server.errors import BadInput, NotFound, Unauthenticated
from kpi_server.store.database import Database
from kpi_server.store.organizations import directory
from kpi_server.store.principals import (
    NewToken,
    TokenRow,
    add_token,
    end_tokens,
    open_tenants,
    scope_of_token,
    tokens,
)

PREFIX = "kpi_"
RANDOM_BYTES = 32
HINT_LENGTH = 4
LENGTH = len(PREFIX) + 43  # 32 bytes in URL-safe base64 without padding
REMEMBERED_S = 30.0  # so a revoked token stops within a minute everywhere
REMEMBERED = 10_000
LOOKED_UP_WITHIN_S = 10.0
DEMO = "demo-"
LONGEST_NAME = 100


@dataclass(frozen=True)
class CreatedToken:
    """A new token; `token` is shown this once and kept nowhere."""

    id: int
    token: str
    hint: str


async def create_token(
    database: Database,
    principal: str,
    openings: Sequence[Opening],
    *,
    expires_at: datetime | None = None,
    trusted_only: bool = False,
) -> CreatedToken:
    """Make a token for a principal; what the principal may open becomes exactly this, for its other tokens too.

    With `trusted_only` the token, and no other of the principal's, executes trusted documents only.

    Raises:
        NotFound: an organization does not exist; all that do not are named.
        BadInput: an organization is opened twice, or none at all; or the principal's name is none.
    """
    _check_name(principal)
    if not openings or len({opening.slug for opening in openings}) < len(openings):
        raise BadInput("A token opens at least one organization, and each once: give grants such as acme:EXECUTIVE.")
    grants = await _grants(database, openings)
    return await _issue(database, principal, grants, expires_at, trusted_only=trusted_only)


def _check_name(principal: str) -> None:
    if principal != principal.strip() or not principal.isprintable() or not 1 <= len(principal) <= LONGEST_NAME:
        raise BadInput(
            f"A principal's name has 1 to {LONGEST_NAME} printable characters, none of them a space at an end."
        )
    if principal.startswith(DEMO):
        raise BadInput(f"Names that begin with {DEMO} are the demo's: it opens every organization to them.")


async def _issue(
    database: Database,
    principal: str,
    grants: Sequence[Grant],
    expires_at: datetime | None = None,
    *,
    trusted_only: bool = False,
) -> CreatedToken:
    token = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    hint = token[-HINT_LENGTH:]
    now = datetime.now(UTC)
    stored = NewToken(hash_of(token), hint, created_at=now, expires_at=expires_at, trusted_only=trusted_only)
    return CreatedToken(await add_token(database, principal, grants, stored), token, hint)


async def _grants(database: Database, openings: Sequence[Opening]) -> list[Grant]:
    known = await directory(database)
    missing = [opening.slug for opening in openings if opening.slug not in known]
    if missing:
        raise NotFound(f"There is no organization {', '.join(missing)}: `kpi-server seed` loads one.")
    return [Grant(known[opening.slug], opening.slug, opening.role, opening.department) for opening in openings]


async def list_tokens(database: Database) -> list[TokenRow]:
    """Every token, oldest first, revoked and expired ones included."""
    return await tokens(database)


async def revoke_token(database: Database, token_id: int) -> None:
    """Make a token open nothing from now on; every process notices within half a minute.

    Raises:
        NotFound: there is no such token, or it is revoked already.
    """
    if await end_tokens(database, [token_id], datetime.now(UTC)) == 0:
        raise NotFound(f"There is no open token with the id {token_id}: `kpi-server token list` shows them all.")


async def rotate_demo_tokens(database: Database) -> dict[str, str]:
    """A fresh demo token for each role, by the role's name, opening every organization; earlier ones are revoked."""
    stored = await tokens(database)
    before = [row.id for row in stored if row.principal.startswith(DEMO) and row.revoked_at is None]
    organizations = await directory(database)
    await end_tokens(database, before, datetime.now(UTC))
    fresh: dict[str, str] = {}
    for role in Role:
        grants = [Grant(number, slug, role) for slug, number in organizations.items()]
        fresh[str(role)] = (await _issue(database, f"{DEMO}{role.lower()}", grants)).token
    return fresh


async def open_to_demo(database: Database) -> None:
    """Let the tokens of a running demo open organizations that were loaded since; they do within half a minute."""
    await open_tenants(database, DEMO)


def hash_of(token: str) -> bytes:
    """What is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


class Authenticator:
    """Turns tokens into scopes, and remembers each answer, good or bad, for half a minute.

    A token is looked up once for all who ask at the same time: a thousand streams may have one.

    The lookup is by hash: how long it takes says nothing about how much of a token is right.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._remembered: OrderedDict[bytes, tuple[Scope | None, float]] = OrderedDict()
        self._lookups: dict[bytes, asyncio.Task[Scope | None]] = {}

    def remembered(self, token_hash: bytes) -> Scope | None:
        """The scope that a token opened within the last half minute; None when it has to be looked up."""
        scope, until = self._remembered.get(token_hash, (None, 0.0))
        return scope if self._clock() < until else None

    async def authenticate(self, token: str) -> Scope:
        """The scope that a token opens.

        Raises:
            Unauthenticated: unknown, expired or revoked; the message does not say which.
        """
        scope = await self._scope(hash_of(token)) if _is_shaped(token) else None
        if scope is None:
            raise Unauthenticated("The token opens nothing here: it is unknown, expired or revoked.")
        return scope

    async def _scope(self, token_hash: bytes) -> Scope | None:
        started = self._clock()
        scope, until = self._remembered.get(token_hash, (None, started))
        if started < until:
            self._remembered.move_to_end(token_hash)
            return scope
        lookup = self._lookups.get(token_hash)
        if lookup is None:
            lookup = self._lookups[token_hash] = asyncio.create_task(self._look_up(token_hash, started))
            lookup.add_done_callback(partial(self._looked_up, token_hash))
        return await asyncio.shield(lookup)  # whoever is cancelled leaves it to the others

    def _looked_up(self, token_hash: bytes, lookup: asyncio.Task[Scope | None]) -> None:
        del self._lookups[token_hash]
        if not lookup.cancelled():
            lookup.exception()  # asked for, so that the loop does not report it where nobody waits any more

    async def _look_up(self, token_hash: bytes, started: float) -> Scope | None:
        now = datetime.now(UTC)
        async with asyncio.timeout(LOOKED_UP_WITHIN_S):  # one that never came back would keep everybody out for good
            opened = await scope_of_token(self._database, token_hash, now)
        life = REMEMBERED_S
        if opened is not None and opened.expires_at is not None:
            life = min(life, (opened.expires_at - now).total_seconds())
        self._remember(token_hash, opened.scope if opened else None, started + life)
        return opened.scope if opened else None

    def _remember(self, token_hash: bytes, scope: Scope | None, until: float) -> None:
        self._remembered[token_hash] = (scope, until)
        self._remembered.move_to_end(token_hash)
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


def _is_shaped(token: str) -> bool:
    """Whether it can be a token at all; what cannot be one never reaches the database."""
    return len(token) == LENGTH and token.startswith(PREFIX) and token.isascii()
