"""What the market family shows beside its metrics: where the market is, and how much of it is the organization's."""

from typing import Annotated

import strawberry

from kpi_server.api.types.family_view import (
    FamilyView,
    FirstRows,
    Info,
    PeriodArgument,
    Value,
    computed,
    largest_rows,
)

By = Annotated[str, strawberry.argument(description='The segment key whose values are the rows: "region".')]


@strawberry.type(description="A part of the market, and how much of it is the organization's.")
class MarketPart:
    name: str = strawberry.field(description='The region, or whatever the rows are by: "dach".')
    market: Value = strawberry.field(description="What all suppliers earn there.")
    share: Value = strawberry.field(description="The share of it that the organization earns.")


@strawberry.type
class MarketFields(FamilyView):
    """What a map of the market is drawn from."""

    @computed("The parts of the market and the organization's share of each in a period, the largest part first.")
    async def share_by_region(
        self, info: Info, period: PeriodArgument, by: By = "region", first: FirstRows = 20
    ) -> list[MarketPart] | None:
        found = await self.values_by_segment(
            info, ["market_revenue", "share"], recorded="market_revenue", by=by, period=period
        )
        parts = [
            MarketPart(name=name, market=values["market_revenue"], share=values["share"]) for name, values in found
        ]
        return largest_rows(parts, first, of=lambda part: (part.market, part.name))
