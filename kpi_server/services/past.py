"""Entering the past: from then on a connection shows an organization as it was at one of its numbers."""

from dataclasses import dataclass
from datetime import datetime

from kpi_server.errors import BadInput
from kpi_server.services.standing import standings
from kpi_server.store.past import SCHEMA, marked, standings_setting
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.facts import facts_of_kpis
from kpi_server.store.sql import statement


@dataclass(frozen=True)
class When:
    """A number of an organization, or a time: the last number that was recorded up to it."""

    version: int | None = None
    time: datetime | None = None


@dataclass(frozen=True)
class Past:
    """Where in the past an organization is looked at, and when that number was recorded."""

    version: int
    recorded_at: datetime


async def enter_past(fetch: Fetch, organization_id: int, when: When) -> Past:
    """Let the connection of `fetch`, in a transaction, show an organization as it was; statements are to be `marked`.

    Where KPIs stood follows from the facts of then, by the same rules as ever.

    Raises:
        BadInput: the organization had no such number, or nothing was recorded yet.
    """
    (found,) = await fetch(statement("number_at"), organization_id, when.version, when.time)
    if found["sequence"] is None:
        asked = f"at {when.time.isoformat()}" if when.time else f"of the number {when.version}"
        raise BadInput(f"there is nothing {asked}: the organization's last write has the number {found['last']}")
    await fetch(
        "select set_config('kpi.as_of', $1, true), set_config('kpi.standings', '[]', true), "
        "set_config('search_path', $2, true)",
        str(found["sequence"]),
        f"{SCHEMA}, public",
    )
    before = marked(fetch)
    kpis = await before("select id from kpis where organization_id = $1", organization_id)
    facts = await facts_of_kpis(before, [(organization_id, row["id"]) for row in kpis])
    rows = standings([fact for of_kpi in facts for fact in of_kpi])
    await fetch("select set_config('kpi.standings', $1, true)", standings_setting(organization_id, rows))
    return Past(found["sequence"], found["recorded_at"])
