"""What a department's KPIs amount to: its score and how many of them are achieved."""

from collections.abc import Iterable
from decimal import Decimal

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference, kpi_by_id
from kpi_server.api.types.enums import describe
from kpi_server.api.types.value import number
from kpi_server.domain import tally as tallies
from kpi_server.domain.score import Band, Part, Score, kpi_score, weighted_score
from kpi_server.domain.status import Status
from kpi_server.domain.target import Attainment, AttainmentFlag
from kpi_server.store.reads import Record

describe(
    Band,
    "A score in a word. Documents bear out EXCELLENT and STRONG; the other bounds are this server's own.",
    {
        "EXCELLENT": "90 and more.",
        "STRONG": "80 and more, less than 90.",
        "GOOD": "70 and more, less than 80.",
        "FAIR": "60 and more, less than 70.",
        "POOR": "Less than 60.",
    },
)


@strawberry.type(description="How many KPIs stand how, by their status today.")
class KpiCounts:
    total: int = strawberry.field(description="All KPIs.")
    achieved: int = strawberry.field(description="MET or ACCEPTABLE.")
    near_miss: int = strawberry.field(description="NEAR_MISS.")
    missed: int = strawberry.field(description="MISSED.")
    not_yet_due: int = strawberry.field(description="NOT_YET_DUE.")
    no_data: int = strawberry.field(description="NO_DATA.")
    no_target: int = strawberry.field(description="NO_TARGET.")

    @classmethod
    def of(cls, standings: Iterable[Record]) -> "KpiCounts":
        counted = tallies.tally(Status(row["status"]) for row in standings)
        return cls(
            total=counted.total,
            achieved=counted.achieved,
            near_miss=counted.near_miss,
            missed=counted.missed,
            not_yet_due=counted.not_yet_due,
            no_data=counted.no_data,
            no_target=counted.no_target,
        )


@strawberry.type(description="What one KPI adds to its department's score.")
class KpiContribution:
    weight: Decimal = strawberry.field(description="How much it weighs.")
    attainment: float | None = strawberry.field(description="How far its target is attained, uncapped.")
    standing: strawberry.Private[Record]

    @computed("Its score: 100 times the attainment, 0 to 100; null where it is not judged.")
    def score(self) -> float | None:
        return number(_part(self.standing).score)

    @computed("The KPI.")
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.standing["organization_id"], self.standing["kpi_id"])


@strawberry.type(description="A department's score: the weighted mean of its KPIs' scores.")
class DepartmentScore:
    score: strawberry.Private[Score]
    standings: strawberry.Private[list[Record]]

    @computed("The score, 0 to 100; null when less than half of its KPIs can be judged.")
    def value(self) -> float | None:
        return number(self.score.value)

    @computed("The score, exactly.")
    def exact(self) -> Decimal | None:
        return self.score.value

    @computed("The word for it.")
    def band(self) -> Band | None:
        return self.score.band

    @computed("The share of its KPIs, by weight, that can be judged today.")
    def coverage(self) -> float:
        return float(self.score.coverage)

    @computed("What each KPI adds.")
    def contributions(self) -> list[KpiContribution]:
        return [
            KpiContribution(weight=_part(row).weight, attainment=number(row["attainment"]), standing=row)
            for row in self.standings
        ]


def department_score(standings: list[Record]) -> DepartmentScore:
    """The score over the standings of a department's KPIs."""
    return DepartmentScore(score=weighted_score(map(_part, standings)), standings=standings)


async def standings_of_department(info: Info, key: tuple[int, int]) -> list[Record]:
    """Where the KPIs of one department stand today."""
    organization_id, department_id = key
    rows = await info.context.loaders.standings_today.load(organization_id)
    return [row for row in rows if row["department_id"] == department_id]


def _part(row: Record) -> Part:
    flag = row["attainment_flag"]
    attained = Attainment(row["attainment"], None if flag is None else AttainmentFlag(flag))
    return Part(kpi_score(attained, Status(row["status"])))
