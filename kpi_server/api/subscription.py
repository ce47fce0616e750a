"""What callers may follow: fields of the query that are asked again whenever there is something new.

They are read, like queries, a page at a time by `live`; what they tell it of where they are is in `following.py`.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, Final

import strawberry

from kpi_server.api.arguments import granted
from kpi_server.api.execution.obtaining import Entry
from kpi_server.api.fields import computed
from kpi_server.api.following import Following
from kpi_server.api.request import Info, Request
from kpi_server.api.scalars import Cursor
from kpi_server.api.types.change import ChangeBatch, ChangeFilter, wanted_of
from kpi_server.api.types.scorecard import Scorecard, ScorecardInput, check_keys
from kpi_server.errors import BadInput
from kpi_server.services.feed import MOST_EVENTS, Asked, read_on

SHORTEST: Final = timedelta(milliseconds=100)
LONGEST: Final = timedelta(hours=1)


def _watched(context: Request, *, organization: str, input: Any, minInterval: timedelta) -> int:  # noqa: A002, N803
    del input
    if not SHORTEST <= minInterval <= LONGEST:
        raise BadInput("`minInterval` is between PT0.1S and PT1H")
    organization_id = granted(context.scope, organization).organization_id
    if context.following is not None:
        context.following.watched(organization_id, interval_s=minInterval.total_seconds())
    return organization_id


async def _read_on(info: Info, asked: Asked) -> ChangeBatch:
    """The next page, behind the place to which the stream has come."""
    context, following = info.context, info.context.following or Following()
    asked = replace(asked, after=following.cursor or asked.after)
    page = await read_on(context.fetch, asked, context.now)
    following.came_to(
        str(page.cursor),
        organization_id=asked.organization_id,
        number=page.cursor.position.sequence,
        is_caught_up=page.caught_up,
        is_empty=not page.events,
    )
    return ChangeBatch.of(page)


@strawberry.type(description="Everything that can be followed.")
class Subscription:
    @computed(
        "What changes in an organization, in order and without gaps: page after page of the query `changes`, from a "
        "cursor on. Where a stream was cut off another goes on from the last cursor that came. The first page comes at "
        "once, if only to say where the feed is."
    )
    async def changes(
        self,
        info: Info,
        organization: Annotated[str, strawberry.argument(description='Its short name: "datainsight-pro".')],
        after: Annotated[
            Cursor | None,
            strawberry.argument(description="The cursor of `feed` or of the last page; without one it begins now."),
        ] = None,
        batch_size: Annotated[int, strawberry.argument(description="At most so many a page, 1 to 1,000.")] = 100,
        filter: Annotated[ChangeFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> ChangeBatch:
        if not 1 <= batch_size <= MOST_EVENTS:
            raise BadInput(f"`batchSize` is between 1 and {MOST_EVENTS:,}, not {batch_size}")
        organization_id = granted(info.context.scope, organization).organization_id
        asked = Asked(organization_id, after, batch_size, info.context.feed_kept, wanted_of(filter))
        return await _read_on(info, asked)

    @computed(
        "A scorecard as it stands, and again whenever that changes; what was in between is left out.",
        obtained=Entry("organizations", _watched, Scorecard.asked, is_enough=True, check=check_keys),
    )
    async def scorecard(
        self,
        info: Info,
        organization: Annotated[str, strawberry.argument(description="The organization, by its short name.")],
        input: Annotated[ScorecardInput, strawberry.argument(description="Which KPIs are wanted.")],  # noqa: A002
        min_interval: Annotated[
            timedelta, strawberry.argument(description="Not oftener than that: PT0.1S to PT1H.")
        ] = timedelta(seconds=1),
    ) -> Scorecard:
        raise NotImplementedError  # declares the field; it is planned, and rows give it
