"""The entry points of the graph."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Final

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.connections import After, Before, Connection, First, Last, Listing, PageArguments, connect
from kpi_server.api.execution.obtaining import OBTAINED, Entry, Obtained
from kpi_server.api.families import extended
from kpi_server.api.identity import GlobalId, read_global_id
from kpi_server.api.loaders import Table
from kpi_server.api.request import Info, Request
from kpi_server.api.types.alert import Alert, AlertClass, AlertRule
from kpi_server.api.types.analysis import AnalyticsModel, ModelParameter, Segment, TrendRow
from kpi_server.api.types.as_of import AsOfArgument
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
from kpi_server.api.types.family import Family, served_families
from kpi_server.api.types.governance import AccessLevel, Contact, DataSource, QualityControl, Review, ReviewStep
from kpi_server.api.types.health import ReportedScore
from kpi_server.api.types.initiative import ActionItem, Initiative, KeyResult
from kpi_server.api.types.node import Node
from kpi_server.api.types.organization import Organization
from kpi_server.api.types.schedule import ReportSchedule
from kpi_server.api.types.stage import Stage
from kpi_server.api.types.statement import Statement
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import ReportedFigure
from kpi_server.domain.access import Role
from kpi_server.errors import BadInput
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import SortKey
from kpi_server.store.sql import statement

MOST_IDS: Final = 100

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


@strawberry.type(description="A role in an organization.")
class Grant:
    role: Role = strawberry.field(description="The role.")
    department: str | None = strawberry.field(description="The department to which it is narrowed.")
    slug: str = strawberry.field(description="The organization's short name.")
    organization_id: strawberry.Private[int]


@strawberry.type(description="Who is asking.")
class Viewer:
    name: str = strawberry.field(description="The principal's name.")


def query_type(organization: type[Organization]) -> type:
    """The query type over the schema's own Organization, which holds the families' fields."""
    named = {
        "viewer": _field(_viewer, _viewer_type(organization), "Who is asking, and what they may see."),
        "organizations": _field(
            _organizations,
            Connection[organization],  # type: ignore[valid-type]
            "The organizations that the viewer may see.",
        ),
        "organization": _field(
            _organization,
            organization | None,
            "One organization; null when the viewer may see none of that name.",
            Entry("organizations", _organization_id, partial(_stand_in, organization)),
        ),
        "families": _field(_families, list[Family], "The families of metrics that are installed."),
        "node": _field(_node, Node | None, "Anything by its id; null when the viewer may see no such thing."),
        "nodes": _field(_nodes, list[Node | None], "Things by their ids, at most 100, each as `node` gives it."),
    }
    return strawberry.type(type("Query", (), named), description="Everything that can be asked.")


def _field(resolver: Callable[..., Any], kind: Any, description: str, obtained: Obtained | None = None) -> Any:
    metadata = {} if obtained is None else {OBTAINED: obtained}
    return strawberry.field(resolver=resolver, graphql_type=kind, description=description, metadata=metadata)


def _organization_id(context: Request, *, slug: str, asOf: Any = None) -> int | None:  # noqa: N803 - as GraphQL has it
    if asOf is not None and context.past is None:
        raise BadInput("`asOf` is answered for whole operations: this one was not begun in the past")
    grant = context.scope.grant(checked(slug, "slug"))
    return None if grant is None else grant.organization_id


def _stand_in(organization: type[Organization], organization_id: int) -> Organization:
    """An organization of which only the id is known: enough to describe the lists under it."""
    stand_in = organization.__new__(organization)
    stand_in.record = {"id": organization_id}
    return stand_in


def _viewer_type(organization: type[Organization]) -> Any:
    grant = extended(Grant, {"organization": _field(_granted, organization | None, "The organization.")})
    return extended(Viewer, {"grants": _field(_grants, list[grant], "The viewer's roles, one an organization.")})  # type: ignore[valid-type]


def _viewer(info: Info) -> Any:
    return Viewer(name=info.context.scope.principal)


def _grants(info: Info) -> Any:
    return [
        Grant(role=grant.role, department=grant.department, slug=grant.slug, organization_id=grant.organization_id)
        for grant in info.context.scope.grants
    ]


async def _granted(root: Grant, info: Info) -> Any:
    return await _organization_of(info, root.organization_id)


async def _organization(
    info: Info,
    slug: Annotated[str, strawberry.argument(description='Its short name: "datainsight-pro".')],
    as_of: AsOfArgument = None,
) -> Any:
    organization_id = _organization_id(info.context, slug=slug, asOf=as_of)
    return None if organization_id is None else await _organization_of(info, organization_id)


async def _organizations(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Any:
    clauses = Clauses([sorted(info.context.scope.organization_ids)])
    keys = (SortKey("slug", "text"), SortKey("id", "bigint"))
    listing = Listing("Organization", statement("organizations"), clauses, keys)
    return connect(info.context, listing, PageArguments(first, after, last, before), Organization.of)


async def _organization_of(info: Info, organization_id: int) -> Organization | None:
    row = await info.context.loaders.organizations.load(organization_id)
    return None if row is None else Organization.of(row)


def _families(info: Info) -> list[Family]:
    return served_families(info.context.registry)


async def _node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The field `id` of a thing.")],  # noqa: A002
) -> Node | None:
    return await _found(info, read_global_id(id))


async def _nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The fields `id` of things.")]
) -> list[Awaitable[Node | None]]:
    if len(ids) > MOST_IDS:
        raise BadInput(f"`ids` holds at most {MOST_IDS} ids, not {len(ids)}")
    return [_found(info, named) for named in [read_global_id(text) for text in ids]]


async def _found(info: Info, named: GlobalId) -> Node | None:
    """The thing of an id, if it lies in an organization that the viewer may see."""
    if named.organization_id not in info.context.scope.organization_ids:
        return None
    key = (named.organization_id, named.row_id)
    loaders = info.context.loaders
    match named.kind:
        case "Organization":
            return await _organization_of(info, named.row_id) if key[0] == key[1] else None
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
