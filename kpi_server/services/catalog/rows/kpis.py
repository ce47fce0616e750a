"""KPIs: what they are, what was reported of them and what they should reach."""

from pydantic import Field

from kpi_server.domain.direction import Direction
from kpi_server.domain.selection import Placement, ValueBasis
from kpi_server.domain.target import Operator
from kpi_server.services.catalog.rows.words import (
    Count,
    Judgement,
    Key,
    KpiKey,
    Number,
    PeriodText,
    Printed,
    Row,
    Segment,
    Share,
    Text,
    Words,
)


class Kpi(Row):
    """A metric that the organization manages."""

    key: KpiKey
    name: Words
    unit: Words | None = None
    """Needed where no loaded family defines the metric: "COUNT(customer)", "RATIO", "MONEY/month" …"""
    scale: tuple[Count, Count] | None = None
    """Lowest and highest score, for a SCORE."""
    direction: Direction | None = None
    """Needed where no loaded family defines the metric."""
    category: Key | None = None
    department: Key | None = None
    owner: Key | None = None
    """The current owner; by default that of its newest row."""
    classification: Key | None = None
    aliases: list[Words] = Field(default_factory=list)
    north_star: bool = False
    acceptable: Share | None = None
    """Attainment from which a miss is acceptable ("0.90")."""
    near: Share | None = None
    """Attainment from which a miss is near ("0.95")."""
    basis: ValueBasis = ValueBasis.REPORTED
    """Whether its current value is what is reported or recorded of it, or what is computed."""


class KpiNote(Row):
    """One line about a KPI."""

    kpi: KpiKey
    text: Text


class Formula(KpiNote):
    """A formula as printed."""

    label: Words | None = None
    """What the formula gives, where a KPI has several."""


class Component(KpiNote):
    """A part that the KPI is made of."""

    points: Count | None = None
    """Its weight, where printed."""


class Benchmark(KpiNote):
    """What others reach."""

    label: Words


class KpiRow(Judgement):
    """One row (or section) in which a document lists a KPI."""

    kpi: KpiKey
    name: Words
    """The name as printed there."""
    category: Key | None = None
    department: Key | None = None
    owner: Key | None = None
    definition: Text | None = None
    current: Printed | None = None
    target: Printed | None = None
    alert: Words | None = None
    """The alert column as printed ("None")."""
    period: PeriodText | None = None
    """The figure's period, if not the document's."""


class Figure(Judgement):
    """A figure printed outside a KPI's row."""

    kpi: KpiKey
    text: Words
    placement: Placement
    label: Words | None = None
    value: Number | None = None
    segment: Segment = Field(default_factory=dict)
    period: PeriodText | None = None


class Target(Row):
    """A target printed outside a table's target column."""

    kpi: KpiKey
    """Whose target it is."""
    text: Words
    label: Words | None = None
    placement: Placement = Placement.KPI_ROW
    under: KpiKey | None = None
    """The KPI in whose section it is printed, if another."""
    segment: Segment = Field(default_factory=dict)
    operator: Operator | None = None
    value: Number | None = None
    of: KpiKey | None = None
    """The KPI it is a multiple of ("> 3x CAC")."""
    due: Words | None = None
    """A deadline as printed ("month 12")."""
    months: Count | None = None
    """The deadline or milestone in months from the plan's start."""
    period: PeriodText | None = None
    """The period it is for, if not every one."""
    stage: Key | None = None
    rationale: Text | None = None


class TargetRevision(Row):
    """A target changed or confirmed for a coming period, with the reason."""

    kpi: KpiKey
    period: PeriodText
    before: Words
    after: Words
    reason: Text
    rationale: Text | None = None
    decision: Key | None = None


class Observation(Row):
    """A recorded value of a period."""

    kpi: KpiKey
    period: PeriodText
    value: Words
    segment: Segment = Field(default_factory=dict)
