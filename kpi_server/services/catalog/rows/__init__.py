"""The public format of a catalog: one class a kind of row, the fields and what they mean.

`Catalog` is the whole: every file of an organization's folder holds some of its lists. The JSON Schema published in
schema/catalog.schema.json is generated from these classes. Figures, targets and trends are written as printed
("€45K/month", "<24 hours", "75+"): the loader reads them in the unit of their KPI and keeps the words beside the value.
"""

from pydantic import BaseModel, ConfigDict

from kpi_server.services.catalog.rows.kpis import (
    Benchmark,
    Component,
    Figure,
    Formula,
    Kpi,
    KpiNote,
    KpiRow,
    Observation,
    Target,
    TargetRevision,
)
from kpi_server.services.catalog.rows.management import (
    ActionItem,
    Alert,
    AlertClass,
    AlertRule,
    Approval,
    Decision,
    DecisionItem,
    Initiative,
    KeyResult,
    Mitigation,
    Risk,
)
from kpi_server.services.catalog.rows.organizations import (
    AccessLevel,
    Category,
    Classification,
    Contact,
    Department,
    Document,
    ExchangeRate,
    Organization,
    Owner,
    Person,
    Responsibility,
    SegmentValue,
    Statement,
)
from kpi_server.services.catalog.rows.reporting import (
    AnalyticsModel,
    CohortRow,
    CohortTable,
    CohortTarget,
    Dashboard,
    DataSource,
    Insight,
    ModelParameter,
    QualityControl,
    ReportSchedule,
    ReportTopic,
    Review,
    ReviewStep,
    Score,
    Stage,
    StageCriterion,
    TrendRow,
    Widget,
)
from kpi_server.services.catalog.rows.words import Cell, Judgement, Light, Row, Verdict

__all__ = [
    "AccessLevel",
    "ActionItem",
    "Alert",
    "AlertClass",
    "AlertRule",
    "AnalyticsModel",
    "Approval",
    "Benchmark",
    "Catalog",
    "Category",
    "Cell",
    "Classification",
    "CohortRow",
    "CohortTable",
    "CohortTarget",
    "Component",
    "Contact",
    "Dashboard",
    "DataSource",
    "Decision",
    "DecisionItem",
    "Department",
    "Document",
    "ExchangeRate",
    "Figure",
    "Formula",
    "Initiative",
    "Insight",
    "Judgement",
    "KeyResult",
    "Kpi",
    "KpiNote",
    "KpiRow",
    "Light",
    "Mitigation",
    "ModelParameter",
    "Observation",
    "Organization",
    "Owner",
    "Person",
    "QualityControl",
    "ReportSchedule",
    "ReportTopic",
    "Responsibility",
    "Review",
    "ReviewStep",
    "Risk",
    "Row",
    "Score",
    "SegmentValue",
    "Stage",
    "StageCriterion",
    "Statement",
    "Target",
    "TargetRevision",
    "TrendRow",
    "Verdict",
    "Widget",
]


class Catalog(BaseModel):
    """An organization's catalog; each file of its folder may hold any of these lists."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    organization: Organization | None = None
    documents: list[Document] = []
    statements: list[Statement] = []
    departments: list[Department] = []
    owners: list[Owner] = []
    people: list[Person] = []
    responsibilities: list[Responsibility] = []
    contacts: list[Contact] = []
    categories: list[Category] = []
    classifications: list[Classification] = []
    access_levels: list[AccessLevel] = []
    segments: list[SegmentValue] = []
    exchange_rates: list[ExchangeRate] = []
    kpis: list[Kpi] = []
    definitions: list[KpiNote] = []
    formulas: list[Formula] = []
    components: list[Component] = []
    usages: list[KpiNote] = []
    benchmarks: list[Benchmark] = []
    rationales: list[KpiNote] = []
    kpi_rows: list[KpiRow] = []
    figures: list[Figure] = []
    targets: list[Target] = []
    target_revisions: list[TargetRevision] = []
    observations: list[Observation] = []
    risks: list[Risk] = []
    mitigations: list[Mitigation] = []
    initiatives: list[Initiative] = []
    key_results: list[KeyResult] = []
    decisions: list[Decision] = []
    decision_items: list[DecisionItem] = []
    approvals: list[Approval] = []
    action_items: list[ActionItem] = []
    alert_classes: list[AlertClass] = []
    alert_rules: list[AlertRule] = []
    alerts: list[Alert] = []
    cohort_tables: list[CohortTable] = []
    cohort_rows: list[CohortRow] = []
    cohort_targets: list[CohortTarget] = []
    insights: list[Insight] = []
    stages: list[Stage] = []
    stage_criteria: list[StageCriterion] = []
    dashboards: list[Dashboard] = []
    widgets: list[Widget] = []
    report_schedules: list[ReportSchedule] = []
    report_topics: list[ReportTopic] = []
    reviews: list[Review] = []
    review_steps: list[ReviewStep] = []
    data_sources: list[DataSource] = []
    quality_controls: list[QualityControl] = []
    scores: list[Score] = []
    trend_rows: list[TrendRow] = []
    analytics_models: list[AnalyticsModel] = []
    model_parameters: list[ModelParameter] = []
