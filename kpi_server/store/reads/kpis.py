"""KPIs as a board shows them: one statement a list, however long, and one for any number of keys or names."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from kpi_server.store.reads import Fetch, Key, Record, TextKey
from kpi_server.store.reads.clauses import Clauses, Moment
from kpi_server.store.reads.rows import also
from kpi_server.store.sql import statement

SegmentKey = tuple[int, int, str]
"""An organization, a KPI and a segment."""


@dataclass(frozen=True)
class Meaning:
    """A KPI that a text may mean; a lower rank is closer."""

    kpi_id: int
    key: str
    name: str
    rank: int


def kpi_clauses(now: datetime | Moment, organization_id: int, *, segment: str) -> Clauses:
    """The conditions of a list of an organization's KPIs, standing where they stand in a segment ("" is the whole)."""
    clauses = _opened(now, segment=segment)
    clauses.within("kpi", organization_id)
    return clauses


def kpi_list(clauses: Clauses, expressions: Sequence[str] = ()) -> str:
    """The select of KPIs under conditions that `kpi_clauses` began, with the expressions they are sorted by."""
    return _list(clauses.where, also(expressions))


@lru_cache(maxsize=256)
def _list(where: str, expressions: str) -> str:
    """As text: the same few lists are asked for again and again."""
    return statement("kpis").format(where=where, status=statement("status_today"), sorted=expressions)


def in_category(clauses: Clauses, key: str, organization_id: int) -> str:
    """The condition that a KPI is in a category or one inside it, itself or by a row of a document."""
    tree = statement("category_tree").format(
        organization=f"{clauses.bind(organization_id)}::bigint", key=f"{clauses.bind(key)}::text"
    )
    return (
        f"coalesce(kpi.category_id in ({tree}), false) or exists ("
        "select from kpi_rows as listed where listed.organization_id = kpi.organization_id"
        f" and listed.kpi_id = kpi.id and listed.category_id in ({tree}))"
    )


async def kpis_by_id(fetch: Fetch, now: datetime, keys: Sequence[Key]) -> list[Record | None]:
    """For each key the KPI with what a board shows of the whole, or None."""
    clauses = _opened(now, segment="")
    clauses.add_pairs("kpi.organization_id, kpi.id", keys, "bigint")
    rows = {(row["organization_id"], row["id"]): row for row in await fetch(kpi_list(clauses), *clauses.parameters)}
    return [rows.get(key) for key in keys]


async def kpis_by_key(fetch: Fetch, now: datetime, keys: Sequence[TextKey]) -> list[Record | None]:
    """For each KPI key the KPI, or None where the organization has no such KPI."""
    clauses = _opened(now, segment="")
    clauses.add_pairs("kpi.organization_id, kpi.key", keys, "text")
    rows = {(row["organization_id"], row["key"]): row for row in await fetch(kpi_list(clauses), *clauses.parameters)}
    return [rows.get(key) for key in keys]


async def statuses(fetch: Fetch, kpis: str, clauses: Clauses) -> Sequence[Record]:
    """The status today of each KPI of a list."""
    return await fetch(f"select counted.status from ({kpis}) as counted", *clauses.parameters)  # noqa: S608 - a list's


async def standings(fetch: Fetch, now: datetime, keys: Sequence[SegmentKey]) -> list[Record | None]:
    """For each KPI and segment where it stands, or None where there is neither figure nor target."""
    sql = statement("standings_of").format(status=statement("status_today"))
    rows = await fetch(sql, now, [key[0] for key in keys], [key[1] for key in keys], [key[2] for key in keys])
    found = {(row["organization_id"], row["kpi_id"], row["segment"]): row for row in rows}
    return [found.get(key) for key in keys]


async def meanings(fetch: Fetch, asked: Sequence[tuple[int, str, str, tuple[str, ...]]]) -> list[list[Meaning]]:
    """For each (organization, text, folded text, keys the families know by it) the KPIs it may mean."""
    organizations, texts, folded, known = zip(*asked, strict=True)
    rows = await fetch(
        statement("kpis_named"),
        list(organizations),
        list(texts),
        list(folded),
        [" ".join(keys) for keys in known],
    )
    found: defaultdict[TextKey, list[Meaning]] = defaultdict(list)
    for row in rows:
        meaning = Meaning(row["kpi_id"], row["key"], row["name"], row["rank"])
        found[row["organization_id"], row["asked"]].append(meaning)
    return [found[organization_id, text] for organization_id, text, _, _ in asked]


async def units(fetch: Fetch, organization_id: int, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The KPIs of these keys: id, and the notation of what their numbers are in."""
    rows = await fetch(
        "select key, id, unit from kpis where organization_id = $1 and key = any ($2::text[])", organization_id, keys
    )
    return {row["key"]: (row["id"], row["unit"]) for row in rows}


async def are_kpis(fetch: Fetch, organization_id: int, keys: Sequence[str]) -> bool:
    """Whether the organization has a KPI of each of these keys, all different."""
    (row,) = await fetch(
        "select count(*) = cardinality($2::text[]) as are_all from kpis"
        " where organization_id = $1 and key = any ($2::text[])",
        organization_id,
        keys,
    )
    return bool(row["are_all"])


async def spellings(fetch: Fetch, organization_id: int) -> Sequence[Record]:
    """The KPIs of an organization with their names, and how else it calls them."""
    return await fetch(statement("kpi_spellings"), organization_id)


async def measure_ids(fetch: Fetch, organization_id: int, keys: Sequence[str]) -> dict[str, int]:
    """The id of every one of these measures of which something was recorded."""
    rows = await fetch(
        "select key, id from measures where organization_id = $1 and key = any ($2::text[])", organization_id, keys
    )
    return {row["key"]: row["id"] for row in rows}


def _opened(now: datetime | Moment, *, segment: str) -> Clauses:
    return Clauses([now, segment])
