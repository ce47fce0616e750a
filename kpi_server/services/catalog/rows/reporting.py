"""How KPIs are shown and reviewed: cohorts, stages, dashboards, reports, data sources, scores, models."""

from typing import Annotated, Literal

from pydantic import Field

from kpi_server.services.catalog.rows.words import (
    Arrow,
    Cadence,
    Colour,
    Count,
    Judgement,
    Key,
    KpiKey,
    PeriodText,
    Printed,
    Row,
    Segment,
    Text,
    Words,
)


class CohortTable(Row):
    """A table of cohorts by age."""

    key: Key
    name: Words
    kind: Literal["RETENTION", "REVENUE", "ADOPTION"]
    unit: Words
    column_unit: Literal["MONTH", "WEEK"]
    columns: Annotated[list[Count], Field(min_length=1, max_length=1000)]
    total_label: Words | None = None
    """The heading of a computed last column ("NRR")."""


class CohortRow(Row):
    """One cohort's row: a cell a column, "-" where empty."""

    table: Key
    label: Words
    period: PeriodText | None = None
    """When the cohort joined."""
    cells: list[Words]
    total: Words | None = None


class CohortTarget(Row):
    """What a column of a cohort table should reach."""

    table: Key
    column: Count
    text: Words
    of_total: bool = False
    """Whether it is for the computed column."""


class Insight(Row):
    """A written insight beside a cohort table."""

    table: Key
    text: Text


class Stage(Row):
    """A stage of the business."""

    key: Key
    name: Words
    first_month: Count
    last_month: Count
    focus: Text


class StageCriterion(Row):
    """One row of a stage: what is measured, aimed at and called success."""

    stage: Key
    category: Words
    metrics: Words
    targets: Words
    criterion: Words


class Dashboard(Row):
    """A dashboard, or the topics a role looks at."""

    key: Key
    name: Words
    description: Text | None = None
    audience: Words | None = None
    kind: Literal["DASHBOARD", "TABLE", "FOCUS"] = "DASHBOARD"


class Widget(Judgement):
    """One element of a dashboard and where it stands."""

    dashboard: Key
    title: Words
    kind: Literal[
        "TILE", "LINE", "FUNNEL", "HEATMAP", "SANKEY", "COHORT", "TIMELINE", "LEADERBOARD",
        "DISTRIBUTION", "LIST", "TABLE", "HEALTH", "TOPIC", "INITIATIVES",
    ]  # fmt: skip
    row: Count
    column: Count = 1
    group: Words | None = None
    kpi: KpiKey | None = None
    segment: Segment = Field(default_factory=dict)
    current: Printed | None = None
    """A figure of the KPI where one is named, else words."""
    target: Printed | None = None
    text: Text | None = None
    steps: list[Words] = Field(default_factory=list)
    """Stages of a funnel or flow."""
    cohort_table: Key | None = None
    initiative: Key | None = None


class ReportSchedule(Row):
    """What is reported or watched how often, to whom."""

    key: Key
    name: Words
    cadence: Cadence
    kind: Literal["REPORT", "MONITORING", "METRICS", "UPDATE"] = "REPORT"
    audience: Words | None = None
    text: Text | None = None


class ReportTopic(Row):
    """One topic of a scheduled report."""

    schedule: Key
    text: Text
    kpi: KpiKey | None = None


class Review(Row):
    """A review: of performance, of targets."""

    key: Key
    name: Words
    cadence: Cadence | None = None
    text: Text | None = None


class ReviewStep(Row):
    """A step or guideline of a review."""

    review: Key
    name: Words
    text: Text


class DataSource(Row):
    """A system that figures come from."""

    key: Key
    name: Words
    text: Text
    kpis: list[KpiKey] = Field(default_factory=list)


class QualityControl(Row):
    """A check on incoming data."""

    group: Words
    name: Words
    kind: Literal["BOOLEAN", "NUMBER", "TEXT"]
    text: Text | None = None
    """The printed comment or example."""


class Score(Row):
    """A score as printed."""

    name: Words
    subject: Literal["ORGANIZATION", "DEPARTMENT", "FINANCE"]
    department: Key | None = None
    text: Words
    """As printed ("85/100")."""
    words: Words | None = None
    """Status words beside it ("EXCELLENT")."""
    colour: Colour | None = None


class TrendRow(Row):
    """A row of a trend table."""

    table: Words
    name: Words
    kpi: KpiKey | None = None
    arrow: Arrow
    magnitude: Words
    impact: Words
    colour: Colour | None = None
    action: Words


class AnalyticsModel(Row):
    """An analytics model that a document describes."""

    key: Key
    name: Words
    kind: Literal["CHURN", "FORECAST", "SEGMENTATION"]
    text: Text | None = None


class ModelParameter(Row):
    """A feature, threshold, setting, segment or output of an analytics model."""

    model: Key
    group: Literal["FEATURE", "THRESHOLD", "SETTING", "SEGMENT", "INPUT", "OUTPUT"]
    name: Words
    text: Words | None = None
