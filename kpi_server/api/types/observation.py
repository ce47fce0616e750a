"""Observations: values that systems record, one for each measure, segment, period and source."""

from decimal import Decimal

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Period
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import number
from kpi_server.store.reads import Record


@strawberry.type(
    description="A recorded value of a KPI or measure; a correction is another observation, this one stays."
)
class Observation:
    record: strawberry.Private[Record]
    measure: str = strawberry.field(description='What was recorded: "financial.new_mrr", or the key of a KPI.')
    period: Period = strawberry.field(description="The period it is of.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    exact: Decimal = strawberry.field(description="The number, exactly; ratios are fractions.")
    currency: str | None = strawberry.field(description="The currency of money in another than the usual one.")
    text: str = strawberry.field(description="Its words: as sent, else the number for reading.")

    @classmethod
    def of(cls, record: Record) -> "Observation":
        return cls(
            record=record,
            measure=record["measure"],
            period=record["period"],
            segment=record["segment"],
            exact=record["value"],
            currency=record["currency"],
            text=record["text"],
        )

    @computed("The number, for charts.")
    def value(self) -> float | None:
        return number(self.exact)

    @computed("The KPI it is a value of; none for a measure.")
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.record["organization_id"], self.record["measure_id"])

    @computed("The system that sent it, or the document that states it, and when it was recorded.")
    def source(self) -> Source:
        return source_of(self.record)
