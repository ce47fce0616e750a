"""Who may see what, whom to ask, how figures are reviewed, and where data come from and how they are checked."""

from enum import StrEnum
from typing import Annotated

import strawberry

from kpi_server.api.connections import After, Before, Connection, First, Last, PageArguments
from kpi_server.api.execution.obtaining import Many, Part
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference
from kpi_server.api.types.catalog import Classification
from kpi_server.api.types.enums import describe
from kpi_server.api.types.listing import OF_DOCUMENT, Condition, Rows, asked, listed
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.domain.access import Role
from kpi_server.domain.cadence import Cadence


class ControlKind(StrEnum):
    BOOLEAN = "BOOLEAN"
    NUMBER = "NUMBER"
    TEXT = "TEXT"


describe(
    ControlKind,
    "What a check on data answers.",
    {"BOOLEAN": "Whether it holds.", "NUMBER": "A number.", "TEXT": "Words."},
)


@strawberry.type(description="Whom to ask.")
class Contact(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name: Data Analyst.")
    duty: str = strawberry.field(description="What it is asked about.")
    email: str | None = strawberry.field(description="Its address.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What a role may see, in a document's words.")
class AccessLevel(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name as printed.")
    role: Role = strawberry.field(description="The role it is of.")
    text: str = strawberry.field(description="What the role may see.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A step or guideline of a review.")
class ReviewStep(Node):
    name: str = strawberry.field(description="Its name.")
    text: str = strawberry.field(description="What is done or asked for.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A review: of performance, or of targets.")
class Review(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    cadence: Cadence | None = strawberry.field(description="How often it takes place.")
    text: str | None = strawberry.field(description="What it is about.")

    @computed("Its steps or guidelines.", obtained=Many("review_steps", "review_id"))
    async def steps(self, info: Info) -> list[ReviewStep]:
        rows = await info.context.loaders.children("review_steps", "review_id").load(self.row_key)
        return [ReviewStep.of(row) for row in rows]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A system that figures come from.")
class DataSource(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")
    text: str = strawberry.field(description="What it holds.")

    @computed("The KPIs whose figures come from it.")
    async def kpis(self, info: Info) -> list[KpiReference]:
        links = await info.context.loaders.children("data_source_kpis", "data_source_id").load(self.row_key)
        records = await info.context.loaders.kpis.load_many([(self.organization_id, link["kpi_id"]) for link in links])
        return [info.context.kpi(record) for record in records if record is not None]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A check on incoming data.")
class QualityControl(Node):
    group: str = strawberry.field(description='The group it belongs to: "completeness".')
    name: str = strawberry.field(description="Its name as printed.")
    kind: ControlKind = strawberry.field(description="What it answers.")
    text: str | None = strawberry.field(description="The comment or example printed beside it.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.input(description="Which reviews are wanted; everything given must hold.")
class ReviewFilter:
    cadence: Cadence | None = strawberry.field(default=None, description="Taking place this often.")
    document: str | None = strawberry.field(default=None, description='Printed in this document: "004".')


@strawberry.type(description="How an organization governs its KPIs.")
class GovernanceLists(Node):
    """The part of an organization that is about access, reviews and data."""

    @computed("Its labels of confidentiality.")
    async def classifications(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Classification]:
        rows = Rows(Classification, "classifications", self.organization_id)
        return listed(info, rows, PageArguments(first, after, last, before))

    @computed("What its documents grant to whom.")
    async def access_levels(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        role: Annotated[Role | None, strawberry.argument(description="Only what this role is granted.")] = None,
    ) -> Connection[AccessLevel]:
        rows = Rows(AccessLevel, "access_levels", self.organization_id)
        conditions: list[Condition] = [("entry.role = {}::text", role and role.value)]
        return listed(info, rows, PageArguments(first, after, last, before), conditions=conditions)

    @computed("Whom to ask.")
    async def contacts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Contact]:
        rows = Rows(Contact, "contacts", self.organization_id)
        return listed(info, rows, PageArguments(first, after, last, before))

    @computed("Its reviews, of performance and of targets.")
    async def reviews(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[ReviewFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> Connection[Review]:
        rows = Rows(Review, "reviews", self.organization_id)
        page = PageArguments(first, after, last, before)
        return listed(info, rows, page, conditions=_review_conditions(filter or ReviewFilter()))

    @computed("The systems that its figures come from.")
    async def data_sources(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        kpi: Annotated[str | None, strawberry.argument(description="Only those of this KPI, by key.")] = None,
    ) -> Connection[DataSource]:
        rows = Rows(DataSource, "data_sources", self.organization_id)
        conditions: list[Condition] = [
            (
                "entry.id in (select link.data_source_id from data_source_kpis as link"
                " join kpis as kpi on kpi.organization_id = link.organization_id and kpi.id = link.kpi_id"
                " where link.organization_id = entry.organization_id and kpi.key = {}::text)",
                asked(kpi, "kpi"),
            )
        ]
        return listed(info, rows, PageArguments(first, after, last, before), conditions=conditions)

    @computed("The checks on its incoming data.")
    async def quality_controls(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        group: Annotated[
            str | None, strawberry.argument(description='Only those of this group: "completeness".')
        ] = None,
    ) -> Connection[QualityControl]:
        rows = Rows(QualityControl, "quality_controls", self.organization_id)
        conditions: list[Condition] = [('entry."group" = {}::text', asked(group, "group"))]
        return listed(info, rows, PageArguments(first, after, last, before), conditions=conditions)


def _review_conditions(wanted: ReviewFilter) -> tuple[Condition, ...]:
    return (
        ("entry.cadence = {}::text", wanted.cadence and wanted.cadence.value),
        (OF_DOCUMENT, asked(wanted.document, "document")),
    )
