"""Stages of the business: what each aims at, and how much of it is reached today."""

import asyncio
from collections.abc import Sequence
from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import Many, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT, Question, answered
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import number
from kpi_server.domain import stage as stages
from kpi_server.domain.status import Status
from kpi_server.store.reads import Record


@strawberry.type(description="How much of a stage is reached today.")
class StageProgress:
    met: int = strawberry.field(description="How many of its targets are met.")
    judged: int = strawberry.field(description="How many of its targets can be judged: those of KPIs with a value.")
    total: int = strawberry.field(description="How many targets it has.")
    share: float | None = strawberry.field(description="The met share of the judged ones; null while there are none.")


@strawberry.type(description="One row of a stage: what is measured, aimed at and called success.")
class StageCriterion:
    category: str = strawberry.field(description="What it is about.")
    metrics: str = strawberry.field(description="What is measured, as printed.")
    targets_text: str = strawberry.field(description="What is aimed at, as printed.")
    criterion: str = strawberry.field(description="What is called success, as printed.")
    source: Source = strawberry.field(description="Where it is printed.")
    record: strawberry.Private[Record]

    @classmethod
    def of(cls, record: Record) -> "StageCriterion":
        return cls(
            category=record["category"],
            metrics=record["metrics"],
            targets_text=record["targets"],
            criterion=record["criterion"],
            source=source_of(record),
            record=record,
        )

    @computed("The targets of KPIs that it states.")
    async def targets(self, info: Info) -> list[Target]:
        return await self._targets(info)

    @computed(
        "Whether all of `targets` are met today: false as soon as one is missed, null while one cannot be judged or "
        "there are none. Words that belong to no KPI are not judged."
    )
    async def met(self, info: Info) -> bool | None:
        return stages.criterion_met(await _statuses(info, await self._targets(info)))

    async def _targets(self, info: Info) -> list[Target]:
        key = (self.record["organization_id"], self.record["stage_id"])
        rows = await info.context.loaders.children("targets", "stage_id").load(key)
        place = (self.record["document"], self.record["line"])
        return [Target.of(row) for row in rows if (row["document"], row["line"]) == place]


@strawberry.type(description="A stage of the business.")
class Stage(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    first_month: int = strawberry.field(description="Its first month, counted from the plan's start.")
    last_month: int = strawberry.field(description="Its last month, counted from the plan's start.")
    focus: str = strawberry.field(description="What matters most in it.")

    @computed("Its rows: what is measured, aimed at and called success.", obtained=Many("stage_criteria", "stage_id"))
    async def criteria(self, info: Info) -> list[StageCriterion]:
        rows = await info.context.loaders.children("stage_criteria", "stage_id").load(self.row_key)
        return [StageCriterion.of(row) for row in rows]

    @computed("What its KPIs should reach; their `status` and `met` judge today's values.")
    async def targets(self, info: Info) -> list[Target]:
        return await self._targets(info)

    @computed("How much of it is reached today.")
    async def progress(self, info: Info) -> StageProgress:
        progress = stages.stage_progress(await _statuses(info, await self._targets(info)))
        return StageProgress(
            met=progress.met, judged=progress.judged, total=progress.total, share=number(progress.share)
        )

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _targets(self, info: Info) -> list[Target]:
        rows = await info.context.loaders.children("targets", "stage_id").load(self.row_key)
        return [Target.of(row) for row in rows]


STAGES: Final = row_kind(
    Stage,
    "stages",
    columns.own_key(),
    columns.text("name"),
    columns.integer("first_month"),
    columns.integer("last_month"),
    columns.prose("focus"),
    DOCUMENT,
    Question(
        "month",
        int,
        "To which this month belongs, counted from the plan's start.",
        answered("{}::bigint between entry.first_month and entry.last_month"),
    ),
)


@strawberry.type(description="What an organization grows through.")
class StageLists(Node):
    """The part of an organization that is about its stages."""

    stages = connection_field(STAGES, "The stages of its business.")


async def _statuses(info: Info, targets: Sequence[Target]) -> list[Status]:
    return await asyncio.gather(*(target.status(info) for target in targets))
