"""What does not fit together in documents, and how printed numbers compare with their formulas."""

from collections.abc import Iterable
from decimal import Decimal

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.fields import computed
from kpi_server.api.request import Info, KpiReference
from kpi_server.api.scalars import Period
from kpi_server.api.types.enums import describe
from kpi_server.api.types.source import Source
from kpi_server.api.types.value import number
from kpi_server.domain.lint import finding as lint
from kpi_server.domain.lint.finding import FindingSeverity, LintRule
from kpi_server.domain.precision import trimmed
from kpi_server.domain.reconciliation.comparing import Aspect
from kpi_server.domain.reconciliation.comparing import Reconciliation as Comparison
from kpi_server.domain.reconciliation.statements import Place, Side

describe(
    LintRule,
    "What a finding is about, in the order in which findings are listed.",
    {
        "FORMULA": "A figure or target that its metric's formula does not give for the inputs printed beside it.",
        "COMPUTED": "A reported figure that recorded measures do not give for its segment and period.",
        "STATUS": "A green light on a missed target, or a red one on a target that is met.",
        "TARGETS": "One KPI, segment and period with different targets.",
        "ALERT_RULE": "A rule that names no KPI or fires on a met target, or an alert that its figures contradict.",
        "OWNER": "A KPI that nobody owns.",
        "SCORE": "An overall score that is not the mean of its parts.",
        "ALERT_COLUMN": 'A row whose alert column says "None" while an alert stands open.',
        "VALUE": "One KPI, segment and period with different figures in one document.",
    },
)
describe(
    FindingSeverity,
    "How grave a finding is.",
    {
        "ERROR": "Both sides cannot be right.",
        "WARNING": "Somebody should decide.",
        "INFO": "Worth knowing: the documents may have changed their mind.",
    },
)
describe(
    Aspect,
    "What is compared with a formula.",
    {
        "FIGURE": "A reported figure with the figures it is made of.",
        "TARGET": "A target with the targets it is made of.",
        "COMPUTED": "A reported figure, printed or recorded by a system, with what recorded measures give.",
    },
)


@strawberry.input(description="Which findings are wanted; everything given must hold.")
class FindingFilter:
    rule: list[LintRule] | None = strawberry.field(default=None, description="By one of these rules.")
    kpi: str | None = strawberry.field(default=None, description='About this KPI, by key: "financial.ltv_cac".')
    severity: list[FindingSeverity] | None = strawberry.field(default=None, description="As grave as one of these.")


def wanted(findings: Iterable[lint.Finding], asked: FindingFilter | None) -> list[lint.Finding]:
    """The findings that a filter lets pass, in their order.

    Raises:
        BadInput: the key is longer than any, or holds a character that no key can.
    """
    if asked is None:
        return list(findings)
    key = None if asked.kpi is None else checked(asked.kpi, "kpi")
    return [
        finding
        for finding in findings
        if (asked.rule is None or finding.rule in asked.rule)
        and (asked.severity is None or finding.severity in asked.severity)
        and key in (None, finding.kpi)
    ]


@strawberry.type(description="One of two things that are compared.")
class FindingSide:
    text: str = strawberry.field(description="The words as printed, or how they were calculated.")
    value: float | None = strawberry.field(description="The number in them, for charts.")
    exact: Decimal | None = strawberry.field(description="The number in them, exactly; ratios are fractions.")
    source: Source | None = strawberry.field(
        description="Where it is printed, or who recorded it: of something calculated from what is printed, its first "
        "input; null where something is missing, and of what is computed from recorded measures."
    )

    @classmethod
    def shown(cls, side: Side, organization_id: int) -> "FindingSide":
        return cls(
            text=side.text,
            value=number(side.value),
            exact=side.value,
            source=None if side.place is None else _source(side.place, organization_id),
        )


def _source(place: Place, organization_id: int) -> Source:
    return Source(
        document=place.document,
        line=place.line,
        system=place.system,
        organization_id=organization_id,
        batch_id=None,
    )


@strawberry.type(description="Two statements that do not fit together, or one that lacks its counterpart.")
class Finding:
    rule: LintRule = strawberry.field(description="What it is about.")
    severity: FindingSeverity = strawberry.field(description="How grave it is.")
    message: str = strawberry.field(description="Both sides in a sentence, with document and line.")
    left: FindingSide = strawberry.field(description="What is stated.")
    right: FindingSide = strawberry.field(description="What it does not fit with.")
    difference: float | None = strawberry.field(
        description="Left less right, for charts; null unless both are numbers."
    )
    exact: Decimal | None = strawberry.field(description="Left less right, exactly.")
    organization_id: strawberry.Private[int]
    key: strawberry.Private[str | None]

    @classmethod
    def shown(cls, finding: lint.Finding, organization_id: int) -> "Finding":
        return cls(
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
            left=FindingSide.shown(finding.left, organization_id),
            right=FindingSide.shown(finding.right, organization_id),
            difference=number(finding.difference),
            exact=finding.difference,
            organization_id=organization_id,
            key=finding.kpi,
        )

    @computed("The KPI it is about; null where it is about none.")
    async def kpi(self, info: Info) -> KpiReference | None:
        return None if self.key is None else await _kpi_by_key(info, self.organization_id, self.key)


@strawberry.type(description="What a formula was given.")
class FormulaInput:
    key: str = strawberry.field(description='The KPI, metric or measure that it is of: "financial.cac".')
    text: str = strawberry.field(description="The words as printed; of what is recorded, the number for reading.")
    value: float | None = strawberry.field(description="The number in them, for charts.")
    exact: Decimal | None = strawberry.field(description="The number in them, exactly.")
    source: Source | None = strawberry.field(
        description="Where it is printed; null of what is recorded, which `explain` follows to the observations."
    )
    organization_id: strawberry.Private[int]

    @computed("The KPI it is of; null where the organization has none of that key, as of a measure.")
    async def kpi(self, info: Info) -> KpiReference | None:
        return await _kpi_by_key(info, self.organization_id, self.key)


@strawberry.type(
    description="A reported number or word beside what the metric's formula gives for the inputs printed with it, or "
    "for recorded measures."
)
class Reconciliation:
    aspect: Aspect = strawberry.field(description="What is compared with what.")
    period: Period | None = strawberry.field(description="The period of both sides; null for an undated document's.")
    segment: str = strawberry.field(description='The segment of both, such as "plan=enterprise"; empty is the whole.')
    formula: str = strawberry.field(
        description='The formula: of printed inputs by keys, "financial.clv ÷ financial.cac"; of measures in words.'
    )
    reported: FindingSide = strawberry.field(description="What is printed, or recorded as the KPI's own value.")
    calculated: FindingSide = strawberry.field(description="What the formula gives.")
    inputs: list[FormulaInput] = strawberry.field(description="What the formula was given, in its order.")
    difference: float | None = strawberry.field(description="Reported less calculated, for charts; null for words.")
    exact: Decimal | None = strawberry.field(description="Reported less calculated, exactly; null for words.")
    difference_ratio: float | None = strawberry.field(
        description="The difference as a fraction of the calculated number; null from zero, of ratios, points, words."
    )
    difference_points: Decimal | None = strawberry.field(
        description="The difference of ratios and points, in points; else null."
    )
    tolerance: Decimal = strawberry.field(description="Half a unit of the last digit printed; 0 for words.")
    agrees: bool = strawberry.field(description="Whether that rounding explains the difference, or the words are one.")
    completeness: str | None = strawberry.field(
        description='How much is known of the measure that is known least: "24 of 31 days"; null of printed inputs.'
    )
    stale: bool = strawberry.field(
        description="Whether an earlier period's value stands in for a missing measure; false of printed inputs."
    )

    @classmethod
    def shown(cls, comparison: Comparison, organization_id: int) -> "Reconciliation":
        change, known = comparison.change, comparison.completeness
        return cls(
            aspect=comparison.aspect,
            period=None if comparison.period is None else Period(comparison.period),
            segment=comparison.segment,
            formula=comparison.formula,
            reported=FindingSide.shown(comparison.reported, organization_id),
            calculated=FindingSide.shown(comparison.calculated, organization_id),
            inputs=[_input(key, side, organization_id) for key, side in comparison.inputs],
            difference=number(comparison.difference),
            exact=comparison.difference,
            difference_ratio=None if change is None else number(change.ratio),
            difference_points=None if change is None or change.points is None else trimmed(change.points),
            tolerance=comparison.tolerance,
            agrees=comparison.agrees,
            completeness=None if known is None else str(known),
            stale=comparison.stale,
        )


def _input(key: str, side: Side, organization_id: int) -> FormulaInput:
    shown = FindingSide.shown(side, organization_id)
    return FormulaInput(
        key=key,
        text=shown.text,
        value=shown.value,
        exact=shown.exact,
        source=shown.source,
        organization_id=organization_id,
    )


async def _kpi_by_key(info: Info, organization_id: int, key: str) -> KpiReference | None:
    record = await info.context.loaders.kpis_by_key.load((organization_id, key))
    kpi: KpiReference | None = None if record is None else info.context.kpi(record)
    return kpi
