"""What is done about KPIs: risks, initiatives, decisions, actions, alerts."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from kpi_server.domain.target import Operator
from kpi_server.services.catalog.rows.words import (
    Colour,
    Count,
    Key,
    KpiKey,
    Level,
    Light,
    PeriodText,
    Printed,
    Row,
    Severity,
    Text,
    Verdict,
    Words,
)


class Risk(Verdict):
    """A risk as one document assesses it; the same key in two documents is one risk."""

    key: Key
    name: Words
    level: Level | None = None
    probability: Words | None = None
    impact: Level | None = None
    tendency: Literal["STABLE", "RISING", "FALLING"] | None = None
    mitigation: Text | None = None
    owner: Key | None = None
    kpi: KpiKey | None = None
    decision: Key | None = None


class Mitigation(Light):
    """How far a mitigation has come."""

    key: Key
    name: Words
    risk: Key | None = None
    progress: Words
    owner: Key | None = None


class Initiative(Light):
    """A programme of work."""

    key: Key
    name: Words
    period: PeriodText | None = None
    """The quarter it is bound to, where a year is known."""
    quarter: Words | None = None
    """The quarter as printed."""
    owner: Key | None = None


class KeyResult(Light):
    """One measure of an initiative."""

    initiative: Key
    name: Words
    unit: Words
    current: Words
    target: Words
    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    owner: Key | None = None
    kpi: KpiKey | None = None


class Decision(Row):
    """A decision with its reason."""

    key: Key
    title: Words
    rationale: Text | None = None
    kpis: list[KpiKey] = Field(default_factory=list)


class DecisionItem(Row):
    """One thing that was decided."""

    decision: Key
    text: Text
    kpi: KpiKey | None = None
    amount: Words | None = None
    """Money it commits, as printed."""


class Approval(Row):
    """Who approved a document, and when."""

    owner: Key
    person: Key | None = None
    approved_on: date | None = None


class ActionItem(Row):
    """Something to be done, by a horizon, a date or on a condition."""

    title: Words | None = None
    text: Text
    horizon: Words | None = None
    """As printed ("Next 30 Days")."""
    days: Count | None = None
    due_on: date | None = None
    condition: Words | None = None
    kpi: KpiKey | None = None
    initiative: Key | None = None
    target: Words | None = None
    owner: Key | None = None


class AlertClass(Row):
    """A class of alerts and how soon one must answer."""

    key: Key
    name: Words
    severity: Severity | None = None
    colour: Colour | None = None
    response: Words | None = None
    """As printed ("24 hours")."""
    respond_within_hours: Count | None = None
    """The latest answer; 0 is immediate."""


class AlertRule(Row):
    """When an alert is to be raised."""

    key: Key
    name: Words
    condition: Words
    """As printed."""
    kpi: KpiKey | None = None
    operator: Operator | None = None
    threshold: Words | None = None
    """As printed, read in the KPI's unit."""
    transform: Literal["VALUE", "CHANGE", "SHARE_OF_TARGET", "TREND", "MILESTONE", "EVENT"] = "VALUE"
    window: Words | None = None
    """As printed ("2 consecutive days")."""
    alert_class: Key | None = None
    severity: Severity | None = None
    recipients: list[Words] = Field(default_factory=list)
    actions: list[Text] = Field(default_factory=list)
    current: Printed | None = None
    """The value printed beside the rule: a figure of the KPI."""


class Alert(Row):
    """An alert that stands open in a document."""

    name: Words
    text: Text
    alert_class: Key | None = None
    severity: Severity | None = None
    colour: Colour | None = None
    kpi: KpiKey | None = None
    current: Printed | None = None
    """A figure of the KPI where one is named, else words."""
    target: Printed | None = None
    advice: Text | None = None
