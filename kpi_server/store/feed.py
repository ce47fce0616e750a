"""The feed as it is read: events in the order of writes, and where a reader has come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import text

from kpi_server.domain.feed import ChangeFilter, Part, Position
from kpi_server.store.database import Database
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.sql import statement

ALL: Final = ChangeFilter()
MOST_LOOKED_AT: Final = 2_000


@dataclass(frozen=True)
class FeedEnd:
    """The number of an organization's last write, and the epoch in which that number means something."""

    last: int
    epoch: str


@dataclass(frozen=True)
class Page:
    """Events behind a position, where they end, and whether nothing lies behind that now.

    `missed_at` is when the first write behind the position was recorded; None where there is none.
    """

    events: Sequence[Record]
    position: Position
    caught_up: bool
    end: FeedEnd
    missed_at: datetime | None


async def read_page(
    fetch: Fetch, organization_id: int, position: Position, most: int, wanted: ChangeFilter = ALL
) -> Page:
    """At most so many events behind a position, by one statement.

    Of a filter it looks at many rows for few events, but never at more than `MOST_LOOKED_AT`: there may be more behind
    a page without any.
    """
    looking = _looking(most, wanted)
    sql, parameters = page_statement(organization_id, position, most, wanted)
    rows = await fetch(sql, *parameters)
    ground, told = orjson.loads(rows[0]["ground"]), [row for row in rows if row["sequence"] is not None]
    events, end, caught_up = told[:most], position, False
    if len(told) > most:
        end = position_of(events[-1])
    elif ground["looked"] >= looking:
        end = Position(*ground["final"])
    elif ground["writes"]:
        end, caught_up = Position(ground["last_behind"]), ground["writes"] < looking
    else:
        caught_up = True
    missed_at = None if ground["missed_at"] is None else datetime.fromisoformat(ground["missed_at"])
    return Page(events, end, caught_up, FeedEnd(ground["last"], ground["epoch"]), missed_at)


def page_statement(
    organization_id: int, position: Position, most: int, wanted: ChangeFilter = ALL
) -> tuple[str, Sequence[Any]]:
    """The statement of a page, which reads one event more to know whether there are more, and what it binds."""
    begin = Position(position.sequence + 1, Part.ROWS, -1) if position.part == Part.END else position
    bounds = (begin.sequence, int(begin.part), begin.place, _looking(most, wanted), most + 1)
    return _statement(is_filtered=not wanted.is_empty), (organization_id, *bounds, *_parameters(wanted))


def _looking(most: int, wanted: ChangeFilter) -> int:
    return most + 1 if wanted.is_empty else MOST_LOOKED_AT


@cache
def _statement(*, is_filtered: bool) -> str:
    wanted = f",\n{statement('feed_wanted')}" if is_filtered else ""
    return statement("feed_page").format(wanted=wanted, where=statement("feed_condition") if is_filtered else "")


def _parameters(wanted: ChangeFilter) -> tuple[Sequence[str] | None, ...]:
    if wanted.is_empty:
        return ()
    named = (wanted.kpis, wanted.families, wanted.owners, wanted.departments, wanted.segments, wanted.kinds)
    return (*named, wanted.tables)


def position_of(event: Record) -> Position:
    """Where an event is."""
    return Position(event["sequence"], event["part"], event["place"])


async def renew_epoch(database: Database) -> None:
    """Begin another epoch where the database is another than the one that began this: restored, promoted or copied.

    What was written since may be lost there, and numbers be given anew. A server that may only read begins none.
    """
    async with database.administer() as session:
        connection = await session.connection()
        if not (await connection.execute(text("select pg_is_in_recovery()"))).scalar_one():
            await connection.execute(text(statement("renew_epoch")))


async def read_end(fetch: Fetch, organization_id: int) -> FeedEnd:
    """Where an organization's feed ends now."""
    (row,) = await fetch(
        "select last, epoch from sequences cross join feed_epochs where organization_id = $1", organization_id
    )
    return FeedEnd(row["last"], row["epoch"])
