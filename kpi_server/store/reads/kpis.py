"""KPIs as a board shows them: one statement a list, however long, and one for any number of keys or names."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_server.store.reads import Fetch, Key, Record, TextKey
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.sql import statement

SegmentKey = tuple[int, int, str]
"""An organization, a KPI and a segment."""


@dataclass(frozen=True)
class KpiConditions:
    """Which KPIs of an organization are wanted; everything given must hold."""

    family: str | None = None
    category: str | None = None
    owner: str | None = None
    department: str | None = None
    classification: str | None = None
    segment: str | None = None
    statuses: tuple[str, ...] | None = None
    text: str | None = None
    north_star: bool | None = None
    has_target: bool | None = None


@dataclass(frozen=True)
class Meaning:
    """A KPI that a text may mean; a lower rank is closer."""

    kpi_id: int
    key: str
    name: str
    rank: int


def kpi_list(now: datetime, organization_id: int, conditions: KpiConditions) -> tuple[str, Clauses]:
    """The select of an organization's KPIs under these conditions, and what it binds."""
    clauses = _opened(now, segment=conditions.segment or "")
    clauses.add("kpi.organization_id = {}::bigint", organization_id)
    _narrow_by_place(clauses, organization_id, conditions)
    _narrow_by_standing(clauses, conditions)
    if conditions.text is not None:
        _narrow_by_text(clauses, conditions.text)
    return _select(clauses), clauses


async def kpis_by_id(fetch: Fetch, now: datetime, keys: Sequence[Key]) -> list[Record | None]:
    """For each key the KPI with what a board shows of the whole, or None."""
    clauses = _opened(now, segment="")
    clauses.add_pairs("kpi.organization_id, kpi.id", keys, "bigint")
    rows = {(row["organization_id"], row["id"]): row for row in await fetch(_select(clauses), *clauses.parameters)}
    return [rows.get(key) for key in keys]


async def kpis_by_key(fetch: Fetch, now: datetime, keys: Sequence[TextKey]) -> list[Record | None]:
    """For each KPI key the KPI, or None where the organization has no such KPI."""
    clauses = _opened(now, segment="")
    clauses.add_pairs("kpi.organization_id, kpi.key", keys, "text")
    rows = {(row["organization_id"], row["key"]): row for row in await fetch(_select(clauses), *clauses.parameters)}
    return [rows.get(key) for key in keys]


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


def _opened(now: datetime, *, segment: str) -> Clauses:
    return Clauses([now, segment])


def _select(clauses: Clauses) -> str:
    return statement("kpis").format(where=clauses.where, status=statement("status_today"))


def _narrow_by_place(clauses: Clauses, organization_id: int, wanted: KpiConditions) -> None:
    if wanted.family is not None:
        clauses.add("kpi.family = {}::text", wanted.family)
    if wanted.owner is not None:
        clauses.add("owner.key = {}::text", wanted.owner)
    if wanted.department is not None:
        clauses.add("department.key = {}::text", wanted.department)
    if wanted.classification is not None:
        clauses.add("classification.key = {}::text", wanted.classification)
    if wanted.category is not None:
        tree = statement("category_tree").format(
            organization=f"{clauses.bind(organization_id)}::bigint", key=f"{clauses.bind(wanted.category)}::text"
        )
        clauses.conditions.append(
            f"(kpi.category_id in ({tree}) or exists ("
            "select from kpi_rows as listed where listed.organization_id = kpi.organization_id"
            f" and listed.kpi_id = kpi.id and listed.category_id in ({tree})))"
        )


def _narrow_by_standing(clauses: Clauses, wanted: KpiConditions) -> None:
    if wanted.segment is not None:
        clauses.add_plain("standing.kpi_id is not null")
    if wanted.statuses is not None:
        clauses.add("judged.status = any ({}::text[])", list(wanted.statuses))
    if wanted.north_star is not None:
        clauses.add("kpi.north_star = {}::boolean", wanted.north_star)
    if wanted.has_target is not None:
        clauses.add("(standing.target_id is not null) = {}::boolean", wanted.has_target)


def _narrow_by_text(clauses: Clauses, text: str) -> None:
    """By part of a key, name, definition or alias; the words are taken as they are, no wildcards."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    clauses.add(
        "(kpi.key ilike {0} or kpi.name ilike {0} or kpi.definition ilike {0} or exists ("
        "select from kpi_aliases as alias where alias.organization_id = kpi.organization_id"
        " and alias.kpi_id = kpi.id and alias.name ilike {0}))".replace("{0}", "{}::text"),
        f"%{escaped}%",
    )
