"""Things by their ids: which types are rows of which tables, and how one is found."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kpi_server.api.identity import GlobalId
from kpi_server.api.loaders import Table
from kpi_server.api.request import Info
from kpi_server.api.types.alert import Alert, AlertClass, AlertRule
from kpi_server.api.types.analysis import AnalyticsModel, ModelParameter, Segment, TrendRow
from kpi_server.api.types.catalog import Category, Classification, Department, Document, KpiRow, Owner, Person
from kpi_server.api.types.cohort import CohortTable
from kpi_server.api.types.dashboard import Dashboard, Widget
from kpi_server.api.types.decision import (
    Approval,
    Decision,
    DecisionItem,
    Mitigation,
    Risk,
    RiskAssessment,
    TargetRevision,
)
from kpi_server.api.types.governance import (
    AccessLevel,
    Contact,
    DataSource,
    ExchangeRate,
    QualityControl,
    Review,
    ReviewStep,
)
from kpi_server.api.types.health import ReportedScore
from kpi_server.api.types.initiative import ActionItem, Initiative, KeyResult
from kpi_server.api.types.node import Node
from kpi_server.api.types.organization import Organization
from kpi_server.api.types.schedule import ReportSchedule
from kpi_server.api.types.stage import Stage
from kpi_server.api.types.statement import Statement
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import ReportedFigure
from kpi_server.errors import BadInput

ROW_KINDS: Final[Mapping[str, tuple[Table, type[Node]]]] = MappingProxyType(
    {
        "AccessLevel": ("access_levels", AccessLevel),
        "ActionItem": ("action_items", ActionItem),
        "Alert": ("alerts", Alert),
        "AlertClass": ("alert_classes", AlertClass),
        "AlertRule": ("alert_rules", AlertRule),
        "AnalyticsModel": ("analytics_models", AnalyticsModel),
        "Approval": ("approvals", Approval),
        "Category": ("categories", Category),
        "Classification": ("classifications", Classification),
        "CohortTable": ("cohort_tables", CohortTable),
        "Contact": ("contacts", Contact),
        "Dashboard": ("dashboards", Dashboard),
        "DataSource": ("data_sources", DataSource),
        "Decision": ("decisions", Decision),
        "DecisionItem": ("decision_items", DecisionItem),
        "Department": ("departments", Department),
        "Document": ("documents", Document),
        "ExchangeRate": ("exchange_rates", ExchangeRate),
        "Initiative": ("initiatives", Initiative),
        "KeyResult": ("key_results", KeyResult),
        "KpiRow": ("kpi_rows", KpiRow),
        "Mitigation": ("mitigations", Mitigation),
        "ModelParameter": ("model_parameters", ModelParameter),
        "Owner": ("owners", Owner),
        "Person": ("people", Person),
        "QualityControl": ("quality_controls", QualityControl),
        "ReportSchedule": ("report_schedules", ReportSchedule),
        "ReportedFigure": ("reported_figures", ReportedFigure),
        "ReportedScore": ("scores", ReportedScore),
        "Review": ("reviews", Review),
        "ReviewStep": ("review_steps", ReviewStep),
        "RiskAssessment": ("risk_assessments", RiskAssessment),
        "Segment": ("segments", Segment),
        "Stage": ("stages", Stage),
        "Statement": ("statements", Statement),
        "Target": ("targets", Target),
        "TargetRevision": ("target_revisions", TargetRevision),
        "TrendRow": ("trend_rows", TrendRow),
        "Widget": ("widgets", Widget),
    }
)
"""The nodes that are rows of one table."""


async def organization_of(info: Info, organization_id: int) -> Organization | None:
    row = await info.context.loaders.organizations.load(organization_id)
    return None if row is None else Organization.of(row)


async def found(info: Info, named: GlobalId) -> Node | None:
    """The thing of an id, if it lies in an organization that the viewer may see."""
    if named.organization_id not in info.context.scope.organization_ids:
        return None
    key = (named.organization_id, named.row_id)
    loaders = info.context.loaders
    match named.kind:
        case "Organization":
            return await organization_of(info, named.row_id) if key[0] == key[1] else None
        case "Kpi":
            record = await loaders.kpis.load(key)
            return None if record is None else info.context.kpi(record)
        case "Risk":
            return next((Risk.assessed(row) for row in await loaders.risks.load(key)), None)
        case kind if kind in ROW_KINDS:
            table, node = ROW_KINDS[kind]
            row = await loaders.row(table).load(key)
            return None if row is None else node.of(row)
    raise BadInput("this is no id of this server: take ids from the field `id` as they are")
