"""Observations: values that systems record, one for each measure, segment, period and source."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Period
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import number
from kpi_server.domain.precision import trimmed
from kpi_server.store.reads import Record


@strawberry.type(description="How an amount of another currency counts in a calculation.")
class Conversion:
    currency: str = strawberry.field(description="The organization's currency, into which it is converted.")
    rate: Decimal | None = strawberry.field(
        description="What one unit is worth in it: for a flow the mean rate of its period's days, for a balance "
        "that of the last day. Null where it is not known."
    )
    first_day: date | None = strawberry.field(
        description="The day of the first dated rate in it, which may be earlier."
    )
    last_day: date | None = strawberry.field(description="The day of the last dated rate in it.")
    exact: Decimal | None = strawberry.field(description="The converted amount, exactly.")

    @classmethod
    def of(cls, record: Record) -> "Conversion":
        rate = record["rate"]
        return cls(
            currency=record["quote"],
            rate=None if rate is None else trimmed(rate),
            first_day=record["first_day"],
            last_day=record["last_day"],
            exact=None if rate is None else trimmed(record["value"] * rate),
        )


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
    conversion: Conversion | None = strawberry.field(
        default=None, description="Of an input in another currency than the organization's: how it is converted."
    )

    @classmethod
    def counted(cls, record: Record) -> "Observation":
        """One that counts in a calculation."""
        conversion = None if record["currency"] is None else Conversion.of(record)
        return replace(cls.of(record), conversion=conversion)

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
