"""How an organization does as a whole: scores as printed, and its health derived from its departments."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

import strawberry

from kpi_server.api.execution import obtaining
from kpi_server.api.fields import computed
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import DOCUMENT
from kpi_server.api.lists.rows import connection_field, row_kind
from kpi_server.api.request import Info
from kpi_server.api.types.catalog import Department, department_of
from kpi_server.api.types.enums import describe
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


SCORES: Final = row_kind(
    ReportedScore,
    "scores",
    columns.text("name"),
    columns.choice("subject", ScoreSubject),
    columns.prose("text"),
    columns.decimal("value", "The score, exactly."),
    columns.text("words", nullable=True),
    columns.choice("colour", Colour, nullable=True),
    columns.key_of("department", "departments", "The department it is of, by key.", nullable=True),
    DOCUMENT,
)


@strawberry.type(description="How an organization does as a whole.")
class HealthLists(Node):
    """The part of an organization that sums up its KPIs."""

    scores = connection_field(
        SCORES, "Scores as its documents print them; `health` and a department's `score` are derived beside them."
    )

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
