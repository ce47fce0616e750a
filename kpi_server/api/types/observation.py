"""Observations: values that systems record, one for each measure, segment, period and source."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.connections import After, Before, Connection, First, Last, Listing, PageArguments, connect
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Period
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import number
from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.period import parse_period
from kpi_server.domain.precision import trimmed
from kpi_server.domain.segment import read_segment
from kpi_server.errors import BadInput, UserError
from kpi_server.services.naming import measured
from kpi_server.store.reads import Record
from kpi_server.store.reads.keyset import SortKey
from kpi_server.store.reads.stated import cell_clauses, stated

_NEWEST_FIRST: Final = (SortKey("id", "bigint", descending=True),)


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
    stands: bool = strawberry.field(
        description="Whether it counts: of all that is stated of a measure, segment and period one does."
    )
    withdrawn: bool = strawberry.field(description="Whether its source has taken it back.")
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
            stands=record["ended_in"] is None,
            withdrawn=record["withdrawn"],
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


@strawberry.type(description="What an organization's systems and documents state.")
class ObservationLists(Node):
    """The part of an organization that is about what is recorded, whether it counts or not."""

    @computed(
        "All that was recorded of a KPI or measure for one period and segment, the newest first: what counts, what it "
        "took the place of, what other sources state, and what was taken back."
    )
    async def observations(
        self,
        info: Info,
        period: Annotated[Period, strawberry.argument(description="The period.")],
        kpi: Annotated[str | None, strawberry.argument(description="The KPI, by key or name.")] = None,
        measure: Annotated[str | None, strawberry.argument(description="Or the measure, by key or name.")] = None,
        segment: Annotated[str, strawberry.argument(description="The segment; empty is the whole.")] = "",
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Observation]:
        if (kpi is None) == (measure is None):
            raise BadInput("name the KPI or the measure, one of the two")
        name = ("kpi", checked(kpi, "kpi")) if kpi is not None else ("measure", checked(measure or "", "measure"))
        context, organization_id = info.context, self.organization_id
        currency = self.record["currency"]
        named = await measured(context.fetch, context.registry, organization_id, [name], currency=currency)
        found = named[name]
        if isinstance(found, UserError):
            raise found
        calendar = parse_calendar(self.record["calendar"], self.record["time_zone"])
        where = str(read_segment(checked(segment, "segment")))
        clauses = cell_clauses(organization_id, found.id, where, parse_period(period, calendar))
        listing = Listing(f"Observation:{organization_id}", stated(clauses), clauses, _NEWEST_FIRST)
        return connect(context, listing, PageArguments(first, after, last, before), Observation.of)
