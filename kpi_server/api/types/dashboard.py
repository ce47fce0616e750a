"""Dashboards and what stands on them, with the values they show."""

import json
from enum import StrEnum
from typing import Annotated, Final

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.execution.obtaining import One, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT, Question, search
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.standing import Measure
from kpi_server.api.types.cohort import CohortTable
from kpi_server.api.types.enums import describe
from kpi_server.api.types.initiative import Initiative, initiative_of
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import Target, standing_in
from kpi_server.api.types.value import ReportedFigure, Value, current_value, figure_value
from kpi_server.domain.status import Colour
from kpi_server.domain.trend import Arrow
from kpi_server.store.reads import Record


class DashboardKind(StrEnum):
    DASHBOARD = "DASHBOARD"
    TABLE = "TABLE"
    FOCUS = "FOCUS"


class WidgetKind(StrEnum):
    TILE = "TILE"
    LINE = "LINE"
    FUNNEL = "FUNNEL"
    HEATMAP = "HEATMAP"
    SANKEY = "SANKEY"
    COHORT = "COHORT"
    TIMELINE = "TIMELINE"
    LEADERBOARD = "LEADERBOARD"
    DISTRIBUTION = "DISTRIBUTION"
    LIST = "LIST"
    TABLE = "TABLE"
    HEALTH = "HEALTH"
    TOPIC = "TOPIC"
    INITIATIVES = "INITIATIVES"


describe(
    DashboardKind,
    "What kind of dashboard it is.",
    {
        "DASHBOARD": "Tiles and charts.",
        "TABLE": "A table.",
        "FOCUS": "The topics that a role looks at.",
    },
)
describe(
    WidgetKind,
    "How something on a dashboard is shown.",
    {
        "TILE": "One figure.",
        "LINE": "A line over time.",
        "FUNNEL": "A funnel of steps.",
        "HEATMAP": "A heatmap.",
        "SANKEY": "A flow between steps.",
        "COHORT": "A cohort table.",
        "TIMELINE": "A timeline.",
        "LEADERBOARD": "A ranking.",
        "DISTRIBUTION": "A distribution.",
        "LIST": "A list.",
        "TABLE": "A table.",
        "HEALTH": "A state of health.",
        "TOPIC": "A topic in words.",
        "INITIATIVES": "Initiatives with their status.",
    },
)


@strawberry.type(description="One element of a dashboard, with what it shows.")
class Widget(Node):
    title: str = strawberry.field(description="Its title.")
    kind: WidgetKind = strawberry.field(description="How it is shown.")
    row: int = strawberry.field(description="The row in which it stands, from 1.")
    column: int = strawberry.field(description="The column in which it stands, from 1.")
    group: str | None = strawberry.field(description="The heading above it.")
    text: str | None = strawberry.field(description="What it shows, in a document's words.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")
    trend: str | None = strawberry.field(description="The trend as printed.")
    arrow: Arrow | None = strawberry.field(description="The arrow as printed.")
    current_text: str | None = strawberry.field(description="The figure as printed on it, of a KPI or not.")
    target_text: str | None = strawberry.field(description="The target as printed on it, of a KPI or not.")

    @computed("The steps of a funnel or a flow, first to last.")
    def steps(self) -> list[str]:
        steps: list[str] = json.loads(self.record["steps"])
        return steps

    @computed("The KPI it shows.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed('The segment it shows, such as "feature=ai-processing"; empty is the whole.')
    async def segment(self, info: Info) -> str:
        return await self._segment(info)

    @computed("The KPI's figure printed on it, or else in the KPI's row on the same line of the document.")
    async def figure(self, info: Info) -> ReportedFigure | None:
        row = await self._figure(info)
        return None if row is None else ReportedFigure.of(row)

    @computed("The KPI's target printed on it, or else in the KPI's row on the same line of the document.")
    async def target(self, info: Info) -> Target | None:
        row = await self._target(info)
        return None if row is None else Target.of(row)

    @computed("What it shows of its KPI: the value of `figure`, or else the current one. Null without a KPI.")
    async def value(self, info: Info) -> Value | None:
        key = self.parent_key("kpi_id")
        kpi = None if key is None else await info.context.loaders.kpis.load(key)
        if kpi is None:
            return None
        measure, figure = Measure.of(kpi["kpi"]), await self._figure(info)
        if figure is not None:
            return figure_value(figure, measure)
        segment = await self._segment(info)
        standing = await standing_in(info, self.organization_id, self.record["kpi_id"], segment=segment)
        return current_value(standing, measure)

    @computed("The cohort table it shows.", obtained=One("cohort_table"))
    async def cohort_table(self, info: Info) -> CohortTable | None:
        key = self.parent_key("cohort_table_id")
        row = None if key is None else await info.context.loaders.row("cohort_tables").load(key)
        return None if row is None else CohortTable.of(row)

    @computed("The initiative it shows.", obtained=One("initiative"))
    async def initiative(self, info: Info) -> Initiative | None:
        return await initiative_of(info, self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _segment(self, info: Info) -> str:
        row = await self._figure(info) or await self._target(info)
        return "" if row is None else str(row["segment"])

    async def _figure(self, info: Info) -> Record | None:
        key = self.parent_key("figure_id")
        if key is not None:
            return await info.context.loaders.row("reported_figures").load(key)
        row = await self._kpi_row(info)
        figures = [] if row is None else await info.context.loaders.children("reported_figures", "kpi_row_id").load(row)
        return next(iter(figures), None)

    async def _target(self, info: Info) -> Record | None:
        key = self.parent_key("target_id")
        if key is not None:
            return await info.context.loaders.row("targets").load(key)
        row = await self._kpi_row(info)
        targets = [] if row is None else await info.context.loaders.children("targets", "kpi_row_id").load(row)
        return next(iter(targets), None)

    async def _kpi_row(self, info: Info) -> tuple[int, int] | None:
        """The row that a document prints as a tile and as a KPI's row at once."""
        key = self.parent_key("kpi_id")
        rows = [] if key is None else await info.context.loaders.children("kpi_rows", "kpi_id").load(key)
        place = (self.record["document"], self.record["line"])
        return next(
            ((row["organization_id"], row["id"]) for row in rows if (row["document"], row["line"]) == place), None
        )


@strawberry.type(description="A dashboard, a table, or the topics that a role looks at.")
class Dashboard(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it shows.")
    audience: str | None = strawberry.field(description="For whom it is.")
    kind: DashboardKind = strawberry.field(description="What kind of dashboard it is.")

    @computed("What stands on it, from top to bottom as printed.")
    async def widgets(
        self,
        info: Info,
        group: Annotated[str | None, strawberry.argument(description="Only those under this heading.")] = None,
        kind: Annotated[WidgetKind | None, strawberry.argument(description="Only those shown like this.")] = None,
    ) -> list[Widget]:
        wanted_group = None if group is None else checked(group, "group")
        rows = await info.context.loaders.children("widgets", "dashboard_id").load(self.row_key)
        return [Widget.of(row) for row in rows if wanted_group in (None, row["group"]) and kind in (None, row["kind"])]

    @computed("The headings on it, from top to bottom.")
    async def groups(self, info: Info) -> list[str]:
        rows = await info.context.loaders.children("widgets", "dashboard_id").load(self.row_key)
        return list(dict.fromkeys(row["group"] for row in rows if row["group"] is not None))

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


DASHBOARDS: Final = row_kind(
    Dashboard,
    "dashboards",
    columns.own_key(),
    columns.text("name"),
    columns.prose("description", nullable=True),
    columns.text("audience", nullable=True),
    columns.choice("kind", DashboardKind),
    DOCUMENT,
    Question(
        "search",
        str,
        "With these words in name or description, capitals or not.",
        search("entry.name", "coalesce(entry.description, '')"),
    ),
)


@strawberry.type(description="What an organization looks at.")
class DashboardLists(Node):
    """The part of an organization that is about its dashboards."""

    dashboards = connection_field(DASHBOARDS, "Its dashboards, tables and topics to look at.")
