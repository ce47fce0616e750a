"""Report schedules: what is reported how often and to whom, and what is due on a day."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import strawberry

from kpi_server.api.connections import After, Before, Connection, First, Last, PageArguments
from kpi_server.api.execution.obtaining import Part
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.types.enums import describe
from kpi_server.api.types.listing import FOR_AUDIENCE, Condition, Rows, asked, listed
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import today_of
from kpi_server.domain.cadence import Cadence, due_cadences, is_due
from kpi_server.store.reads import Record


class ScheduleKind(StrEnum):
    REPORT = "REPORT"
    MONITORING = "MONITORING"
    METRICS = "METRICS"
    UPDATE = "UPDATE"


describe(
    ScheduleKind,
    "What is done on a schedule.",
    {
        "REPORT": "Something is reported.",
        "MONITORING": "Something is watched.",
        "METRICS": "Metrics are gathered.",
        "UPDATE": "KPIs are brought up to date.",
    },
)


@strawberry.type(description="One topic of a report.")
class ReportTopic:
    text: str = strawberry.field(description="The words as printed.")
    source: Source = strawberry.field(description="Where they are printed.")
    record: strawberry.Private[Record]

    @computed("The KPI it is about.")
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.record["organization_id"], self.record["kpi_id"])


@strawberry.type(description="What is reported or watched how often, and for whom.")
class ReportSchedule(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    cadence: Cadence = strawberry.field(description="How often.")
    kind: ScheduleKind = strawberry.field(description="What is done.")
    audience: str | None = strawberry.field(description="For whom.")
    text: str | None = strawberry.field(description="What is reported or watched, in a document's words.")

    @computed("What it is about, point by point.")
    async def topics(self, info: Info) -> list[ReportTopic]:
        rows = await info.context.loaders.children("report_topics", "report_schedule_id").load(self.row_key)
        return [ReportTopic(text=row["text"], source=source_of(row), record=row) for row in rows]

    @computed(
        "Whether it is due on a day: continuous and daily always, weekly on Mondays, monthly on the first of a month, "
        "quarterly on the first of January, April, July and October, annually on 1 January."
    )
    async def due(
        self,
        info: Info,
        on: Annotated[
            date | None, strawberry.argument(description="The day; today in the organization when nothing is said.")
        ] = None,
    ) -> bool:
        day = await today_of(info, self.organization_id) if on is None else on
        return is_due(Cadence(self.cadence), day)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.input(description="Which schedules are wanted; everything given must hold.")
class ReportScheduleFilter:
    cadence: Cadence | None = strawberry.field(default=None, description="With this cadence.")
    kind: ScheduleKind | None = strawberry.field(default=None, description="Of this kind.")
    audience: str | None = strawberry.field(
        default=None, description='For an audience with these words: "board". Capitals do not matter.'
    )
    due_on: date | None = strawberry.field(default=None, description="Due on this day, as `due` says.")


@strawberry.type(description="What an organization reports.")
class ScheduleLists(Node):
    """The part of an organization that is about what it reports."""

    @computed("What it reports or watches how often, and for whom.")
    async def schedules(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[ReportScheduleFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> Connection[ReportSchedule]:
        rows = Rows(ReportSchedule, "report_schedules", self.organization_id)
        page = PageArguments(first, after, last, before)
        return listed(info, rows, page, conditions=_conditions(filter or ReportScheduleFilter()))


def _conditions(wanted: ReportScheduleFilter) -> tuple[Condition, ...]:
    due = None if wanted.due_on is None else [cadence.value for cadence in due_cadences(wanted.due_on)]
    return (
        ("entry.cadence = {}::text", wanted.cadence and wanted.cadence.value),
        ("entry.kind = {}::text", wanted.kind and wanted.kind.value),
        (FOR_AUDIENCE, asked(wanted.audience, "audience")),
        ("entry.cadence = any ({}::text[])", due),
    )
