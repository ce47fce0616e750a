"""The values of a KPI in periods: single ones, series, and how they are calculated."""

from typing import Annotated, Any, TypeAlias

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.scalars import Period
from kpi_server.api.types.calculation import Calculator, calculator_of
from kpi_server.api.types.node import Node
from kpi_server.api.types.period_value import COMPUTED, VALUE, computed_of, values_of
from kpi_server.api.types.series import Series
from kpi_server.api.types.series_making import SERIES, series_of
from kpi_server.api.types.value import Value
from kpi_server.domain.comparison import Alignment, Comparison
from kpi_server.domain.period import Grain
from kpi_server.domain.selection import ValueBasis

FromArgument: TypeAlias = Annotated[
    Period, strawberry.argument(name="from", description="From the first day of this period on.")
]
ToArgument: TypeAlias = Annotated[Period, strawberry.argument(description="Up to the last day of this period.")]
GrainArgument: TypeAlias = Annotated[Grain, strawberry.argument(description="The length of the periods.")]
SegmentArgument: TypeAlias = Annotated[
    str | None, strawberry.argument(description='A segment, such as "plan=enterprise"; nothing is the whole.')
]
BasisArgument: TypeAlias = Annotated[
    ValueBasis | None, strawberry.argument(description="Only what is reported, or only what is computed.")
]
ByArgument: TypeAlias = Annotated[
    list[str] | None,
    strawberry.argument(description='Segment keys, such as "plan": also a series for each segment of these keys.'),
]
ComparisonArgument: TypeAlias = Annotated[
    Comparison | None, strawberry.argument(description="An earlier period to hold each value against.")
]
AlignmentArgument: TypeAlias = Annotated[
    Alignment | None,
    strawberry.argument(description="What becomes of a period that has not ended; else it is shown as it is."),
]
GeneratedArgument: TypeAlias = Annotated[
    bool, strawberry.argument(description="Whether generated history counts in what is computed.")
]
ComputedPeriodArgument: TypeAlias = Annotated[
    Period | None, strawberry.argument(description="The period; else that of the current value.")
]


@strawberry.type(description="What a KPI is in periods.")
class CalculatedKpi(Node):
    key: str = strawberry.field(description='Its key: "financial.arr".')

    @computed(
        "Its values over consecutive periods, at the grain in which they are stated: what was recorded of a period, "
        "else what is printed of it. Where nothing is stated at that grain and it is calculated, computed values. Null "
        "where no grain is given and nothing is known.",
        obtained=SERIES,
    )
    async def series(
        self,
        info: Info,
        grain: Annotated[
            Grain | None, strawberry.argument(description="The length of its periods; else the shortest that is known.")
        ] = None,
        from_: Annotated[
            Period | None, strawberry.argument(name="from", description="From the first day of this period on.")
        ] = None,
        to: Annotated[Period | None, strawberry.argument(description="Up to the last day of this period.")] = None,
        last: Annotated[
            int | None, strawberry.argument(description="Of these only the last so many periods, 1 to 5,000.")
        ] = None,
        segment: SegmentArgument = None,
        by: ByArgument = None,
        comparison: ComparisonArgument = None,
        alignment: AlignmentArgument = None,
        basis: BasisArgument = None,
        generated: GeneratedArgument = True,
    ) -> Series | None:
        (found,) = await series_of(
            info.context,
            [await self.place(info)],
            grain=grain,
            from_=from_,
            to=to,
            last=last,
            segment=segment,
            by=by,
            comparison=comparison,
            alignment=alignment,
            basis=basis,
            generated=generated,
        )
        if isinstance(found, Exception):
            raise found
        series: Series | None = found
        return series

    @computed("How it is calculated; null where it is only reported.")
    def calculator(self, info: Info) -> Calculator | None:
        return calculator_of(info.context.registry, self.key)

    @computed(
        "Its value in a period: what is recorded or printed of that period, else what is computed for it.",
        obtained=VALUE,
    )
    async def value(
        self,
        info: Info,
        period: Annotated[Period, strawberry.argument(description="The period.")],
        segment: SegmentArgument = None,
        basis: BasisArgument = None,
        generated: GeneratedArgument = True,
    ) -> Value:
        row = await self.place(info)
        (found,) = await values_of(
            info.context, [row], period=period, segment=segment, basis=basis, generated=generated
        )
        value: Value = found
        return value

    @computed(
        "Its value as its family computes it from recorded measures; null where it is not calculated, and where "
        "no period is given and there is no current value.",
        name="computed",
        obtained=COMPUTED,
    )
    async def computed_value(
        self,
        info: Info,
        period: ComputedPeriodArgument = None,
        segment: SegmentArgument = None,
        generated: GeneratedArgument = True,
    ) -> Value | None:
        row = {**await self.place(info), "standing.period": await self.current_period(info)}
        (found,) = await computed_of(info.context, [row], period=period, segment=segment, generated=generated)
        value: Value | None = found
        return value

    async def place(self, info: Info) -> dict[str, Any]:
        """The columns of its row and of its organization that values are made with."""
        organization = await info.context.loaders.organizations.load(self.organization_id)
        place = {name: organization[name] for name in ("calendar", "time_zone")}
        return {**self.record, "organization_id": self.organization_id, **place}

    async def current_period(self, info: Info) -> str | None:
        """The period of the value that counts now, of the whole."""
        record = await info.context.loaders.kpis.load(self.row_key)
        standing = None if record is None else record["standing"]
        return None if standing is None else standing["period"]
