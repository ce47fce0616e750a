"""Many KPIs and measures at once as BI tools read them: a row for each and each segment, a column for each period."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import strawberry

from kpi_server.api.arguments import checked, segment_text
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, Request
from kpi_server.api.scalars import Period
from kpi_server.api.types.calculated_kpi import (
    AlignmentArgument,
    BasisArgument,
    ComparisonArgument,
    FromArgument,
    GeneratedArgument,
    GrainArgument,
    ToArgument,
)
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.period_value import KpiPlace
from kpi_server.api.types.series import Series
from kpi_server.api.types.series_making import SeriesArguments, segment_keys, series_at
from kpi_server.api.types.target import calendar_in
from kpi_server.api.types.value import Unit, number
from kpi_server.domain.calendar import Calendar
from kpi_server.domain.period import Grain
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.unit import fix, parse_unit
from kpi_server.errors import BadInput, NotFound
from kpi_server.services.naming import declared_spellings, defined_meant, kpi_spellings, meant, suggestion

MOST_KPIS: Final = 200
MOST_ROWS: Final = 2_000


class TableOrder(StrEnum):
    SEGMENT = "SEGMENT"
    HIGHEST = "HIGHEST"
    LOWEST = "LOWEST"


describe(
    TableOrder,
    "How the rows of one KPI are sorted; KPIs are in the order in which they are asked for.",
    {
        "SEGMENT": "By their segments.",
        "HIGHEST": "The highest number of the latest period that has one first; rows without a number last.",
        "LOWEST": "The lowest first; rows without a number last.",
    },
)


@strawberry.type(description="One KPI, metric or measure in one segment, over the periods of the table.")
class MetricRow:
    key: str = strawberry.field(description="The KPI, metric or measure, by key.")
    name: str = strawberry.field(description="Its name.")
    unit: Unit = strawberry.field(description="What its numbers are in.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    series: strawberry.Private[Series]

    @computed("Whether its values are stated by somebody or computed.")
    def basis(self) -> ValueBasis:
        return self.series.value_basis

    @computed("Its numbers for charts, one for each period of the table; null for a gap.")
    def values(self) -> list[float | None]:
        return [number(one) for one in self.series.numbers]

    @computed("Its exact numbers, one for each period of the table; null for a gap.")
    def exact(self) -> list[Decimal | None]:
        return self.series.numbers

    @computed("With `comparison`: the earlier numbers for charts.")
    def compared_values(self) -> list[float | None]:
        compared = self.series.compared
        return [] if compared is None else [number(one) for one in compared.values]


@strawberry.type(description="KPIs and measures by segment and period, as columns.")
class MetricTable:
    grain: Grain = strawberry.field(description="The length of its periods.")
    periods: list[Period] = strawberry.field(description="Its periods, the earliest first.")
    rows: list[MetricRow] = strawberry.field(
        description="For each KPI a row, or with `by` one for each of its segments that something is recorded of."
    )
    totals: list[MetricRow] = strawberry.field(
        description="With `totals`: for each KPI its value of all segments together, calculated and not added up."
    )


@strawberry.type(description="What an organization measures, as tables.")
class MetricTables(Node):
    """The part of an organization that is tables of numbers."""

    @computed("KPIs and measures by segment and period: stated values where there are any, else computed ones.")
    async def metrics(
        self,
        info: Info,
        kpis: Annotated[
            list[str],
            strawberry.argument(
                description="1 to 200 KPIs, by key, name or alias; also metrics that are no KPI here, and measures."
            ),
        ],
        grain: GrainArgument,
        from_: FromArgument,
        to: ToArgument,
        by: Annotated[
            list[str] | None, strawberry.argument(description='Segment keys, such as "plan": a row for each segment.')
        ] = None,
        where: Annotated[
            str | None, strawberry.argument(description='Only inside this segment, such as "region=eu".')
        ] = None,
        comparison: ComparisonArgument = None,
        alignment: AlignmentArgument = None,
        basis: BasisArgument = None,
        generated: GeneratedArgument = True,
        order_by: Annotated[
            TableOrder, strawberry.argument(description="How the rows of each KPI are sorted.")
        ] = TableOrder.SEGMENT,
        first: Annotated[
            int | None, strawberry.argument(description="Of each KPI the first so many rows, 1 to 100.")
        ] = None,
        totals: Annotated[bool, strawberry.argument(description="Whether `totals` are wanted.")] = False,
    ) -> MetricTable:
        if first is not None and not 1 <= first <= _MOST_FIRST:
            raise BadInput(f"`first` is between 1 and {_MOST_FIRST}, not {first}")
        asked = SeriesArguments(
            grain=grain,
            from_=from_,
            to=to,
            segment=segment_text(where),
            by=segment_keys(by),
            comparison=comparison,
            alignment=alignment,
            basis=basis,
            generated=generated,
        )
        named = await self._named(info, kpis)
        found = await _found(info.context, named, asked)
        return _table(grain, named, found, order=order_by, first=first, totals=totals, split=bool(asked.by))

    async def _named(self, info: Info, texts: Sequence[str]) -> list[tuple[KpiPlace, str]]:
        calendar = await calendar_in(info, self.organization_id)
        return await named_places(info.context, self.organization_id, self.record["currency"], texts, calendar)


async def _found(context: Request, named: Sequence[tuple[KpiPlace, str]], asked: SeriesArguments) -> list[Series]:
    found = await series_at([place for place, _ in named], context, asked)
    broken = next((one for one in found if isinstance(one, Exception)), None)
    if broken is not None:
        raise broken
    reported = [place.key for (place, _), one in zip(named, found, strict=True) if one is None]
    if reported:
        raise BadInput(f"{', '.join(reported)} cannot be computed: leave it out, or ask for any `basis`")
    return found


_MOST_FIRST: Final = 100


def _table(
    grain: Grain,
    named: Sequence[tuple[KpiPlace, str]],
    found: Sequence[Series],
    *,
    order: TableOrder,
    first: int | None,
    totals: bool,
    split: bool,
) -> MetricTable:
    rows = [
        _row(place, name, one)
        for (place, name), series in zip(named, found, strict=True)
        for one in _sorted(series.groups if split else [series], order)[:first]
    ]
    if len(rows) > MOST_ROWS:
        raise BadInput(f"The table has {len(rows)} rows; {MOST_ROWS} are allowed: ask for fewer, or for the `first`.")
    whole = [_row(place, name, series) for (place, name), series in zip(named, found, strict=True)]
    return MetricTable(grain=grain, periods=found[0].column if found else [], rows=rows, totals=whole if totals else [])


def _row(place: KpiPlace, name: str, series: Series) -> MetricRow:
    return MetricRow(key=place.key, name=name, unit=series.unit, segment=series.segment, series=series)


def _sorted(series: Sequence[Series], order: TableOrder) -> list[Series]:
    if order is TableOrder.SEGMENT:
        return list(series)
    latest = {
        one.segment: next((known for known in reversed(one.numbers) if known is not None), None) for one in series
    }
    sign = -1 if order is TableOrder.HIGHEST else 1
    valued = [one for one in series if latest[one.segment] is not None]
    valued.sort(key=lambda one: (sign * (latest[one.segment] or Decimal(0)), one.segment))
    return [*valued, *(one for one in series if latest[one.segment] is None)]


async def named_places(
    context: Request, organization_id: int, currency: str, texts: Sequence[str], calendar: Calendar
) -> list[tuple[KpiPlace, str]]:
    """What is meant by each text: a KPI of the organization, else a metric or measure of the families.

    Raises:
        BadInput: there are none, or too many.
        NotFound: some mean nothing; the message lists them.
        Ambiguous: one means several.
    """
    if not 1 <= len(texts) <= MOST_KPIS:
        raise BadInput(f"a table is of 1 to {MOST_KPIS} KPIs or measures, not of {len(texts)}")
    asked = [checked(text, "kpis") for text in dict.fromkeys(texts)]
    registry = context.registry
    named = [text for text in asked if text not in registry.measures]
    meanings = await context.loaders.meanings.load_many([(organization_id, text) for text in named])
    found = {text: kpi for text, meaning in zip(named, meanings, strict=True) if (kpi := meant(text, meaning))}
    declared = {text: defined_meant(registry, text) for text in asked if text not in found}
    strange = [text for text, key in declared.items() if key is None]
    if strange:
        spelled = {
            **declared_spellings(registry.measures, registry.measures),
            **declared_spellings(registry.metrics, registry.calculators),
            **await kpi_spellings(context.fetch, registry, organization_id),
        }
        named_so = f"there is no KPI, metric or measure of the name {', '.join(strange)}"
        raise NotFound(f"{named_so}{suggestion(strange, spelled)}")
    ids = [meaning.kpi_id for meaning in found.values()]
    records = await context.loaders.kpis.load_many([(organization_id, kpi_id) for kpi_id in ids])
    places = {
        text: (
            KpiPlace(
                organization_id, record["kpi"]["id"], record["kpi"]["key"], parse_unit(record["kpi"]["unit"]), calendar
            ),
            record["kpi"]["name"],
        )
        for text, record in zip(found, records, strict=True)
        if record is not None
    }
    for text, key in declared.items():
        if key is not None:
            definition = registry.metric(key) or registry.measures[key]
            unit = fix(definition.unit, currency=currency)
            places[text] = KpiPlace(organization_id, 0, key, unit, calendar), definition.name
    return [places[text] for text in asked if text in places]
