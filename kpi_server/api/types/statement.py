"""What documents say in prose, headlines and footers."""

from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import One, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.standing import Measure
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import Trend
from kpi_server.domain import trend as trends
from kpi_server.domain.direction import Direction
from kpi_server.domain.status import Colour
from kpi_server.domain.trend import Arrow
from kpi_server.domain.unit import Unit, UnitKind
from kpi_server.errors import FigureError


@strawberry.type(description="A statement of a document, word for word.")
class Statement(Node):
    section: str = strawberry.field(description="The section in which it stands.")
    label: str | None = strawberry.field(description="What it is called there.")
    text: str = strawberry.field(description="The words as printed.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")
    trend: str | None = strawberry.field(description="The movement as printed.")
    arrow: Arrow | None = strawberry.field(description="The way it moved.")
    analysis: str | None = strawberry.field(description="The document's comment.")

    @computed("The movement, read from `trend`; null where none is printed or it states no number.")
    async def movement(self, info: Info) -> Trend | None:
        if self.trend is None:
            return None
        measure = await self._measure(info)
        try:
            return Trend.shown(trends.parse_trend(self.trend, measure.unit, arrow=self._arrow), measure, derived=False)
        except FigureError:
            return None

    @computed("The KPI it is about.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    @property
    def _arrow(self) -> Arrow | None:
        return None if self.arrow is None else Arrow(self.arrow)

    async def _measure(self, info: Info) -> Measure:
        """That of the KPI; a movement of no KPI is a percentage, and which way is better is not known."""
        key = self.parent_key("kpi_id")
        kpi = None if key is None else await info.context.loaders.kpis.load(key)
        if kpi is None:
            return Measure(unit=Unit(UnitKind.RATIO), direction=Direction.NONE, acceptable=None, near=None)
        return Measure.of(kpi["kpi"])


STATEMENTS: Final = row_kind(
    Statement,
    "statements",
    columns.text("section"),
    columns.text("label", nullable=True),
    columns.prose("text"),
    columns.text("status", nullable=True),
    columns.choice("colour", Colour, nullable=True),
    columns.prose("trend", nullable=True),
    columns.choice("arrow", Arrow, nullable=True),
    columns.prose("analysis", nullable=True),
    columns.key_of("kpi", "kpis", "The KPI it is about, by key.", nullable=True),
    DOCUMENT,
)


@strawberry.type(description="What an organization's documents say in prose.")
class StatementLists(Node):
    """The part of an organization that is about its documents' prose."""

    statements = connection_field(STATEMENTS, "What its documents say in prose, headlines and footers.")
