"""How an organization does as a whole: scores as printed, and its health derived from its departments."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import strawberry

from kpi_server.api.connections import After, Before, Connection, First, Last, PageArguments
from kpi_server.api.execution import obtaining
from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.types.catalog import Department, department_of
from kpi_server.api.types.enums import describe
from kpi_server.api.types.listing import OF_DOCUMENT, Condition, Rows, asked, listed
from kpi_server.api.types.node import Node
from kpi_server.api.types.score import DepartmentScore, KpiCounts, department_score
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import number
from kpi_server.domain.score import Band, Part, Score, band, weighted_score
from kpi_server.domain.status import Colour


class ScoreSubject(StrEnum):
    ORGANIZATION = "ORGANIZATION"
    DEPARTMENT = "DEPARTMENT"
    FINANCE = "FINANCE"


describe(
    ScoreSubject,
    "What a printed score is of.",
    {
        "ORGANIZATION": "The whole organization.",
        "DEPARTMENT": "A department.",
        "FINANCE": "The finances.",
    },
)


@strawberry.type(description="A score as a document prints it.")
class ReportedScore(Node):
    name: str = strawberry.field(description="What it is called.")
    subject: ScoreSubject = strawberry.field(description="What it is of.")
    text: str = strawberry.field(description='The score as printed: "85/100".')
    words: str | None = strawberry.field(description="The words beside it as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")

    @computed("The score, for charts.")
    def value(self) -> float | None:
        return number(self.record["value"])

    @computed("The score, exactly.")
    def exact(self) -> Decimal | None:
        exact: Decimal | None = self.record["value"]
        return exact

    @computed("The word that this server has for the number; `words` are the document's.")
    def band(self) -> Band | None:
        exact: Decimal | None = self.record["value"]
        return None if exact is None else band(exact)

    @computed("The department it is of.", obtained=obtaining.One("department"))
    async def department(self, info: Info) -> Department | None:
        return await department_of(info, self)

    @computed("Where it is printed.", obtained=obtaining.Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What one department adds to its organization's health.")
class DepartmentContribution:
    department: Department = strawberry.field(description="The department.")
    score: DepartmentScore = strawberry.field(description="Its score.")
    weight: Decimal = strawberry.field(description="How much it weighs.")


@strawberry.type(description="An organization's health: the weighted mean of its departments' scores.")
class Health:
    score: strawberry.Private[Score]
    contributions: list[DepartmentContribution] = strawberry.field(description="What each department adds.")

    @computed("The score, 0 to 100; null when less than half of its departments have one.")
    def value(self) -> float | None:
        return number(self.score.value)

    @computed("The score, exactly.")
    def exact(self) -> Decimal | None:
        return self.score.value

    @computed("The word for it.")
    def band(self) -> Band | None:
        return self.score.band

    @computed("The share of its departments, by weight, that have a score.")
    def coverage(self) -> float:
        return float(self.score.coverage)


@strawberry.input(description="Which printed scores are wanted; everything given must hold.")
class ScoreFilter:
    subject: ScoreSubject | None = strawberry.field(default=None, description="Of this.")
    department: str | None = strawberry.field(default=None, description="Of this department, by key.")
    document: str | None = strawberry.field(default=None, description='Printed in this document: "002".')


@strawberry.type(description="How an organization does as a whole.")
class HealthLists(Node):
    """The part of an organization that sums up its KPIs."""

    @computed("Scores as its documents print them; `health` and a department's `score` are derived beside them.")
    async def scores(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[ScoreFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> Connection[ReportedScore]:
        rows = Rows(ReportedScore, "scores", self.organization_id)
        page = PageArguments(first, after, last, before)
        return listed(info, rows, page, conditions=_conditions(filter or ScoreFilter()))

    @computed("Its health today, derived from its departments' scores.")
    async def health(self, info: Info) -> Health:
        loaders, organization_id = info.context.loaders, self.organization_id
        rows = await loaders.children("departments", "organization_id").load((organization_id, organization_id))
        standings = await loaders.standings_today.load(organization_id) if rows else []
        scores = [department_score([one for one in standings if one["department_id"] == row["id"]]) for row in rows]
        parts = [Part(score.score.value) for score in scores]
        return Health(
            score=weighted_score(parts),
            contributions=[
                DepartmentContribution(department=Department.of(row), score=score, weight=part.weight)
                for row, score, part in zip(rows, scores, parts, strict=True)
            ],
        )

    @computed("How many of its KPIs stand how today.")
    async def kpi_counts(self, info: Info) -> KpiCounts:
        return KpiCounts.of(await info.context.loaders.standings_today.load(self.organization_id))


def _conditions(wanted: ScoreFilter) -> tuple[Condition, ...]:
    return (
        ("entry.subject = {}::text", wanted.subject and wanted.subject.value),
        (
            "entry.department_id in (select department.id from departments as department"
            " where department.organization_id = entry.organization_id and department.key = {}::text)",
            asked(wanted.department, "department"),
        ),
        (OF_DOCUMENT, asked(wanted.document, "document")),
    )
