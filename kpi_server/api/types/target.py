"""Targets, judged by the domain's rules against the figure of their segment and window."""

from datetime import date
from decimal import Decimal
from typing import Final

import strawberry

from kpi_server.api.execution.obtaining import Column, One, Part, Rule
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Period
from kpi_server.api.standing import Measure, Standing
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import formatted, formatted_in, number
from kpi_server.domain import status as statuses
from kpi_server.domain import target as targets
from kpi_server.domain.calendar import Calendar, parse_calendar
from kpi_server.domain.guideline import Aim, Guideline, checks, stretch
from kpi_server.domain.period import parse_period
from kpi_server.domain.selection import Placement
from kpi_server.domain.status import Status
from kpi_server.domain.target import Operator
from kpi_server.domain.unit import UnitKind
from kpi_server.store.reads import Record

describe(
    Guideline,
    "What a good target is.",
    {
        "STRETCH": "Ambitious but achievable: 10 to 20 % beyond the current value in the KPI's direction.",
        "BASELINE": "Based on history: an earlier value of the KPI is known.",
        "MARKET": "Aligned with the market: a benchmark is stated.",
        "MEASURABLE": "Quantified and time-bound: it has a number, and a deadline or a period.",
        "ACTIONABLE": "Somebody is responsible: the KPI has an owner.",
    },
)


@strawberry.type(description="Whether a target follows a guideline.")
class GuidelineCheck:
    guideline: Guideline = strawberry.field(description="The guideline.")
    holds: bool | None = strawberry.field(description="Whether it does; null where it cannot be said.")


@strawberry.type(description="What a KPI should reach.")
class Target(Node):
    text: str = strawberry.field(description="The words as printed.")
    operator: Operator = strawberry.field(description="How a value is compared with it.")
    low: Decimal | None = strawberry.field(description="The lower end of a range.")
    high: Decimal | None = strawberry.field(description="The upper end of a range.")
    multiple: Decimal | None = strawberry.field(description="How many times another KPI it is.")
    segment: str = strawberry.field(description='The segment, such as "plan=enterprise"; empty is the whole.')
    due: str | None = strawberry.field(description="The deadline as printed.")
    due_on: date | None = strawberry.field(description="The last day to reach it.")
    months: int | None = strawberry.field(description="The deadline or milestone in months from the plan's start.")
    period: Period | None = strawberry.field(description="The period it is for; null for every one.")
    placement: Placement = strawberry.field(description="Where in the document it stands.")
    label: str | None = strawberry.field(description="What it is called there.")
    rationale: str | None = strawberry.field(description="Why it is what it is.")

    @computed(
        "The bound, for charts; null for ranges, words, and multiples of an unknown value.", obtained=Column("bound")
    )
    async def value(self, info: Info) -> float | None:
        return number(await self._bound(info))

    @computed("The bound, exactly.", obtained=Column("bound"))
    async def exact(self, info: Info) -> Decimal | None:
        return await self._bound(info)

    @computed('For reading: "75 %", "€2,500,000".', obtained=Rule(formatted_in, ("bound", "low", "high", "kpi.unit")))
    async def formatted(self, info: Info) -> str | None:
        kpi = await info.context.loaders.kpis.load((self.organization_id, self.record["kpi_id"]))
        if kpi is None:
            return None
        return formatted(await self._bound(info), self.low, self.high, Measure.of(kpi["kpi"]).unit)

    @computed("The KPI of which it is a multiple.", name="of", obtained=One("of_kpi"))
    async def of_kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["of_kpi_id"])

    @computed("The KPI whose target it is.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("Whether the current value fulfils it; null where there is nothing to compare.")
    async def met(self, info: Info) -> bool | None:
        standing = await self._standing(info)
        if not await _is_for(info, self.record, standing):
            return None
        kpi = await info.context.loaders.kpis.load((self.organization_id, self.record["kpi_id"]))
        return targets.met(
            await self._rule(info), standing.column("value"), text=_words(standing.figure, Measure.of(kpi["kpi"]))
        )

    @computed("What the current value is worth against it.")
    async def status(self, info: Info) -> Status:
        standing = await self._standing(info)
        if standing.target is not None and standing.target["id"] == self.record["id"]:
            return standing.status
        kpi = await info.context.loaders.kpis.load((self.organization_id, self.record["kpi_id"]))
        return _judge(
            await self._rule(info),
            self.record,
            standing if await _is_for(info, self.record, standing) else None,
            measure=Measure.of(kpi["kpi"]),
            today=await today_of(info, self.organization_id),
        )

    @computed(
        "How far it lies beyond the current value in the KPI's direction, 1 = 100 %; below zero it is reached. "
        "Null for ranges and words, and from zero."
    )
    async def stretch(self, info: Info) -> float | None:
        kpi = await info.context.loaders.kpis.load((self.organization_id, self.record["kpi_id"]))
        current = (await self._standing(info)).column("value")
        return (
            None if kpi is None else number(stretch(await self._bound(info), current, Measure.of(kpi["kpi"]).direction))
        )

    @computed("Whether it follows the guidelines for targets, one by one.")
    async def guidelines(self, info: Info) -> list[GuidelineCheck]:
        return [GuidelineCheck(guideline=rule, holds=holds) for rule, holds in checks(await self._aim(info)).items()]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _aim(self, info: Info) -> Aim:
        key = (self.organization_id, self.record["kpi_id"])
        kpi = await info.context.loaders.kpis.load(key)
        standing = await self._standing(info)
        notes = await info.context.loaders.children("kpi_notes", "kpi_id").load(key)
        numbers = (self.record["value"], self.low, self.high, self.multiple)
        return Aim(
            bound=await self._bound(info),
            current=standing.column("value"),
            has_history=standing.column("previous_value") is not None,
            has_benchmark=any(note["kind"] == "BENCHMARK" for note in notes),
            has_number=any(one is not None for one in numbers),
            has_deadline=any(one is not None for one in (self.due_on, self.months, self.period)),
            has_owner=kpi is not None and kpi["owner"] is not None,
            direction=Measure.of(kpi["kpi"]).direction,
        )

    async def _standing(self, info: Info) -> Standing:
        return await standing_in(info, self.organization_id, self.record["kpi_id"], segment=self.segment)

    async def _bound(self, info: Info) -> Decimal | None:
        return (await self._rule(info)).value

    async def _rule(self, info: Info) -> targets.Target:
        rule = targets.Target(
            text=self.text,
            operator=Operator(self.operator),
            value=self.record["value"],
            low=self.low,
            high=self.high,
            multiple=self.multiple,
        )
        other = self.record["of_kpi_id"]
        if other is None:
            return rule
        whole = await standing_in(info, self.organization_id, other, segment="")
        return targets.resolve(rule, whole.column("value"))


TARGETS: Final = row_kind(
    Target,
    "targets",
    columns.prose("text"),
    columns.choice("operator", Operator),
    columns.decimal("value", "The bound; null for ranges, words and multiples of another KPI."),
    columns.decimal("low"),
    columns.decimal("high"),
    columns.decimal("multiple"),
    columns.text("segment"),
    columns.text("due", nullable=True),
    columns.day("due_on"),
    columns.integer("months", nullable=True),
    columns.period("period"),
    columns.day("period_start", "The first day of the period it is for."),
    columns.day("period_end", "The day after the period it is for."),
    columns.choice("placement", Placement),
    columns.text("label", nullable=True),
    columns.prose("rationale", nullable=True),
    columns.key_of("kpi", "kpis", "The KPI whose target it is, by key."),
    columns.key_of("stage", "stages", "The stage among whose targets it stands, by key.", nullable=True),
    DOCUMENT,
)


async def standing_in(info: Info, organization_id: int, kpi_id: int, *, segment: str) -> Standing:
    """Where a KPI stands in a segment; that of the whole often came with the KPI itself."""
    if not segment:
        whole = await info.context.loaders.kpis.load((organization_id, kpi_id))
        return Standing.nowhere("") if whole is None else Standing.of(whole, segment="")
    record = await info.context.loaders.standings.load((organization_id, kpi_id, segment))
    return Standing.nowhere(segment) if record is None else Standing.of(record, segment=segment)


async def calendar_in(info: Info, organization_id: int) -> Calendar:
    """The calendar of an organization."""
    organization = await info.context.loaders.organizations.load(organization_id)
    return parse_calendar(organization["calendar"], organization["time_zone"])


async def today_of(info: Info, organization_id: int) -> date:
    """The day it is where the organization is."""
    return (await calendar_in(info, organization_id)).day(info.context.now)


async def _is_for(info: Info, target: Record, standing: Standing) -> bool:
    """Whether a target's window contains the current value's period; an open window contains every one."""
    if target["period_start"] is None:
        return True
    if standing.column("period") is None:
        return False
    calendar = await calendar_in(info, target["organization_id"])
    current = parse_period(standing.column("period"), calendar)
    return bool(target["period_start"] <= current.start and current.end <= target["period_end"])


def _judge(rule: targets.Target, row: Record, standing: Standing | None, *, measure: Measure, today: date) -> Status:
    """The status against a target that is not the active one; there is no standing for it in another period."""
    return statuses.status(
        rule,
        None if standing is None else standing.column("value"),
        unit=measure.unit,
        text=None if standing is None else _words(standing.figure, measure),
        near=measure.near,
        acceptable=measure.acceptable,
        due=_is_over(row, today),
    )


def _words(figure: Record | None, measure: Measure) -> str | None:
    """The value of a KPI that is measured in words."""
    if figure is None or figure["absence"] is not None or measure.unit.kind is not UnitKind.TEXT:
        return None
    text: str = figure["text"]
    return text


def _is_over(target: Record, today: date) -> bool:
    """Whether the last day to reach a target has passed; a period ends on the day before its end."""
    last_day, end = target["due_on"], target["period_end"]
    return (last_day is None or last_day < today) and (end is None or end <= today)
