"""Funnels as the schema shows them: the steps that people take one after the other, and how many take each."""

from collections.abc import Sequence

import strawberry

from kpi_server.api.types.value import Value, number
from kpi_server.domain.funnel import shares


@strawberry.type(description="A step of a funnel: how many took it, and which share that is.")
class FunnelStep:
    name: str = strawberry.field(description="What the step is.")
    count: Value = strawberry.field(description="How many took it.")
    of_previous: float | None = strawberry.field(
        description="The share of those of the step before, 1 = all of them; null for the first step, and where either "
        "count is unknown or nobody was there."
    )
    of_first: float | None = strawberry.field(description="The share of those of the first step; null likewise.")


def funnel(names: Sequence[str], counts: Sequence[Value]) -> list[FunnelStep]:
    """The steps of these names and counts, in their order."""
    return [
        FunnelStep(name=name, count=count, of_previous=number(share.of_previous), of_first=number(share.of_first))
        for name, count, share in zip(names, counts, shares([count.exact for count in counts]), strict=True)
    ]
