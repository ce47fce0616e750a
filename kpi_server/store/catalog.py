"""A catalog's rows in the database: read what is there, apply the difference, keep what was before."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from kpi_server.store.bulk import delete_rows, insert_rows, json_of, update_rows
from kpi_server.store.database import Database, Operation, Write
from kpi_server.store.measures import keep_measures, read_measures
from kpi_server.store.settling import settle, withdraw
from kpi_server.store.standing import forget_standings
from kpi_server.store.tables import METADATA

CATALOG: Final = "CATALOG"
"""The origin of rows that come from a catalog; a load touches no others."""

APPEND_ONLY: Final = frozenset({"observations"})
"""Tables in which another content is another row, so that the past stays as it was reported."""

_OF_RISKS: Final = frozenset({"risk_assessments", "mitigations"})
"""Tables whose rows are about the KPI of the risk that they name."""

_OWN_COLUMNS: Final = frozenset({"organization_id", "id", "key", "origin", "batch_id", "ended_in", "withdrawn"})

TENANT_TABLES: Final[tuple[Table, ...]] = tuple(
    table for table in METADATA.sorted_tables if {"key", "origin", "batch_id"} <= set(table.columns.keys())
)
"""Tables of an organization's facts, those that are referred to before those that refer."""


@dataclass(frozen=True)
class Ref:
    """A reference to a row by table and natural key."""

    table: str
    key: str


Desired = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""The rows an organization is to have: table, natural key, column, value (or Ref)."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """What is stored: catalog rows by table and key, keys that rows of other origins bear, and every measure's id."""

    rows: Mapping[str, Mapping[str, Row]]
    foreign: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, int]


@dataclass(frozen=True)
class Difference:
    """What is to be done to make the stored rows the desired ones."""

    added: Mapping[str, Mapping[str, Row]]
    changed: Mapping[str, Mapping[str, Row]]
    gone: Mapping[str, Mapping[str, Row]]

    def touches(self, table: str) -> bool:
        """Whether rows of a table come, change or go."""
        return any(table in rows for rows in (self.added, self.changed, self.gone))


@dataclass
class Outcome:
    """How many rows were touched, and the rows kept because others refer to them."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    kept: list[str] = field(default_factory=list)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.created + other.created,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.kept + other.kept,
        )


async def read_stored(write: Write) -> Stored:
    """Every row of an organization's facts."""
    connection = write.connection
    rows: defaultdict[str, dict[str, Row]] = defaultdict(dict)
    foreign: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for table in TENANT_TABLES:
        # By id: of an append-only table's rows with one key the last is what counts.
        chosen = select(table).where(table.c.organization_id == write.organization_id).order_by(table.c.id)
        if table.name in APPEND_ONLY:
            chosen = chosen.where(table.c.origin == CATALOG, ~table.c.withdrawn)
        for row in (await connection.execute(chosen)).mappings():
            if row["origin"] == CATALOG:
                rows[table.name][row["key"]] = dict(row)
            else:
                foreign[table.name][row["key"]] = row["origin"]
    return Stored(rows, foreign, await read_measures(write))


def complete(desired: Desired) -> Desired:
    """The same rows with every column of their tables: None where nothing is said."""
    return {table: {key: _blank(table) | dict(row) for key, row in rows.items()} for table, rows in desired.items()}


def _blank(table: str) -> Row:
    return {name: None for name in METADATA.tables[table].columns.keys() if name not in _OWN_COLUMNS}  # noqa: SIM118


def differ(stored: Mapping[str, Mapping[str, Row]], desired: Desired) -> Difference:
    """What separates stored rows from desired ones; references are compared by what they name.

    Nothing for rows that were just stored, in whatever order:

    >>> stored = {"owners": {"ceo": {"id": 7, "key": "ceo", "title": "CEO"}}}
    >>> differ(stored, {"owners": {"ceo": {"title": "CEO"}}})
    Difference(added={}, changed={}, gone={})
    >>> differ(stored, {"owners": {"ceo": {"title": "Chief"}}}).changed
    {'owners': {'ceo': {'title': 'Chief'}}}
    """
    ids = {(table, key): row["id"] for table, rows in stored.items() for key, row in rows.items()}
    added: dict[str, dict[str, Row]] = {}
    changed: dict[str, dict[str, Row]] = {}
    for table, rows in desired.items():
        for key, columns in rows.items():
            before = stored.get(table, {}).get(key)
            if before is None:
                added.setdefault(table, {})[key] = dict(columns)
            elif any(_resolved(value, ids) != before[name] for name, value in columns.items()):
                changed.setdefault(table, {})[key] = dict(columns)
    gone = {
        table: {key: row for key, row in rows.items() if key not in desired.get(table, {})}
        for table, rows in stored.items()
    }
    return Difference(added, changed, {table: rows for table, rows in gone.items() if rows})


def _resolved(value: Any, ids: Mapping[tuple[str, str], int]) -> Any:
    return ids.get((value.table, value.key), value) if isinstance(value, Ref) else value


async def apply(write: Write, database: Database, stored: Stored, difference: Difference) -> Outcome:
    """Insert, update and delete what differs, record every row with its content before, and count."""
    outcome = Outcome()
    connection = write.connection
    ids = {(table, key): row["id"] for table, rows in stored.rows.items() for key, row in rows.items()}
    appended = {table: rows for table, rows in difference.changed.items() if table in APPEND_ONLY}
    fresh = [(table, key) for rows in (difference.added, appended) for table, keyed in rows.items() for key in keyed]
    ids |= dict(zip(fresh, await database.ids(len(fresh)), strict=True)) if fresh else {}
    kpis = {key: stored.measures.get(key, ids["kpis", key]) for key in difference.added.get("kpis", {})}
    ids |= {("kpis", key): number for key, number in kpis.items()}
    kept = await _kept(connection, write.organization_id, difference)
    if difference.added or difference.changed or difference.gone:
        await write.start()
    await keep_measures(write, kpis)
    risks = {row["id"]: row["kpi_id"] for row in stored.rows.get("risks", {}).values()}
    change = _Change(write, connection, ids, stored, outcome, risks=risks)
    for table in TENANT_TABLES:
        await change.add(table, {**difference.added.get(table.name, {}), **appended.get(table.name, {})})
        if table.name not in APPEND_ONLY:
            await change.update(table, difference.changed.get(table.name, {}))
    for table in reversed(TENANT_TABLES):
        await change.delete(table, difference.gone.get(table.name, {}), kept)
    await settle(write, change.stated)
    return outcome


@dataclass(frozen=True)
class _Change:
    """The tools of one application of a difference."""

    write: Write
    connection: AsyncConnection
    ids: Mapping[tuple[str, str], int]
    stored: Stored
    outcome: Outcome
    stated: list[Row] = field(default_factory=list)
    """Rows of append-only tables that came or went."""
    risks: dict[int, int | None] = field(default_factory=dict)
    """The KPI of each risk, if it is about one: as it was, until it is brought up to date."""

    def _complete(self, table: Table, key: str, columns: Mapping[str, Any]) -> Row:
        """The row with its own columns and with references resolved."""
        own = {"organization_id": self.write.organization_id, "id": self.ids[table.name, key], "key": key}
        facts = {name: _resolved(value, self.ids) for name, value in columns.items()}
        return {**own, **facts, "origin": CATALOG, "batch_id": self.write.batch_id}

    async def add(self, table: Table, rows: Mapping[str, Row]) -> None:
        new = [self._complete(table, key, columns) for key, columns in rows.items()]
        if table.name in APPEND_ONLY:
            new = [row | {"ended_in": self.write.batch_id} for row in new]  # until it is settled which of them stand
            self.stated.extend(new)
        await insert_rows(self.connection, table, new)
        for row in new:
            before = self.stored.rows.get(table.name, {}).get(row["key"])
            self._record(table, row, "INSERT", before and json_of(before))
        self.outcome.created += len(new)

    async def update(self, table: Table, rows: Mapping[str, Row]) -> None:
        stored = self.stored.rows.get(table.name, {})
        changed = [self._complete(table, key, columns) for key, columns in rows.items()]
        await update_rows(self.connection, table, changed)
        for row in changed:
            self._record(table, row, "UPDATE", json_of(stored[row["key"]]))
        self.outcome.updated += len(changed)

    async def delete(self, table: Table, rows: Mapping[str, Row], kept: Mapping[tuple[str, int], str]) -> None:
        doomed = [row for row in rows.values() if (table.name, row["id"]) not in kept]
        for row in rows.values():
            referrer = kept.get((table.name, row["id"]))
            if referrer:
                self.outcome.kept.append(f"{table.name} {row['key']} is gone from the catalog but kept: {referrer}")
        if table.name == "kpis":
            await forget_standings(self.write, [row["id"] for row in doomed])
        if table.name in APPEND_ONLY:
            await withdraw(self.write, doomed)
            self.stated.extend(doomed)
        else:
            await delete_rows(self.connection, table, self.write.organization_id, [row["id"] for row in doomed])
        for row in doomed:
            operation: Operation = "UPDATE" if table.name in APPEND_ONLY else "DELETE"
            self._record(table, row, operation, json_of(row))
        self.outcome.deleted += len(doomed)

    def _record(self, table: Table, row: Row, operation: Operation, before: dict[str, Any] | None) -> None:
        if table.name == "risks":
            self.risks[row["id"]] = row["kpi_id"]
        self.write.record(table.name, row["id"], operation, before, kpi_id=self._subject(table, row))

    def _subject(self, table: Table, row: Row) -> int | None:
        """The KPI that a row is about: itself, the one that it names, or that of the risk that it names."""
        if table.name in _OF_RISKS:
            return self.risks.get(row["risk_id"])
        return row["id"] if table.name == "kpis" else row.get("kpi_id")


async def _kept(
    connection: AsyncConnection, organization_id: int, difference: Difference
) -> Mapping[tuple[str, int], str]:
    """Rows that are gone from the catalog but that rows which stay refer to, with who refers to them."""
    doomed = {table: {row["id"] for row in rows.values()} for table, rows in difference.gone.items()}
    kept: dict[tuple[str, int], str] = {}
    for referring in reversed(TENANT_TABLES):
        for column, referred in _references(referring):
            if doomed.get(referred):
                found = await _referrers(connection, organization_id, referring, column, doomed[referred])
                kept |= {(referred, row_id): f"{referring.name} {name} names it" for row_id, name in found}
        _keep_named(referring, difference.gone.get(referring.name, {}).values(), doomed, kept)
    return kept


def _keep_named(
    table: Table, rows: Collection[Row], doomed: Mapping[str, set[int]], kept: dict[tuple[str, int], str]
) -> None:
    """What a kept row names is kept as well, through rows of its own table up to the last."""
    waiting = [row for row in rows if (table.name, row["id"]) in kept]
    by_id = {row["id"]: row for row in rows}
    while waiting:
        row = waiting.pop()
        for column, referred in _references(table):
            place = (referred, row[column])
            if row[column] in doomed.get(referred, ()) and place not in kept:
                kept[place] = f"{table.name} {row['key']} names it"
                waiting += [by_id[row[column]]] if referred == table.name else []


def _references(table: Table) -> Sequence[tuple[str, str]]:
    """The columns of a table that name rows of an organization's facts, with the table they name."""
    named = {other.name: other.name for other in TENANT_TABLES} | {"measures": "kpis"}  # they share their ids
    return [
        (constraint.column_keys[-1], named[constraint.referred_table.name])
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name in named
    ]


async def _referrers(
    connection: AsyncConnection, organization_id: int, table: Table, column: str, ids: set[int]
) -> Sequence[tuple[int, str]]:
    """Rows of another origin that name one of these ids."""
    chosen = select(table.c[column], _label(table), table.c.origin).where(
        table.c.organization_id == organization_id,
        table.c.origin != CATALOG,
        table.c[column] == func.any(bindparam("ids", sorted(ids))),
    )
    if table.name in APPEND_ONLY:
        chosen = chosen.where(table.c.ended_in.is_(None)).ext(distinct_on(table.c[column]))
    return [(row[0], f"{row[1]} ({row[2]})") for row in await connection.execute(chosen)]


def _label(table: Table) -> ColumnElement[str]:
    """What a row of a table is called where its key may be wanting."""
    return func.concat_ws(" of ", table.c.period, table.c.source) if table.name in APPEND_ONLY else table.c.key
