"""Where an organization's feed is."""

import strawberry

from kpi_server.api.scalars import Cursor
from kpi_server.domain.feed import FeedCursor, Position


@strawberry.type(description="Where the feed of an organization's changes is.")
class Feed:
    cursor: Cursor = strawberry.field(
        description="The place behind all that this answer shows: `changes` tells after it all that came later."
    )
    version: int = strawberry.field(description="The number of the last write in front of it: for `asOf`.")


def feed_of(organization_id: int, last: int, epoch: str) -> Feed:
    """The feed behind an organization's last write."""
    return Feed(cursor=Cursor(str(FeedCursor(epoch, organization_id, Position(last)))), version=last)
