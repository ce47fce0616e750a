"""Cohorts, stages, dashboards, schedules, reviews, data quality, scores and models, as documents print them."""

from decimal import Decimal

from sqlalchemy import BigInteger
from sqlmodel import Field

from kpi_server.store.tables.base import TenantRow, exact, json_list, tenant_args


class CohortTable(TenantRow, table=True):
    __tablename__ = "cohort_tables"
    __table_args__ = tenant_args("cohort_tables")

    name: str
    kind: str
    unit: str
    column_unit: str
    columns: list[int] = json_list()
    total_label: str | None = None


class CohortRow(TenantRow, table=True):
    __tablename__ = "cohort_rows"
    __table_args__ = tenant_args("cohort_rows", cohort_table_id="cohort_tables")

    cohort_table_id: int = Field(sa_type=BigInteger)
    label: str
    period: str | None = None
    total_text: str | None = None
    total: Decimal | None = exact()


class CohortCell(TenantRow, table=True):
    """One cohort at one age; an empty cell has no value."""

    __tablename__ = "cohort_cells"
    __table_args__ = tenant_args("cohort_cells", cohort_row_id="cohort_rows")

    cohort_row_id: int = Field(sa_type=BigInteger)
    column: int
    text: str
    value: Decimal | None = exact()


class CohortTarget(TenantRow, table=True):
    __tablename__ = "cohort_targets"
    __table_args__ = tenant_args("cohort_targets", cohort_table_id="cohort_tables")

    cohort_table_id: int = Field(sa_type=BigInteger)
    column: int
    of_total: bool
    text: str
    value: Decimal | None = exact()


class Insight(TenantRow, table=True):
    __tablename__ = "insights"
    __table_args__ = tenant_args("insights", cohort_table_id="cohort_tables")

    cohort_table_id: int = Field(sa_type=BigInteger)
    text: str


class Stage(TenantRow, table=True):
    __tablename__ = "stages"
    __table_args__ = tenant_args("stages")

    name: str
    first_month: int
    last_month: int
    focus: str


class StageCriterion(TenantRow, table=True):
    __tablename__ = "stage_criteria"
    __table_args__ = tenant_args("stage_criteria", stage_id="stages")

    stage_id: int = Field(sa_type=BigInteger)
    category: str
    metrics: str
    targets: str
    criterion: str


class Dashboard(TenantRow, table=True):
    __tablename__ = "dashboards"
    __table_args__ = tenant_args("dashboards")

    name: str
    description: str | None = None
    audience: str | None = None
    kind: str


class Widget(TenantRow, table=True):
    __tablename__ = "widgets"
    __table_args__ = tenant_args(
        "widgets",
        dashboard_id="dashboards",
        kpi_id="kpis",
        cohort_table_id="cohort_tables",
        initiative_id="initiatives",
        figure_id="reported_figures",
        target_id="targets",
    )

    dashboard_id: int = Field(sa_type=BigInteger)
    title: str
    kind: str
    row: int
    column: int
    group: str | None = None
    text: str | None = None
    status: str | None = None
    colour: str | None = None
    trend: str | None = None
    arrow: str | None = None
    current_text: str | None = None
    target_text: str | None = None
    steps: list[str] = json_list()
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    cohort_table_id: int | None = Field(default=None, sa_type=BigInteger)
    initiative_id: int | None = Field(default=None, sa_type=BigInteger)
    figure_id: int | None = Field(default=None, sa_type=BigInteger)
    target_id: int | None = Field(default=None, sa_type=BigInteger)


class ReportSchedule(TenantRow, table=True):
    __tablename__ = "report_schedules"
    __table_args__ = tenant_args("report_schedules")

    name: str
    cadence: str
    kind: str
    audience: str | None = None
    text: str | None = None


class ReportTopic(TenantRow, table=True):
    __tablename__ = "report_topics"
    __table_args__ = tenant_args("report_topics", report_schedule_id="report_schedules", kpi_id="kpis")

    report_schedule_id: int = Field(sa_type=BigInteger)
    text: str
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)


class Review(TenantRow, table=True):
    __tablename__ = "reviews"
    __table_args__ = tenant_args("reviews")

    name: str
    cadence: str | None = None
    text: str | None = None


class ReviewStep(TenantRow, table=True):
    __tablename__ = "review_steps"
    __table_args__ = tenant_args("review_steps", review_id="reviews")

    review_id: int = Field(sa_type=BigInteger)
    name: str
    text: str


class DataSource(TenantRow, table=True):
    __tablename__ = "data_sources"
    __table_args__ = tenant_args("data_sources")

    name: str
    text: str


class DataSourceKpi(TenantRow, table=True):
    __tablename__ = "data_source_kpis"
    __table_args__ = tenant_args("data_source_kpis", data_source_id="data_sources", kpi_id="kpis")

    data_source_id: int = Field(sa_type=BigInteger)
    kpi_id: int = Field(sa_type=BigInteger)


class QualityControl(TenantRow, table=True):
    __tablename__ = "quality_controls"
    __table_args__ = tenant_args("quality_controls")

    group: str
    name: str
    kind: str
    text: str | None = None


class Score(TenantRow, table=True):
    """A score as printed."""

    __tablename__ = "scores"
    __table_args__ = tenant_args("scores", department_id="departments")

    name: str
    subject: str
    text: str
    value: Decimal | None = exact()
    words: str | None = None
    colour: str | None = None
    department_id: int | None = Field(default=None, sa_type=BigInteger)


class TrendRow(TenantRow, table=True):
    __tablename__ = "trend_rows"
    __table_args__ = tenant_args("trend_rows", kpi_id="kpis")

    table: str
    name: str
    arrow: str
    magnitude: str
    impact: str
    colour: str | None = None
    action: str
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)


class AnalyticsModel(TenantRow, table=True):
    __tablename__ = "analytics_models"
    __table_args__ = tenant_args("analytics_models")

    name: str
    kind: str
    text: str | None = None


class ModelParameter(TenantRow, table=True):
    __tablename__ = "model_parameters"
    __table_args__ = tenant_args("model_parameters", analytics_model_id="analytics_models")

    analytics_model_id: int = Field(sa_type=BigInteger)
    group: str
    name: str
    text: str | None = None
