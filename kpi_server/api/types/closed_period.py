"""Periods whose values are final until an administrator restates them."""

from datetime import datetime

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.scalars import Period
from kpi_server.api.types.node import Node
from kpi_server.store.reads import Record


@strawberry.type(description="A closed period: what is recorded in it, or in a part of it, has to be restated.")
class ClosedPeriod:
    period: Period = strawberry.field(description="The period.")
    closed_at: datetime = strawberry.field(description="When it was closed.")
    closed_by: str = strawberry.field(description="Who closed it.")

    @classmethod
    def of(cls, record: Record) -> "ClosedPeriod":
        return cls(period=record["period"], closed_at=record["closed_at"], closed_by=record["actor"])


@strawberry.type(description="Which periods of an organization are closed.")
class ClosedPeriods(Node):
    """The part of an organization that is about its closed periods."""

    @computed("The periods that are closed, the earliest first.")
    async def closed_periods(self, info: Info) -> list[ClosedPeriod]:
        rows = await info.context.loaders.closed_periods.load(self.organization_id)
        return [ClosedPeriod.of(row) for row in rows]
