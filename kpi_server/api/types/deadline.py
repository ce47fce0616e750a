"""What is due by when: action items, targets, initiatives and reviews as one list of days."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import strawberry

from kpi_server.api.arguments import DEFAULT_PAGE, LARGEST_PAGE
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.types.enums import describe
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import calendar_in, today_of
from kpi_server.domain.calendar import Calendar
from kpi_server.domain.deadline import last_day
from kpi_server.errors import BadInput
from kpi_server.store.reads import Record


class DeadlineKind(StrEnum):
    ACTION_ITEM = "ACTION_ITEM"
    TARGET = "TARGET"
    INITIATIVE = "INITIATIVE"
    REVIEW = "REVIEW"


describe(
    DeadlineKind,
    "What is due.",
    {
        "ACTION_ITEM": "Something is to be done.",
        "TARGET": "A target's deadline or period ends.",
        "INITIATIVE": "The period of an initiative ends.",
        "REVIEW": "A document is to be reviewed.",
    },
)


@strawberry.type(description="Something that is due on a day.")
class Deadline:
    on: date = strawberry.field(
        description="The last day. Days from a document that is dated by a month count from that month's last day."
    )
    kind: DeadlineKind = strawberry.field(description="What is due.")
    label: str | None = strawberry.field(description="What it is called there.")
    text: str = strawberry.field(description="What is to be done or reached, as printed.")
    source: Source = strawberry.field(description="Where it is printed.")
    record: strawberry.Private[Record]

    @computed("The KPI it is about.")
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.record["organization_id"], self.record["kpi_id"])


@strawberry.type(description="What an organization has to do by when.")
class DeadlineLists(Node):
    """The part of an organization that is about its deadlines."""

    @computed("What is due next, the nearest day first; only what its documents date, by a day, a period or days.")
    async def deadlines(
        self,
        info: Info,
        start: Annotated[
            date | None,
            strawberry.argument(
                name="from", description="From this day on; today in the organization when nothing is said."
            ),
        ] = None,
        until: Annotated[date | None, strawberry.argument(description="Up to this day, itself included.")] = None,
        first: Annotated[int, strawberry.argument(description="At most so many, 1 to 100.")] = DEFAULT_PAGE,
    ) -> list[Deadline]:
        if not 1 <= first <= LARGEST_PAGE:
            raise BadInput(f"`first` is between 1 and {LARGEST_PAGE}, not {first}")
        earliest = await today_of(info, self.organization_id) if start is None else start
        if until is not None and until < earliest:
            raise BadInput(f"`until` ({until}) lies before `from` ({earliest})")
        rows = await info.context.loaders.deadlines.load(self.organization_id)
        calendar = await calendar_in(info, self.organization_id)
        dated = [deadline for row in rows if (deadline := _deadline(row, calendar)) is not None]
        wanted = [one for one in dated if earliest <= one.on and (until is None or one.on <= until)]
        return sorted(wanted, key=lambda one: one.on)[:first]


def _deadline(row: Record, calendar: Calendar) -> Deadline | None:
    """The deadline of a row; None where the document has no date to count from."""
    on = last_day(day=row["day"], period=row["period"], dated=row["dated"], days=row["days"], calendar=calendar)
    if on is None:
        return None
    return Deadline(
        on=on,
        kind=DeadlineKind(row["kind"]),
        label=row["label"],
        text=row["text"],
        source=source_of(row),
        record=row,
    )
