"""What documents analyse: trend tables, the models they describe, and the segments they tell apart."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import strawberry

from kpi_server.api.execution.obtaining import One, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.standing import Measure
from kpi_server.api.types.enums import TrendUnit, describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import number
from kpi_server.domain.status import Colour
from kpi_server.domain.trend import Arrow, Basis, Trend, parse_trend
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import FigureError


class ModelKind(StrEnum):
    CHURN = "CHURN"
    FORECAST = "FORECAST"
    SEGMENTATION = "SEGMENTATION"


class ParameterGroup(StrEnum):
    FEATURE = "FEATURE"
    THRESHOLD = "THRESHOLD"
    SETTING = "SETTING"
    SEGMENT = "SEGMENT"
    INPUT = "INPUT"
    OUTPUT = "OUTPUT"


describe(
    ModelKind,
    "What an analytics model is for.",
    {
        "CHURN": "How likely a customer leaves.",
        "FORECAST": "What is to be expected.",
        "SEGMENTATION": "Which customers are alike.",
    },
)
describe(
    ParameterGroup,
    "What a parameter is to its model.",
    {
        "FEATURE": "Something it looks at.",
        "THRESHOLD": "A bound between its answers.",
        "SETTING": "How it is set up.",
        "SEGMENT": "A segment it tells apart.",
        "INPUT": "What it is given.",
        "OUTPUT": "What it answers.",
    },
)


@strawberry.type(description="A row of a trend table.")
class TrendRow(Node):
    table: str = strawberry.field(description="The table's heading.")
    name: str = strawberry.field(description="What moved, as printed.")
    arrow: Arrow = strawberry.field(description="The way it moved.")
    magnitude: str = strawberry.field(description='How much, as printed: "+33% QoQ".')
    impact: str = strawberry.field(description="The impact as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")
    action: str = strawberry.field(description="What is recommended.")

    @computed("How much, for charts; null where the words give no amount.")
    async def amount(self, info: Info) -> float | None:
        return number((await self._trend(info)).amount)

    @computed("How much, exactly.")
    async def exact(self, info: Info) -> Decimal | None:
        return (await self._trend(info)).amount

    @computed("What the amount is in.")
    async def unit(self, info: Info) -> TrendUnit | None:
        unit = (await self._trend(info)).unit
        return None if unit is None else TrendUnit(unit)

    @computed("What it is measured against.")
    async def basis(self, info: Info) -> Basis:
        return (await self._trend(info)).basis

    @computed("The KPI that moved.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _trend(self, info: Info) -> Trend:
        kpi_id = self.record["kpi_id"]
        kpi = None if kpi_id is None else await info.context.loaders.kpis.load((self.organization_id, kpi_id))
        unit = Unit(UnitKind.RATIO) if kpi is None else Measure.of(kpi["kpi"]).unit
        try:
            return parse_trend(self.magnitude, unit, arrow=self.arrow)
        except FigureError:
            return Trend(self.magnitude, self.arrow)


@strawberry.type(description="A table of trends.")
class TrendTable:
    name: str = strawberry.field(description="Its heading.")
    document: str | None = strawberry.field(description="The document it stands in, by key.")
    rows: list[TrendRow] = strawberry.field(description="Its rows.")


@strawberry.type(description="A parameter of an analytics model.")
class ModelParameter(Node):
    group: ParameterGroup = strawberry.field(description="What it is to the model.")
    name: str = strawberry.field(description="Its name as printed.")
    text: str | None = strawberry.field(description="Its value or meaning as printed.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="An analytics model that a document describes; the server does not run it.")
class AnalyticsModel(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    kind: ModelKind = strawberry.field(description="What it is for.")
    text: str | None = strawberry.field(description="What it does.")

    @computed("Its features, thresholds, settings, segments, inputs and outputs.")
    async def parameters(
        self,
        info: Info,
        group: Annotated[ParameterGroup | None, strawberry.argument(description="Only these.")] = None,
    ) -> list[ModelParameter]:
        rows = await info.context.loaders.children("model_parameters", "analytics_model_id").load(self.row_key)
        return [ModelParameter.of(row) for row in rows if group in (None, row["group"])]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A part by which KPIs can be told apart: one value of a dimension.")
class Segment(Node):
    key: str = strawberry.field(description='What the argument `segment` takes: "customer=enterprise".')
    dimension: str = strawberry.field(description="What segments differ in: customer.")
    value: str = strawberry.field(description="The value: enterprise.")
    name: str = strawberry.field(description="Its name as printed.")

    @computed("Where it is printed first.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


TREND_ROWS: Final = row_kind(
    TrendRow,
    "trend_rows",
    columns.text("table"),
    columns.text("name"),
    columns.choice("arrow", Arrow),
    columns.prose("magnitude"),
    columns.text("impact"),
    columns.choice("colour", Colour, nullable=True),
    columns.prose("action"),
    columns.key_of("kpi", "kpis", "The KPI that moved, by key.", nullable=True),
    DOCUMENT,
)
ANALYTICS_MODELS: Final = row_kind(
    AnalyticsModel,
    "analytics_models",
    columns.own_key(),
    columns.text("name"),
    columns.choice("kind", ModelKind),
    columns.prose("text", nullable=True),
    DOCUMENT,
)
SEGMENTS: Final = row_kind(
    Segment,
    "segments",
    columns.own_key(),
    columns.text("dimension"),
    columns.text("value"),
    columns.text("name"),
    DOCUMENT,
)


@strawberry.type(description="What an organization's documents analyse.")
class AnalysisLists(Node):
    """The part of an organization that is about trends, models and segments."""

    @computed("The trend tables of its documents.")
    async def trend_tables(self, info: Info) -> list[TrendTable]:
        key = (self.organization_id, self.organization_id)
        rows = await info.context.loaders.children("trend_rows", "organization_id").load(key)
        headings = dict.fromkeys((row["document"], row["table"]) for row in rows)
        return [
            TrendTable(
                name=heading,
                document=document,
                rows=[TrendRow.of(row) for row in rows if (row["document"], row["table"]) == (document, heading)],
            )
            for document, heading in headings
        ]

    trend_rows = connection_field(TREND_ROWS, "The rows of the trend tables of its documents.")
    analytics_models = connection_field(ANALYTICS_MODELS, "The analytics models that its documents describe.")
    segments = connection_field(SEGMENTS, "The segments by which its KPIs are told apart.")
