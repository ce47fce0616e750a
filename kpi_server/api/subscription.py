"""What callers may follow: fields of the query that are asked again whenever there is something new.

They are read, like queries, a page at a time by `live`; what they tell it of where they are is in `following.py`.
"""

from datetime import timedelta
from typing import Annotated, Any, Final

import strawberry

from kpi_server.api.execution.obtaining import Entry
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, Request
from kpi_server.api.types.scorecard import Scorecard, ScorecardInput, organization_asked
from kpi_server.errors import BadInput

SHORTEST: Final = timedelta(milliseconds=100)
LONGEST: Final = timedelta(hours=1)


def _watched(context: Request, *, organization: str, input: Any, minInterval: timedelta) -> int:  # noqa: A002, N803
    del input
    if not SHORTEST <= minInterval <= LONGEST:
        raise BadInput("`minInterval` is between PT0.1S and PT1H")
    organization_id = organization_asked(context.scope, organization)
    if context.following is not None:
        context.following.watched(organization_id, interval_s=minInterval.total_seconds())
    return organization_id


@strawberry.type(description="Everything that can be followed.")
class Subscription:
    @computed(
        "A scorecard as it stands, and again whenever that changes; what was in between is left out.",
        obtained=Entry("organizations", _watched, Scorecard.asked, is_enough=True),
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
