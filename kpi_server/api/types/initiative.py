"""What is being done: initiatives with their key results, and action items."""

from datetime import date
from decimal import Decimal
from typing import Final, Optional

import strawberry

from kpi_server.api.execution.obtaining import Many, One, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Period
from kpi_server.api.types.catalog import Owner, owner_of
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import Unit, number
from kpi_server.domain.progress import initiative_progress, key_result_progress, progress_words
from kpi_server.domain.status import Colour
from kpi_server.domain.unit import parse_unit
from kpi_server.store.reads import Record


@strawberry.type(description="One measured result of an initiative.")
class KeyResult(Node):
    name: str = strawberry.field(description="Its name.")
    current_text: str = strawberry.field(description="The current figure as printed.")
    current: Decimal | None = strawberry.field(description="The current figure, exactly.")
    target_text: str = strawberry.field(description="The target as printed.")
    target: Decimal | None = strawberry.field(description="The target, exactly.")
    weight: int = strawberry.field(description="Its weight among the initiative's key results.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")

    @computed("What its figures are in.")
    def unit(self) -> Unit:
        return Unit.shown(parse_unit(self.record["unit"]))

    @computed("The covered fraction of the target, 0 to 1; null without both numbers.")
    def progress(self) -> float | None:
        return number(_progress(self.record))

    @computed('The progress in words: "25% Complete", "Complete".')
    def progress_words(self) -> str | None:
        progress = _progress(self.record)
        return None if progress is None else progress_words(progress)

    @computed("Its owner.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("The KPI by which it is measured.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The initiative it belongs to.", obtained=One("initiative"))
    async def initiative(self, info: Info) -> Optional["Initiative"]:
        return await initiative_of(info, self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A piece of work with a goal.")
class Initiative(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    period: Period | None = strawberry.field(description="The period it is planned for.")
    quarter: str | None = strawberry.field(description="The quarter as printed.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")

    @computed("The results by which it is measured.")
    async def key_results(self, info: Info) -> list[KeyResult]:
        return [KeyResult.of(row) for row in await self._key_results(info)]

    @computed("The weighted mean of its key results' progress, 0 to 1; null when none has numbers.")
    async def progress(self, info: Info) -> float | None:
        return number(await self._progress(info))

    @computed('The progress in words: "25% Complete", "Complete".')
    async def progress_words(self, info: Info) -> str | None:
        progress = await self._progress(info)
        return None if progress is None else progress_words(progress)

    @computed("Its owner.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("What is to be done for it.", obtained=Many("action_items", "initiative_id"))
    async def action_items(self, info: Info) -> list["ActionItem"]:
        rows = await info.context.loaders.children("action_items", "initiative_id").load(self.row_key)
        return [ActionItem.of(row) for row in rows]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)

    async def _key_results(self, info: Info) -> list[Record]:
        return await info.context.loaders.children("key_results", "initiative_id").load(self.row_key)

    async def _progress(self, info: Info) -> Decimal | None:
        rows = await self._key_results(info)
        return initiative_progress((_progress(row), Decimal(row["weight"])) for row in rows)


@strawberry.type(description="Something to be done.")
class ActionItem(Node):
    title: str | None = strawberry.field(description="What it is called.")
    text: str = strawberry.field(description="What is to be done.")
    horizon: str | None = strawberry.field(description="By when, as printed.")
    days: int | None = strawberry.field(description="By when, in days from the document's date.")
    due_on: date | None = strawberry.field(description="The last day.")
    condition: str | None = strawberry.field(description="What must be so for it to be done.")
    target: str | None = strawberry.field(description="What it aims at, as printed.")

    @computed("The KPI it is about.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The initiative it is part of.", obtained=One("initiative"))
    async def initiative(self, info: Info) -> Initiative | None:
        return await initiative_of(info, self)

    @computed("Who does it.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


INITIATIVES: Final = row_kind(
    Initiative,
    "initiatives",
    columns.own_key(),
    columns.text("name"),
    columns.period("period"),
    columns.text("quarter", nullable=True),
    columns.text("status", nullable=True),
    columns.choice("colour", Colour, nullable=True),
    columns.key_of("owner", "owners", "Its owner, by key.", nullable=True),
    columns.keys_over("kpis", "key_results", "initiative_id", "The KPIs by which it is measured, by their keys."),
    DOCUMENT,
)
ACTION_ITEMS: Final = row_kind(
    ActionItem,
    "action_items",
    columns.text("title", nullable=True),
    columns.prose("text"),
    columns.text("horizon", nullable=True),
    columns.integer("days", nullable=True),
    columns.day("due_on"),
    columns.prose("condition", nullable=True),
    columns.prose("target", nullable=True),
    columns.key_of("kpi", "kpis", "The KPI it is about, by key.", nullable=True),
    columns.key_of("initiative", "initiatives", "The initiative it is part of, by key.", nullable=True),
    columns.key_of("owner", "owners", "Who does it, by key.", nullable=True),
    DOCUMENT,
)


async def initiative_of(info: Info, node: Node) -> Initiative | None:
    """The initiative that a row names."""
    key = node.parent_key("initiative_id")
    row = None if key is None else await info.context.loaders.row("initiatives").load(key)
    return None if row is None else Initiative.of(row)


def _progress(row: Record) -> Decimal | None:
    return key_result_progress(row["current"], row["target"])
