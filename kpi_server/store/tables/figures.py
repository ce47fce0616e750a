"""What was measured, reported and aimed at."""

from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from kpi_server.store.tables.base import TenantRow, exact, refers, tenant_args


class ReportedFigure(TenantRow, table=True):
    """A figure as a document or a person states it: the words, and what was read from them."""

    __tablename__ = "reported_figures"
    __table_args__ = (
        *tenant_args("reported_figures", kpi_row_id="kpi_rows"),
        refers("kpi_id", "kpis"),
        Index("reported_figures_by_kpi", "organization_id", "kpi_id", "segment", "period_start"),
    )

    kpi_id: int = Field(sa_type=BigInteger)
    kpi_row_id: int | None = Field(default=None, sa_type=BigInteger)
    placement: str
    label: str | None = None
    segment: str
    period: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    text: str
    value: Decimal | None = exact()
    low: Decimal | None = exact()
    high: Decimal | None = exact()
    at_least: bool
    absence: str | None = None
    status: str | None = None
    colour: str | None = None
    analysis: str | None = None
    trend: str | None = None
    trend_arrow: str | None = None
    trend_amount: Decimal | None = exact()
    trend_unit: str | None = None
    trend_basis: str | None = None
    trend_previous: Decimal | None = exact()
    trend_words: str | None = None


class Target(TenantRow, table=True):
    """What a KPI should reach: operator, number or range, segment, window, deadline."""

    __tablename__ = "targets"
    __table_args__ = (
        *tenant_args(
            "targets",
            kpi_id="kpis",
            kpi_row_id="kpi_rows",
            under_kpi_id="kpis",
            of_kpi_id="kpis",
            stage_id="stages",
        ),
    )

    kpi_id: int = Field(sa_type=BigInteger)
    kpi_row_id: int | None = Field(default=None, sa_type=BigInteger)
    under_kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    of_kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    stage_id: int | None = Field(default=None, sa_type=BigInteger)
    placement: str
    label: str | None = None
    segment: str
    text: str
    operator: str
    value: Decimal | None = exact()
    low: Decimal | None = exact()
    high: Decimal | None = exact()
    multiple: Decimal | None = exact()
    due: str | None = None
    due_on: date | None = None
    months: int | None = None
    period: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    rationale: str | None = None


class TargetRevision(TenantRow, table=True):
    """A target changed or confirmed for a coming period."""

    __tablename__ = "target_revisions"
    __table_args__ = tenant_args("target_revisions", kpi_id="kpis", decision_id="decisions")

    kpi_id: int = Field(sa_type=BigInteger)
    decision_id: int | None = Field(default=None, sa_type=BigInteger)
    period: str
    period_start: date
    period_end: date
    before_text: str
    before_value: Decimal | None = exact()
    after_text: str
    after_value: Decimal | None = exact()
    reason: str
    rationale: str | None = None


class Measure(SQLModel, table=True):
    """What is recorded of an organization; a KPI's own recorded values are those of the measure with its id and key.

    It stays when its KPI goes: what was recorded refers to it.
    """

    __tablename__ = "measures"
    __table_args__ = (
        UniqueConstraint("organization_id", "key", name="measures_key"),
        refers("batch_id", "batches"),
    )

    organization_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    key: str
    batch_id: int = Field(sa_type=BigInteger)


_CELL: Final = ("organization_id", "measure_id", "segment", "grain", "period_start")


class Observation(SQLModel, table=True):
    """One recorded value of a period; a correction is a new row, so the past stays as it was reported.

    Of the rows of one cell (measure, segment, grain and period) exactly one stands: its `ended_in` is null. The others
    name the batch since which they do not; one that never stood names its own. As of a number, a row stood if its batch
    has at most that number and the batch that ended it, if any, a greater one. To roll a measure up over its segments,
    take them from `series` and each one's values from `observations_standing`, which holds them. Rows of a write are
    found by the primary key.
    """

    __tablename__ = "observations"
    __table_args__ = (
        refers("measure_id", "measures"),
        refers("batch_id", "batches"),
        Index(
            "observations_standing",
            *_CELL,
            unique=True,
            postgresql_include=["value"],
            postgresql_where=text("ended_in is null"),
        ),
        Index("observations_ended", *_CELL, "id", postgresql_where=text("ended_in is not null")),
        {"postgresql_partition_by": "RANGE (period_start)"},
    )

    organization_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    batch_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    period_start: date = Field(primary_key=True)
    measure_id: int = Field(sa_type=BigInteger)
    segment: str
    grain: str
    period: str
    period_end: date
    value: Decimal = exact()
    """The number; of a sketch, what it estimates (DISTINCT) or how many it counts (HISTOGRAM)."""
    text: str
    key: str | None = None
    """The row's name in its catalog; what systems record has none."""
    position: int = Field(sa_type=BigInteger)
    document: str | None = None
    line: int | None = None
    origin: str
    source: str | None = None
    """The system that sent it; what a catalog brought has a document instead."""
    currency: str | None = None
    """Of money, when it is another than the organization's."""
    sketch_places: list[int] | None = Field(default=None, sa_type=ARRAY(Integer))
    sketch_amounts: list[int] | None = Field(default=None, sa_type=ARRAY(BigInteger))
    ended_in: int | None = Field(default=None, sa_type=BigInteger)
    withdrawn: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its source takes it back, with what it stated before of the same cell."""


class KpiCurrent(SQLModel, table=True):
    """A KPI's latest and previous figure, active target and standing per segment: what a board reads.

    Kept by the writing transaction. `status` is the standing without regard to today; `due_on` lets a reader turn it
    into NOT_YET_DUE. `origin` is CATALOG, or the system that recorded the value.
    """

    __tablename__ = "kpi_current"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "kpi_id"], ["kpis.organization_id", "kpis.id"]),
        Index("kpi_current_by_status", "organization_id", "segment", "status"),
    )

    organization_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kpi_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    segment: str = Field(primary_key=True)
    figure_id: int | None = Field(default=None, sa_type=BigInteger)
    previous_figure_id: int | None = Field(default=None, sa_type=BigInteger)
    target_id: int | None = Field(default=None, sa_type=BigInteger)
    value: Decimal | None = exact()
    text: str | None = None
    period: str | None = None
    previous_value: Decimal | None = exact()
    previous_text: str | None = None
    previous_period: str | None = None
    target_value: Decimal | None = exact()
    target_text: str | None = None
    attainment: Decimal | None = exact()
    attainment_flag: str | None = None
    share_of_target: Decimal | None = exact()
    status: str
    due_on: date | None = None
    document: str | None = None
    line: int | None = None
    origin: str | None = None
    batch_id: int | None = Field(default=None, sa_type=BigInteger)
    previous_document: str | None = None
    previous_line: int | None = None
    previous_origin: str | None = None
    previous_batch_id: int | None = Field(default=None, sa_type=BigInteger)
