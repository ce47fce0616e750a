"""Aggregates: how far measures are made of an organization's events."""

from datetime import date, datetime

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.types.node import Node
from kpi_server.domain.aggregate import Aggregate as Declared
from kpi_server.store.reads import Record


@strawberry.type(description="How measures are made of events, and how far.")
class Aggregate:
    key: str = strawberry.field(description='Its key with that of its family: "product.sessions".')
    kind: str = strawberry.field(description="The kind of the events that it is made of.")
    measures: list[str] = strawberry.field(description="The measures that it makes, by key.")
    last_start: date | None = strawberry.field(description="The first day of the latest period that is made.")
    waiting: int = strawberry.field(description="How many events do not count yet.")
    failed_at: datetime | None = strawberry.field(description="When it failed the last time; null since it was made.")
    failure: str | None = strawberry.field(description="Why it failed: the events wait until that is mended.")

    @classmethod
    def of(cls, record: Record, declared: Declared) -> "Aggregate":
        family = record["aggregate"].partition(".")[0]
        return cls(
            key=record["aggregate"],
            kind=declared.kind,
            measures=[f"{family}.{name}" for name in declared.outputs],
            last_start=record["last_start"],
            waiting=record["waiting"],
            failed_at=record["failed_at"],
            failure=record["failure"],
        )


@strawberry.type(description="What is made of an organization's events.")
class AggregateLists(Node):
    """The part of an organization that is about its aggregates."""

    @computed("How far measures are made of its events, one entry for each way in which families make them.")
    async def aggregates(self, info: Info) -> list[Aggregate]:
        rows = await info.context.loaders.aggregates.load(self.organization_id)
        return [Aggregate.of(row, info.context.registry.aggregates[row["aggregate"]]) for row in rows]
