"""Risks, initiatives, decisions and what is to be done."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger
from sqlmodel import Field

from kpi_server.store.tables.base import TenantRow, exact, json_list, tenant_args


class Risk(TenantRow, table=True):
    """A risk; each document's view of it is an assessment."""

    __tablename__ = "risks"
    __table_args__ = tenant_args("risks", kpi_id="kpis", decision_id="decisions")

    name: str
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    decision_id: int | None = Field(default=None, sa_type=BigInteger)


class RiskAssessment(TenantRow, table=True):
    __tablename__ = "risk_assessments"
    __table_args__ = tenant_args("risk_assessments", risk_id="risks", owner_id="owners")

    risk_id: int = Field(sa_type=BigInteger)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    level: str | None = None
    probability_text: str | None = None
    probability: Decimal | None = exact()
    impact: str | None = None
    tendency: str | None = None
    mitigation: str | None = None
    status: str | None = None
    colour: str | None = None
    analysis: str | None = None


class Mitigation(TenantRow, table=True):
    __tablename__ = "mitigations"
    __table_args__ = tenant_args("mitigations", risk_id="risks", owner_id="owners")

    name: str
    risk_id: int | None = Field(default=None, sa_type=BigInteger)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    progress_text: str
    progress: Decimal | None = exact()
    status: str | None = None
    colour: str | None = None


class Initiative(TenantRow, table=True):
    __tablename__ = "initiatives"
    __table_args__ = tenant_args("initiatives", owner_id="owners")

    name: str
    period: str | None = None
    quarter: str | None = None
    status: str | None = None
    colour: str | None = None
    owner_id: int | None = Field(default=None, sa_type=BigInteger)


class KeyResult(TenantRow, table=True):
    __tablename__ = "key_results"
    __table_args__ = tenant_args("key_results", initiative_id="initiatives", owner_id="owners", kpi_id="kpis")

    initiative_id: int = Field(sa_type=BigInteger)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    name: str
    unit: str
    current_text: str
    current: Decimal | None = exact()
    target_text: str
    target: Decimal | None = exact()
    weight: int
    status: str | None = None
    colour: str | None = None


class Decision(TenantRow, table=True):
    __tablename__ = "decisions"
    __table_args__ = tenant_args("decisions")

    title: str
    rationale: str | None = None


class DecisionKpi(TenantRow, table=True):
    __tablename__ = "decision_kpis"
    __table_args__ = tenant_args("decision_kpis", decision_id="decisions", kpi_id="kpis")

    decision_id: int = Field(sa_type=BigInteger)
    kpi_id: int = Field(sa_type=BigInteger)


class DecisionItem(TenantRow, table=True):
    __tablename__ = "decision_items"
    __table_args__ = tenant_args("decision_items", decision_id="decisions", kpi_id="kpis")

    decision_id: int = Field(sa_type=BigInteger)
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    text: str
    amount_text: str | None = None
    amount: Decimal | None = exact()


class Approval(TenantRow, table=True):
    __tablename__ = "approvals"
    __table_args__ = tenant_args("approvals", owner_id="owners", person_id="people")

    owner_id: int = Field(sa_type=BigInteger)
    person_id: int | None = Field(default=None, sa_type=BigInteger)
    approved_on: date | None = None


class ActionItem(TenantRow, table=True):
    __tablename__ = "action_items"
    __table_args__ = tenant_args("action_items", kpi_id="kpis", initiative_id="initiatives", owner_id="owners")

    title: str | None = None
    text: str
    horizon: str | None = None
    days: int | None = None
    due_on: date | None = None
    condition: str | None = None
    target: str | None = None
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    initiative_id: int | None = Field(default=None, sa_type=BigInteger)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)


class AlertClass(TenantRow, table=True):
    __tablename__ = "alert_classes"
    __table_args__ = tenant_args("alert_classes")

    name: str
    severity: str | None = None
    colour: str | None = None
    response: str | None = None
    respond_within_hours: int | None = None


class AlertRule(TenantRow, table=True):
    __tablename__ = "alert_rules"
    __table_args__ = tenant_args("alert_rules", kpi_id="kpis", alert_class_id="alert_classes")

    name: str
    condition: str
    operator: str | None = None
    threshold_text: str | None = None
    threshold: Decimal | None = exact()
    transform: str
    window: str | None = None
    severity: str | None = None
    recipients: list[str] = json_list()
    actions: list[str] = json_list()
    current_text: str | None = None
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    alert_class_id: int | None = Field(default=None, sa_type=BigInteger)


class Alert(TenantRow, table=True):
    """An alert that a document shows as open."""

    __tablename__ = "alerts"
    __table_args__ = tenant_args("alerts", kpi_id="kpis", alert_class_id="alert_classes")

    name: str
    text: str
    severity: str | None = None
    colour: str | None = None
    current_text: str | None = None
    target_text: str | None = None
    advice: str | None = None
    kpi_id: int | None = Field(default=None, sa_type=BigInteger)
    alert_class_id: int | None = Field(default=None, sa_type=BigInteger)
