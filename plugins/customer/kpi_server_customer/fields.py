"""What the customer family shows beside its metrics: how visitors become customers."""

import strawberry

from kpi_server.api.types.family_view import FamilyView, Info, PeriodArgument, SegmentArgument, computed
from kpi_server.api.types.funnel import FunnelStep, funnel


@strawberry.type
class CustomerFields(FamilyView):
    """What a chart of the customers' way is drawn from."""

    @computed("Visitors, the trials that they began, and the customers that trials became, in a period.")
    async def signup_funnel(
        self, info: Info, period: PeriodArgument, segment: SegmentArgument = None
    ) -> list[FunnelStep] | None:
        keys = ("visitors", "trials", "trials_converted")
        counted = await self.values(info, keys, period=period, segment=segment)
        return funnel(("Visitors", "Trials", "Customers"), list(counted.values()))
