"""The database as the server uses it: scoped reads on asyncpg, numbered writes."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal

import asyncpg
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kpi_server.errors import DatabaseTooOld, StartupError
from kpi_server.store.announcing import Announcer
from kpi_server.store.connecting import asyncpg_url, place_of, reachable
from kpi_server.store.heads import Heads
from kpi_server.store.lending import Lender
from kpi_server.store.sql import statement
from kpi_server.store.tables.tenancy import ENTITY_IDS, Batch, Change
from kpi_server.store.tenancy import SETTING
from kpi_server.store.turns import Turns

OLDEST_MAJOR = 15
WRITERS: Final = 10
"""How many writes there are at once. Connections that have written are kept, since new ones plan every statement anew,
and the one used last is used next."""
Operation = Literal["INSERT", "UPDATE", "DELETE"]
_OPENING: Final = "select nextval($1::text), set_config($2, $3, true)"
# A connection keeps its plans, and one that is made while a table is empty would scan it when it has grown: what is
# written alone reaches every row by a key, so scans are off, and planning two dozen partitions once is enough.
_ENTERING: Final = (
    "pg_advisory_xact_lock({organization_id}), set_config('enable_seqscan', 'off', true), "
    "set_config('plan_cache_mode', 'force_generic_plan', true)"
)


@dataclass
class Write:
    """One write to one organization: a batch whose rows become visible together, under one sequence number."""

    connection: AsyncConnection
    organization_id: int
    batch_id: int
    action: str
    actor: str
    sequence: int | None = None
    _started: bool = False
    _appended: bool = False
    _kept: bool = False
    _changes: list[dict[str, Any]] = field(default_factory=list)
    _counted: int = 0
    _driver: Any = None

    async def start(self) -> None:
        """Insert the batch, before any row that carries it; a new organization's own row comes first."""
        if self._started:
            return
        self._started = True
        await self.connection.execute(
            insert(Batch).values(
                organization_id=self.organization_id,
                id=self.batch_id,
                recorded_at=datetime.now(UTC),
                action=self.action,
                actor=self.actor,
            )
        )

    def record(
        self,
        entity: str,
        entity_id: int,
        operation: Operation,
        before: dict[str, Any] | None = None,
        *,
        kpi_id: int | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Note that a row was touched: its content before, the KPI that it is about, what is to be told of it after."""
        self._changes.append(
            {
                "organization_id": self.organization_id,
                "batch_id": self.batch_id,
                "index": self.change_count,
                "entity": entity,
                "entity_id": entity_id,
                "operation": operation,
                "before": before,
                "kpi_id": kpi_id,
                "after": after,
            }
        )

    @property
    def change_count(self) -> int:
        """How many changes were noted; the next one has this index."""
        return len(self._changes) + self._counted

    def count(self, changes: int) -> None:
        """Note that a statement kept so many changes itself."""
        self._counted += changes

    def append(self) -> None:
        """Note that rows were appended to a table that keeps its own past: they carry the batch, and that is enough.

        The statement that appends them begins the batch itself, where it did not begin before.
        """
        self._started = self._appended = True

    def keep(self) -> None:
        """Note something that is to be remembered even by a write that changes nothing of the organization's facts."""
        self._kept = True

    def forget(self) -> None:
        """Forget all that was noted: what was written is rolled back."""
        self._changes.clear()
        self._counted, self._appended, self._kept = 0, False, False

    @property
    def is_empty(self) -> bool:
        return not self.change_count and not self._appended

    @property
    def is_kept(self) -> bool:
        return self._kept

    async def driver(self) -> Any:
        """The driver's own connection, in this write's transaction: for statements that bind whole arrays."""
        if self._driver is None:
            raw = await self.connection.get_raw_connection()
            self._driver = raw.driver_connection
        return self._driver

    async def wait_for_others(self) -> None:
        """Go on when every earlier write to the organization has ended; later ones that ask wait for this one."""
        await self.connection.execute(select(func.pg_advisory_xact_lock(self.organization_id)))

    async def enter(self) -> None:
        """Wait for others, and read by keys from here on: for what writes much."""
        await (await self.driver()).fetchval(f"select {_ENTERING.format(organization_id='$1')}", self.organization_id)

    async def number(self) -> None:
        """Give the batch the organization's next number, as the last statement: then order is commit order."""
        if self._changes:
            await self.connection.execute(insert(Change), self._changes)
        self.sequence = await (await self.driver()).fetchval(
            statement("number_batch"), self.organization_id, self.batch_id, datetime.now(UTC)
        )


class Connection(asyncpg.Connection):
    """A connection that remembers whose rows it shows, so that it is told again only where others are wanted."""

    shown: tuple[str, float | None] | None = None

    async def show(self, ids: str, statement_timeout_s: float | None) -> None:
        """Show the rows of these organizations, until told otherwise."""
        self.shown = None
        await self.execute(f"select {_settings(ids, statement_timeout_s, local=False)}")
        self.shown = (ids, statement_timeout_s)


@dataclass(frozen=True)
class Database:
    """An open database; whoever opens it closes it.

    `pooled`: behind a pooler that lends a connection for one transaction, nothing may be left on it. What is committed
    is told to the `heads` at once, and to other processes by the `announcer`, where there is one.
    """

    address: str
    engine: AsyncEngine
    connections: Lender
    pooled: bool = False
    announcer: Announcer | None = None
    heads: Heads = field(default_factory=Heads)
    turns: Turns = field(default_factory=Turns)

    async def close(self) -> None:
        if self.announcer is not None:
            await self.announcer.close()
        await self.connections.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def read(
        self, organization_ids: Collection[int], *, statement_timeout_s: float | None = None
    ) -> AsyncIterator[Any]:
        """A connection that sees one snapshot of these organizations' rows, and no others.

        The settings end with the transaction: nothing leaks to the next user of the connection, nor behind a pooler.
        A statement that takes longer than its timeout is stopped.
        """
        async with self.borrowed() as connection:
            await connection.execute(_beginning(organization_ids, statement_timeout_s))
            yield connection
            await connection.execute("rollback")

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[Any]:
        """A connection as it is: nothing may be left on it, unless an error ends the block."""
        connection, intact = await self.connections.borrow(), False
        try:
            yield connection
            intact = True
        finally:
            self.connections.give_back(connection, intact=intact)

    async def renew(
        self, connection: Any, organization_ids: Collection[int], *, statement_timeout_s: float | None = None
    ) -> None:
        """Let a connection of `read` see what was committed since it began."""
        await connection.execute(f"rollback; {_beginning(organization_ids, statement_timeout_s)}")

    async def glance(
        self,
        organization_ids: Collection[int],
        statement: str,
        *parameters: Any,
        statement_timeout_s: float | None = None,
    ) -> Any:
        """The rows of a single statement, which is a snapshot by itself: as `read`, without a transaction around it.

        The connection keeps the setting and is told again only when somebody else's rows are wanted.
        """
        if self.pooled:
            async with self.read(organization_ids, statement_timeout_s=statement_timeout_s) as connection:
                return await connection.fetch(statement, *parameters)
        connection, intact = await self.connections.borrow(), False
        try:
            wanted = (_ids(frozenset(organization_ids)), statement_timeout_s)
            if connection.shown != wanted:
                await connection.show(*wanted)
            rows = await connection.fetch(statement, *parameters)
            intact = True
        finally:
            self.connections.give_back(connection, intact=intact)
        return rows

    @asynccontextmanager
    async def write(self, organization_id: int, *, action: str, actor: str) -> AsyncIterator[Write]:
        """One transaction on one organization; it commits under the next sequence number, or leaves nothing.

        A write that recorded no change rolls back: no batch, no number.
        """
        async with self._write(_OPENING, organization_id, action=action, actor=actor) as write:
            yield write

    @asynccontextmanager
    async def write_in_turn(self, organization_id: int, *, action: str, actor: str) -> AsyncIterator[Write]:
        """As `write`, when every such write to the organization that began before has ended; it has entered."""
        opening = f"{_OPENING}, {_ENTERING.format(organization_id='$4::bigint')}"
        async with (
            self.turns.turn(organization_id),
            self._write(opening, organization_id, organization_id, action=action, actor=actor) as write,
        ):
            yield write

    @asynccontextmanager
    async def _write(
        self, opening: str, organization_id: int, *more: int, action: str, actor: str
    ) -> AsyncIterator[Write]:
        own = ENTITY_IDS, SETTING, f"{{{int(organization_id)}}}"
        async with self.engine.connect() as connection:
            opened = await connection.exec_driver_sql(opening, (*own, *more))
            write = Write(connection, organization_id, opened.one()[0], action, actor)
            yield write
            if not write.is_empty:
                await write.start()
                await write.number()
            if not write.is_empty or write.is_kept:
                await connection.commit()
        if write.sequence is not None:
            self._tell(organization_id, write.sequence)

    def _tell(self, organization_id: int, number: int) -> None:
        self.heads.told(organization_id, number)
        if self.announcer is not None:
            self.announcer.announce(organization_id, number)

    @asynccontextmanager
    async def administer(self) -> AsyncIterator[AsyncSession]:
        """A transaction on the global tables: principals, tokens, memberships, families."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def refresh_statistics(self) -> None:
        """Let the planner know what was loaded, instead of waiting for autovacuum; for large loads only."""
        async with self.engine.begin() as connection:
            await connection.execute(select(func.refresh_statistics()))

    async def has_outgrown_statistics(self, recorded: int) -> bool:
        """Whether so many new observations are more than a tenth of what the planner knows of."""
        known = "select sum(greatest(reltuples, 0)) as known from pg_inherits join pg_class on pg_class.oid = inhrelid "
        (row,) = await self.glance([], f"{known} where inhparent = 'observations'::regclass")
        return bool(recorded * 10 > (row["known"] or 0))

    async def ids(self, count: int) -> list[int]:
        """Fresh ids for `count` rows, in one round trip."""
        fresh = select(func.nextval(ENTITY_IDS)).select_from(func.generate_series(1, count))
        async with self.engine.connect() as connection:
            return [int(value) for value in (await connection.execute(fresh)).scalars()]


@lru_cache(maxsize=1024)
def _ids(organization_ids: frozenset[int]) -> str:
    return ",".join(str(int(organization_id)) for organization_id in sorted(organization_ids))


def _beginning(organization_ids: Collection[int], statement_timeout_s: float | None) -> str:
    """The statements that open a snapshot of these organizations."""
    settings = _settings(_ids(frozenset(organization_ids)), statement_timeout_s, local=True)
    return f"begin isolation level repeatable read read only; select {settings}"


def _settings(ids: str, statement_timeout_s: float | None, *, local: bool) -> str:
    """Whose rows are shown, and for how long a statement may run.

    Statements are planned once a connection: every one is reached by its keys, whatever the values, and planning a
    dozen joins takes longer than running them.
    """
    settings = {SETTING: f"{{{ids}}}", "plan_cache_mode": "force_generic_plan"}
    if statement_timeout_s is not None:
        settings["statement_timeout"] = f"{round(statement_timeout_s * 1000)}ms"
    return ", ".join(f"set_config('{name}', '{value}', {str(local).lower()})" for name, value in settings.items())


async def _as_it_is(connection: Any) -> None:
    """Leave a connection's settings: its next user knows them, or says others."""


async def open_database(
    address: str, *, revision: str | None, connections: int = 10, pooled: bool = False, announces: bool = True
) -> Database:
    """Connect, and refuse a server too old, tables not migrated, or a role that could see every tenant.

    Where somebody has checked all that before, the `revision` is None: it is connected to when it is first asked.

    Raises:
        PostgresUnavailable: Nothing answers at the address.
        DatabaseTooOld: Older than PostgreSQL 15, or not at `revision`.
        StartupError: The role bypasses row-level security.
    """
    url = asyncpg_url(address)
    pool = await asyncpg.create_pool(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        min_size=0,
        max_size=connections,
        reset=_as_it_is,
        connection_class=Connection,
        statement_cache_size=0 if pooled else 100,
        server_settings={"application_name": "kpi-server"},
    )
    unprepared = {"statement_cache_size": 0, "prepared_statement_cache_size": 0} if pooled else {}
    engine = create_async_engine(url, pool_size=WRITERS, max_overflow=0, pool_use_lifo=True, connect_args=unprepared)
    lender = Lender(pool)
    database = Database(address, engine, lender, pooled, Announcer(lender) if announces else None)
    if revision is not None:
        await _checked(database, revision)
    return database


async def _checked(database: Database, revision: str) -> None:
    try:
        with reachable(database.address):
            async with database.borrowed() as connection:
                await _check(connection, database.address, revision)
    except BaseException:
        await database.close()
        raise


async def _check(connection: Any, address: str, revision: str) -> None:
    major = connection.get_server_version().major
    if major < OLDEST_MAJOR:
        raise DatabaseTooOld(
            f"PostgreSQL at {place_of(address)} is version {major}: kpi-server needs {OLDEST_MAJOR} or newer."
        )
    if await connection.fetchval("select to_regclass('alembic_version') is null"):
        raise DatabaseTooOld(f"The database at {place_of(address)} is empty: run `kpi-server migrate` first.")
    found = await connection.fetchval("select version_num from alembic_version")
    if found != revision:
        raise DatabaseTooOld(
            f"The database at {place_of(address)} is at revision {found}, this server needs {revision}: "
            "run `kpi-server migrate`."
        )
    unsafe = await connection.fetchval(
        "select rolsuper or rolbypassrls or exists (select from pg_class where relname = 'organizations' "
        "and relowner = pg_roles.oid) from pg_roles where rolname = current_user"
    )
    if unsafe:
        raise StartupError(
            f"DATABASE_URL connects to {place_of(address)} as a role that bypasses row-level security, so "
            "tenants would not be kept apart: use the server's own role (`kpi-server migrate` creates it)."
        )
