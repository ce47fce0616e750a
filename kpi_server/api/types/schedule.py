"""Report schedules: what is reported how often and to whom, and what is due on a day."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import strawberry

from kpi_server.api.execution.obtaining import Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT, Question
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import today_of
from kpi_server.domain.cadence import Cadence, due_cadences, is_due
from kpi_server.store.reads import Record
from kpi_server.store.reads.clauses import Clauses


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


def _due_on(clauses: Clauses, day: date, _organization_id: int) -> str:
    return f"entry.cadence = any ({clauses.bind([cadence.value for cadence in due_cadences(day)])}::text[])"


SCHEDULES: Final = row_kind(
    ReportSchedule,
    "report_schedules",
    columns.own_key(),
    columns.text("name"),
    columns.choice("cadence", Cadence),
    columns.choice("kind", ScheduleKind),
    columns.text("audience", nullable=True),
    columns.prose("text", nullable=True),
    DOCUMENT,
    Question("due_on", date, "Due on this day, as `due` says.", _due_on),
)


@strawberry.type(description="What an organization reports.")
class ScheduleLists(Node):
    """The part of an organization that is about what it reports."""

    schedules = connection_field(SCHEDULES, "What it reports or watches how often, and for whom.")
