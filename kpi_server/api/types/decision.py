"""What was decided and what may go wrong: decisions, approvals, revised targets, risks and their mitigation."""

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
from kpi_server.api.types.catalog import Owner, Person, owner_of
from kpi_server.api.types.enums import Tendency
from kpi_server.api.types.node import Node
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.value import number
from kpi_server.domain.risk import RiskLevel, exposure
from kpi_server.domain.status import Colour
from kpi_server.store.reads import Record
from kpi_server.store.reads.risks import risk_list


@strawberry.type(description="One part of a decision.")
class DecisionItem(Node):
    text: str = strawberry.field(description="The words as printed.")
    amount_text: str | None = strawberry.field(description="The amount as printed.")
    amount: Decimal | None = strawberry.field(description="The amount, exactly.")

    @computed("The KPI it is about.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A decision with its reason.")
class Decision(Node):
    key: str = strawberry.field(description="Its key.")
    title: str = strawberry.field(description="What it is called.")
    rationale: str | None = strawberry.field(description="Why it was taken.")

    @computed("Its parts.", obtained=Many("decision_items", "decision_id"))
    async def items(self, info: Info) -> list[DecisionItem]:
        rows = await info.context.loaders.children("decision_items", "decision_id").load(self.row_key)
        return [DecisionItem.of(row) for row in rows]

    @computed("The KPIs it is about.")
    async def kpis(self, info: Info) -> list[KpiReference]:
        links = await info.context.loaders.children("decision_kpis", "decision_id").load(self.row_key)
        keys = [(self.organization_id, link["kpi_id"]) for link in links]
        records = await info.context.loaders.kpis.load_many(keys)
        return [info.context.kpi(record) for record in records if record is not None]

    @computed("The targets it changed or confirmed.", obtained=Many("target_revisions", "decision_id"))
    async def target_revisions(self, info: Info) -> list["TargetRevision"]:
        rows = await info.context.loaders.children("target_revisions", "decision_id").load(self.row_key)
        return [TargetRevision.of(row) for row in rows]

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="A target changed or confirmed for a coming period.")
class TargetRevision(Node):
    period: Period = strawberry.field(description="The period it is for.")
    before_text: str = strawberry.field(description="The target before, as printed.")
    after_text: str = strawberry.field(description="The target after, as printed.")
    reason: str = strawberry.field(description="Why, in the document's words.")
    rationale: str | None = strawberry.field(description="The longer reason.")

    @computed("The target before, exactly.")
    def before(self) -> Decimal | None:
        before: Decimal | None = self.record["before_value"]
        return before

    @computed("The target after, exactly.")
    def after(self) -> Decimal | None:
        after: Decimal | None = self.record["after_value"]
        return after

    @computed("The KPI.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The decision it is part of.")
    async def decision(self, info: Info) -> Decision | None:
        return await decision_of(info, self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="Somebody's approval of a report.")
class Approval(Node):
    approved_on: date | None = strawberry.field(description="When.")

    @computed("The role that approved.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("Who approved.", obtained=One("person"))
    async def person(self, info: Info) -> Person | None:
        key = self.parent_key("person_id")
        row = None if key is None else await info.context.loaders.row("people").load(key)
        return None if row is None else Person.of(row)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="How one document sees a risk.")
class RiskAssessment(Node):
    level: RiskLevel | None = strawberry.field(description="The level as printed.")
    probability_text: str | None = strawberry.field(description="The probability as printed.")
    probability: Decimal | None = strawberry.field(description="The probability, a fraction.")
    impact: RiskLevel | None = strawberry.field(description="The impact as printed.")
    tendency: Tendency | None = strawberry.field(description="Where it is heading, as printed.")
    mitigation: str | None = strawberry.field(description="What is done about it, as printed.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")
    analysis: str | None = strawberry.field(description="The document's comment.")

    @computed("Probability times the impact's rank (1 to 3); null without both.")
    def exposure(self) -> float | None:
        return _exposure(self.record)

    @computed("Who looks after it.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What may go wrong.")
class Risk(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="What it is.")
    newest: strawberry.Private[Record | None] = None

    @classmethod
    def assessed(cls, record: Record) -> "Risk":
        """Of a row of `risks` with its latest assessment."""
        row = record["entry"]
        return cls(record=row, key=row["key"], name=row["name"], newest=record["assessment"])

    @computed("Every document's view of it.", obtained=Many("risk_assessments", "risk_id"))
    async def assessments(self, info: Info) -> list[RiskAssessment]:
        rows = await info.context.loaders.children("risk_assessments", "risk_id").load(self.row_key)
        return [RiskAssessment.of(row) for row in rows]

    @computed("The view of the newest document.")
    def latest(self) -> RiskAssessment | None:
        return None if self.newest is None else RiskAssessment.of(self.newest)

    @computed("Probability times the impact's rank (1 to 3), by the newest document.")
    def exposure(self) -> float | None:
        return None if self.newest is None else _exposure(self.newest)

    @computed("What is done about it.", obtained=Many("mitigations", "risk_id"))
    async def mitigations(self, info: Info) -> list["Mitigation"]:
        rows = await info.context.loaders.children("mitigations", "risk_id").load(self.row_key)
        return [Mitigation.of(row) for row in rows]

    @computed("The KPI it endangers.", obtained=One("kpi"))
    async def kpi(self, info: Info) -> KpiReference | None:
        return await kpi_by_id(info, self.organization_id, self.record["kpi_id"])

    @computed("The decision it comes with.")
    async def decision(self, info: Info) -> Decision | None:
        return await decision_of(info, self)

    @computed("Where it is printed first.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


@strawberry.type(description="What is done about a risk.")
class Mitigation(Node):
    key: str = strawberry.field(description="Its key.")
    name: str = strawberry.field(description="What it is.")
    progress_text: str = strawberry.field(description="The progress as printed.")
    status: str | None = strawberry.field(description="Status words as printed.")
    colour: Colour | None = strawberry.field(description="The light as printed.")

    @computed("The progress, a fraction.")
    def progress(self) -> float | None:
        return number(self.record["progress"])

    @computed("The risk.")
    async def risk(self, info: Info) -> Optional["Risk"]:
        key = self.parent_key("risk_id")
        rows = [] if key is None else await info.context.loaders.risks.load(key)
        return next((Risk.assessed(row) for row in rows), None)

    @computed("Who does it.", obtained=One("owner"))
    async def owner(self, info: Info) -> Owner | None:
        return await owner_of(info, self)

    @computed("Where it is printed.", obtained=Part())
    def source(self) -> Source:
        return source_of(self.record)


_RANKS: Final = "array['LOW', 'MEDIUM', 'HIGH']"

DECISIONS: Final = row_kind(
    Decision,
    "decisions",
    columns.own_key(),
    columns.text("title"),
    columns.prose("rationale", nullable=True),
    columns.keys_over("kpis", "decision_kpis", "decision_id", "The KPIs it is about, by their keys."),
    DOCUMENT,
)
APPROVALS: Final = row_kind(
    Approval,
    "approvals",
    columns.day("approved_on"),
    columns.key_of("owner", "owners", "The role that approved, by key."),
    columns.key_of("person", "people", "Who approved, by key.", nullable=True),
    DOCUMENT,
)
RISKS: Final = row_kind(
    Risk,
    risk_list,
    columns.own_key(sql="risk.key"),
    columns.text("name", sql="risk.name"),
    columns.choice("level", RiskLevel, "The level by the newest document.", sql="assessment.level", nullable=True),
    columns.decimal("probability", "The probability by the newest document.", sql="assessment.probability"),
    columns.choice("impact", RiskLevel, "The impact by the newest document.", sql="assessment.impact", nullable=True),
    columns.decimal(
        "exposure",
        "Probability times the impact's rank (1 to 3), by the newest document.",
        sql=f"(assessment.probability * array_position({_RANKS}, assessment.impact))",
    ),
    columns.choice(
        "tendency", Tendency, "Where it is heading by the newest document.", sql="assessment.tendency", nullable=True
    ),
    columns.text("status", "The newest document's status words.", sql="assessment.status", nullable=True),
    columns.choice("colour", Colour, "The newest document's light.", sql="assessment.colour", nullable=True),
    columns.key_of(
        "owner", "owners", "Who looks after it by the newest document, by key.", row="assessment", nullable=True
    ),
    columns.key_of("kpi", "kpis", "The KPI it endangers, by key.", row="risk", nullable=True),
    columns.key_of("decision", "decisions", "The decision it comes with, by key.", row="risk", nullable=True),
    columns.key("document", "The document it is printed in first, by key.", sql="risk.document", nullable=True),
    row="risk",
    entry=Risk.assessed,
)
MITIGATIONS: Final = row_kind(
    Mitigation,
    "mitigations",
    columns.own_key(),
    columns.text("name"),
    columns.prose("progress_text"),
    columns.decimal("progress"),
    columns.text("status", nullable=True),
    columns.choice("colour", Colour, nullable=True),
    columns.key_of("risk", "risks", "The risk, by key.", nullable=True),
    columns.key_of("owner", "owners", "Who does it, by key.", nullable=True),
    DOCUMENT,
)


async def decision_of(info: Info, node: Node) -> Decision | None:
    """The decision that a row names."""
    key = node.parent_key("decision_id")
    row = None if key is None else await info.context.loaders.row("decisions").load(key)
    return None if row is None else Decision.of(row)


def _exposure(row: Record) -> float | None:
    impact = row["impact"]
    return number(exposure(row["probability"], None if impact is None else RiskLevel(impact).rank))
