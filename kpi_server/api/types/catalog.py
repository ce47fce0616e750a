"""Who and where: documents, departments, owners, categories, and the rows in which documents list KPIs."""

from datetime import date
from typing import Final, LiteralString, Optional

import strawberry

from kpi_server.api.execution.obtaining import Many, One, Part
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import row_kind
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.scalars import Period
from kpi_server.api.types.enums import DocumentKind, OwnerKind
from kpi_server.api.types.node import Node
from kpi_server.api.types.score import DepartmentScore, KpiCounts, department_score, standings_of_department
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.statement import Statement
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import ReportedFigure


@strawberry.type(description="A label of confidentiality.")
class Classification(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="The label as printed.")
    text: str | None = strawberry.field(description="What it covers.")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A document that facts are from.")
class Document(Node):
    key: str = strawberry.field(description='Its key, the first part of every source: "003".')
    title: str = strawberry.field(description="Its title.")
    subtitle: str | None = strawberry.field(description="Its subtitle.")
    kind: DocumentKind = strawberry.field(description="What kind of document it is.")
    period: Period | None = strawberry.field(description="The period its figures are of.")
    dated: Period | None = strawberry.field(description="The date it bears, as precise as printed.")
    version: str | None = strawberry.field(description="The version it bears.")
    approved_on: date | None = strawberry.field(description="When it was approved.")
    next_review: Period | None = strawberry.field(description="When it is reviewed next.")
    url: str | None = strawberry.field(description="Where it can be read.")

    @computed("How confidential it is.", obtained=One("classification"))
    async def classification(self, info: Info) -> Classification | None:
        key = self.parent_key("classification_id")
        row = None if key is None else await info.context.loaders.row("classifications").load(key)
        return None if row is None else Classification.of(row)

    @computed("The department it is of.", obtained=One("department"))
    async def department(self, info: Info) -> Optional["Department"]:
        return await department_of(info, self)

    @computed("What it says in prose, headlines and footers.")
    async def statements(self, info: Info) -> list[Statement]:
        rows = await info.context.loaders.statements_of_documents.load((self.organization_id, self.key))
        return [Statement.of(row) for row in rows]

    @computed("The line its title stands on.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A department.")
class Department(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name.")

    @computed("The rows in which documents list KPIs under it.", obtained=Many("kpi_rows", "department_id"))
    async def rows(self, info: Info) -> list["KpiRow"]:
        return await _rows(info, "department_id", self)

    @computed("Its score today, derived from what its KPIs attain.")
    async def score(self, info: Info) -> DepartmentScore:
        return department_score(await standings_of_department(info, self.row_key))

    @computed("How many of its KPIs stand how today.")
    async def kpi_counts(self, info: Info) -> KpiCounts:
        return KpiCounts.of(await standings_of_department(info, self.row_key))

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What an owner answers for, in a document's words.")
class Responsibility:
    text: str = strawberry.field(description="The words.")
    source: Source = strawberry.field(description="Where they are printed.")


@strawberry.type(description="A role that owns KPIs, risks, initiatives or actions.")
class Owner(Node):
    key: str = strawberry.field(description="Its key.")
    title: str = strawberry.field(description="Its title: CMO.")
    kind: OwnerKind = strawberry.field(description="What kind of role it is.")

    @computed("Its department.", obtained=One("department"))
    async def department(self, info: Info) -> Department | None:
        return await department_of(info, self)

    @computed("Who holds it.", obtained=Many("people", "owner_id"))
    async def people(self, info: Info) -> list["Person"]:
        rows = await info.context.loaders.children("people", "owner_id").load(self.row_key)
        return [Person.of(row) for row in rows]

    @computed("What it answers for.")
    async def responsibilities(self, info: Info) -> list[Responsibility]:
        rows = await info.context.loaders.children("responsibilities", "owner_id").load(self.row_key)
        return [Responsibility(text=row["text"], source=source_of(row)) for row in rows]

    @computed("The rows in which documents name it as a KPI's owner.", obtained=Many("kpi_rows", "owner_id"))
    async def rows(self, info: Info) -> list["KpiRow"]:
        return await _rows(info, "owner_id", self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A named person.")
class Person(Node):
    key: str = strawberry.field(description="Their key.")
    name: str = strawberry.field(description="Their name.")

    @computed("The role they hold.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("Where they are named.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A group of KPIs.")
class Category(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="Its name as printed.")
    description: str | None = strawberry.field(description="What it holds.")

    @computed("The group it is part of.", obtained=One("parent"))
    async def parent(self, info: Info) -> Optional["Category"]:
        return await category_of(info, self, "parent_id")

    @computed("The groups inside it.", obtained=Many("categories", "parent_id"))
    async def children(self, info: Info) -> list["Category"]:
        rows = await info.context.loaders.children("categories", "parent_id").load(self.row_key)
        return [Category.of(row) for row in rows]

    @computed("The rows in which documents list KPIs directly under it.", obtained=Many("kpi_rows", "category_id"))
    async def rows(self, info: Info) -> list["KpiRow"]:
        return await _rows(info, "category_id", self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="One row, or section, in which a document lists a KPI.")
class KpiRow(Node):
    name: str = strawberry.field(description="The KPI's name as printed there.")
    definition: str | None = strawberry.field(description="The definition as printed there.")
    alert: str | None = strawberry.field(description="The alert column as printed.")

    @computed("The KPI.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The figure printed in the row.")
    async def figure(self, info: Info) -> ReportedFigure | None:
        rows = await info.context.loaders.children("reported_figures", "kpi_row_id").load(self.row_key)
        return next((ReportedFigure.of(row) for row in rows), None)

    @computed("The targets printed in the row.", obtained=Many("targets", "kpi_row_id"))
    async def targets(self, info: Info) -> list[Target]:
        rows = await info.context.loaders.children("targets", "kpi_row_id").load(self.row_key)
        return [Target.of(row) for row in rows]

    @computed("The owner named in the row.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("The department under which it stands.", obtained=One("department"))
    async def department(self, info: Info) -> Department | None:
        return await department_of(info, self)

    @computed("The category under which it stands.", obtained=One("category"))
    async def category(self, info: Info) -> Category | None:
        return await category_of(info, self, "category_id")

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


DOCUMENTS: Final = row_kind(
    Document,
    "documents",
    columns.own_key(),
    columns.text("title"),
    columns.text("subtitle", nullable=True),
    columns.choice("kind", DocumentKind),
    columns.period("period"),
    columns.day("period_start", "The first day of that period."),
    columns.day("period_end", "The day after that period."),
    columns.period("dated"),
    columns.text("version", nullable=True),
    columns.day("approved_on"),
    columns.period("next_review"),
    columns.text("url", nullable=True),
    columns.key_of("department", "departments", "The department it is of, by key.", nullable=True),
    columns.key_of("classification", "classifications", "How confidential it is, by key.", nullable=True),
)
DEPARTMENTS: Final = row_kind(Department, "departments", columns.own_key(), columns.text("name"), DOCUMENT)
OWNERS: Final = row_kind(
    Owner,
    "owners",
    columns.own_key(),
    columns.text("title"),
    columns.choice("kind", OwnerKind),
    columns.key_of("department", "departments", "Its department, by key.", nullable=True),
    DOCUMENT,
)
CATEGORIES: Final = row_kind(
    Category,
    "categories",
    columns.own_key(),
    columns.text("name"),
    columns.prose("description", nullable=True),
    DOCUMENT,
)
KPI_ROWS: Final = row_kind(
    KpiRow,
    "kpi_rows",
    columns.text("name"),
    columns.prose("definition", nullable=True),
    columns.prose("alert", nullable=True),
    columns.key_of("kpi", "kpis", "The KPI, by key."),
    columns.key_of("owner", "owners", "The owner named in the row, by key.", nullable=True),
    columns.key_of("department", "departments", "The department under which it stands, by key.", nullable=True),
    columns.key_of("category", "categories", "The category under which it stands, by key.", nullable=True),
    DOCUMENT,
)


async def owner_of(info: Info, node: Node) -> Owner | None:
    """The owner that a row names."""
    key = node.parent_key("owner_id")
    row = None if key is None else await info.context.loaders.row("owners").load(key)
    return None if row is None else Owner.of(row)


async def department_of(info: Info, node: Node) -> Department | None:
    """The department that a row names."""
    key = node.parent_key("department_id")
    row = None if key is None else await info.context.loaders.row("departments").load(key)
    return None if row is None else Department.of(row)


async def category_of(info: Info, node: Node, column: LiteralString) -> Category | None:
    """The category that a row names."""
    key = node.parent_key(column)
    row = None if key is None else await info.context.loaders.row("categories").load(key)
    return None if row is None else Category.of(row)


async def _rows(info: Info, column: LiteralString, node: Node) -> list[KpiRow]:
    rows = await info.context.loaders.children("kpi_rows", column).load(node.row_key)
    return [KpiRow.of(row) for row in rows]
