"""Reading on in an organization's feed: for the API and for the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kpi_server.domain.feed import ChangeFilter, FeedCursor, Position, read_feed_cursor
from kpi_server.errors import BadInput, CursorExpired
from kpi_server.store import feed as store
from kpi_server.store.reads import Fetch, Record

MOST_EVENTS: Final = 1_000


@dataclass(frozen=True)
class FeedPage:
    """Events, the cursor behind them, and whether there is nothing more at the moment."""

    events: Sequence[Record]
    cursor: FeedCursor
    caught_up: bool


@dataclass(frozen=True)
class Asked:
    """What a reader wants: the events behind a cursor, or none and a cursor of now; how many, and which; for how long
    events are told after they were recorded.
    """

    organization_id: int
    after: str | None
    first: int
    kept: timedelta
    wanted: ChangeFilter = store.ALL


async def read_on(fetch: Fetch, asked: Asked, now: datetime) -> FeedPage:
    """The events behind a cursor; one statement.

    Raises:
        BadInput: the cursor is none, or of another organization, or of a write that has not happened.
        CursorExpired: what comes behind it is told no longer.
    """
    if not 1 <= asked.first <= MOST_EVENTS:
        raise BadInput(f"`first` is between 1 and {MOST_EVENTS:,}, not {asked.first}")
    here = asked.organization_id
    if asked.after is None:
        end = await store.read_end(fetch, here)
        return FeedPage((), FeedCursor(end.epoch, here, Position(end.last)), caught_up=True)
    cursor = read_feed_cursor(asked.after)
    if cursor.organization_id != here:
        raise BadInput("this cursor is one of another organization's feed: each has its own")
    page = await store.read_page(fetch, here, cursor.position, asked.first, asked.wanted)
    _refuse(cursor, page, now - asked.kept)
    return FeedPage(page.events, FeedCursor(cursor.epoch, here, page.position), page.caught_up)


def _refuse(cursor: FeedCursor, page: store.Page, told_since: datetime) -> None:
    again = "read everything again, beginning with `organization { feed { cursor } }`"
    if cursor.epoch != page.end.epoch:
        raise CursorExpired(f"this cursor is from before the database was restored or replaced: {again}")
    if cursor.position.sequence > page.end.last:
        raise BadInput("this cursor is of a write that has not happened: take cursors from the feed as they are")
    if page.missed_at is not None and page.missed_at < told_since:
        raise CursorExpired(f"this cursor is older than what the feed still tells: {again}")
