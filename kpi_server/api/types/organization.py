"""An organization and its lists; the families add one field each when the schema is built."""

from typing import Annotated, Any, LiteralString

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.connections import Connection, Listing, PageArguments, connect
from kpi_server.api.execution.obtaining import OBTAINED, Column, Lookup, Part, Rule
from kpi_server.api.fields import computed
from kpi_server.api.lists.rows import connection_field
from kpi_server.api.request import Info, Request
from kpi_server.api.types.aggregation import AggregateLists
from kpi_server.api.types.alert import AlertLists
from kpi_server.api.types.analysis import AnalysisLists
from kpi_server.api.types.calendar import Calendar, calendar_of
from kpi_server.api.types.catalog import CATEGORIES, DEPARTMENTS, DOCUMENTS, KPI_ROWS, OWNERS
from kpi_server.api.types.closed_period import ClosedPeriods
from kpi_server.api.types.cohort import CohortLists
from kpi_server.api.types.dashboard import DashboardLists
from kpi_server.api.types.deadline import DeadlineLists
from kpi_server.api.types.decision import APPROVALS, DECISIONS, MITIGATIONS, RISKS
from kpi_server.api.types.feed import Feed, feed_of
from kpi_server.api.types.finding import Finding, FindingFilter, wanted
from kpi_server.api.types.governance import GovernanceLists
from kpi_server.api.types.health import HealthLists
from kpi_server.api.types.imports import ImportLists
from kpi_server.api.types.initiative import ACTION_ITEMS, INITIATIVES
from kpi_server.api.types.kpi import Kpi
from kpi_server.api.types.kpis import kpis_field
from kpi_server.api.types.measure import MeasureLists
from kpi_server.api.types.metric_table import MetricTables
from kpi_server.api.types.observation import ObservationLists
from kpi_server.api.types.schedule import ScheduleLists
from kpi_server.api.types.source import Source
from kpi_server.api.types.stage import StageLists
from kpi_server.api.types.statement import StatementLists
from kpi_server.api.types.target import TARGETS
from kpi_server.services.naming import meant
from kpi_server.store.reads.clauses import Moment
from kpi_server.store.reads.kpis import kpi_clauses, kpi_list


def kpi_by_its_key(context: Request, organization: "Organization", *, key: str) -> Connection[Kpi] | None:
    """The KPI of that key, where the text looks like one: a key wins over every name."""
    asked = checked(key, "key")
    return _single(context, organization, "kpi.key = {}::text", asked) if "." in asked else None


async def kpi_meant(context: Request, organization: "Organization", *, key: str) -> Connection[Kpi] | None:
    """The KPI of that key, name or alias.

    Raises:
        Ambiguous: several are meant equally closely.
    """
    kpi_id = await _meaning(context, organization.organization_id, key)
    return None if kpi_id is None else _single(context, organization, "kpi.id = {}::bigint", kpi_id)


def _single(context: Request, organization: "Organization", condition: LiteralString, value: object) -> Connection[Kpi]:
    clauses = kpi_clauses(Moment.NOW, organization.organization_id, segment="")
    clauses.add(condition, value)
    return connect(context, Listing("Kpi", kpi_list(clauses), clauses), PageArguments(first=1), context.kpi)


async def _meaning(context: Request, organization_id: int, key: str) -> int | None:
    asked = checked(key, "key")
    found = meant(asked, await context.loaders.meanings.load((organization_id, asked)))
    return None if found is None else found.kpi_id


@strawberry.type(description="A company; everything else belongs to exactly one.")
class Organization(
    AlertLists,
    StatementLists,
    HealthLists,
    GovernanceLists,
    AnalysisLists,
    DashboardLists,
    CohortLists,
    StageLists,
    ScheduleLists,
    DeadlineLists,
    MeasureLists,
    ClosedPeriods,
    ImportLists,
    AggregateLists,
    ObservationLists,
    MetricTables,
):
    slug: str = strawberry.field(description="Its short name in addresses.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is.")
    currency: str = strawberry.field(description="The ISO 4217 code that amounts without a sign are in.")
    time_zone: str = strawberry.field(description="The IANA name of the zone in which its days begin.")

    @computed("When its weeks and fiscal years begin.", obtained=Rule(calendar_of, ("calendar", "time_zone")))
    def calendar(self) -> Calendar:
        return calendar_of(self.record["calendar"], self.record["time_zone"])

    version: int = strawberry.field(
        description="The number of its last write; it grows by one with each.",
        metadata={OBTAINED: Column("sequence.last")},
    )

    @computed(
        "Where its feed of changes is behind what is asked for beside; of the past, where it was then.",
        obtained=Rule(feed_of, ("id", "sequence.last", "feed_epoch")),
    )
    def feed(self) -> Feed:
        return feed_of(self.organization_id, self.record["version"], self.record["feed_epoch"])

    @computed(
        "The systems whose values stand before those of others, the first before all; the rest rank alike.",
        obtained=Rule(list, ("source_precedence",)),
    )
    def source_precedence(self) -> list[str]:
        return list(self.record["source_precedence"])

    @property
    def organization_id(self) -> int:
        return int(self.record["id"])

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        """The schema's own Organization has the families' fields besides; the values are of this class."""
        return isinstance(value, Organization)

    @computed("Where it is named.", obtained=Part({"document": "source_document", "line": "source_line"}))
    def source(self) -> Source:
        return Source(
            document=self.record["source_document"],
            line=self.record["source_line"],
            system=None,
            organization_id=self.organization_id,
            batch_id=None,
        )

    kpis = kpis_field("Its KPIs, in the catalog's order unless another is wanted.")

    @computed(
        "The KPI of that key, name or alias. The organization's own names win over the families'; a name "
        "of several KPIs is an error that lists them. Null when there is none.",
        obtained=Lookup(kpi_by_its_key, kpi_meant),
    )
    async def kpi(
        self,
        info: Info,
        key: Annotated[str, strawberry.argument(description='"financial.ltv_cac", or a name such as "CLV".')],
    ) -> Kpi | None:
        kpi_id = await _meaning(info.context, self.organization_id, key)
        record = None if kpi_id is None else await info.context.loaders.kpis.load((self.organization_id, kpi_id))
        return None if record is None else Kpi.of(record)

    kpi_rows = connection_field(KPI_ROWS, "The rows in which its documents list KPIs.")
    documents = connection_field(DOCUMENTS, "The documents its facts are from.")
    departments = connection_field(DEPARTMENTS, "Its departments.")
    owners = connection_field(OWNERS, "The roles that own things.")
    categories = connection_field(
        CATEGORIES,
        "The outermost groups of its KPIs; `children` are the groups inside.",
        only="entry.parent_id is null",
    )
    targets = connection_field(TARGETS, "Everything its KPIs should reach.")
    initiatives = connection_field(INITIATIVES, "Its initiatives.")
    risks = connection_field(RISKS, "What may go wrong.")
    mitigations = connection_field(MITIGATIONS, "What is done about risks.")
    decisions = connection_field(DECISIONS, "What was decided.")
    action_items = connection_field(ACTION_ITEMS, "What is to be done.")
    approvals = connection_field(APPROVALS, "Who approved its reports.")

    @computed("What does not fit together in its documents, rule by rule, then by document and line.")
    async def lint(
        self,
        info: Info,
        filter: Annotated[FindingFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> list[Finding]:
        found = await info.context.loaders.findings.load(self.organization_id)
        return [Finding.shown(finding, self.organization_id) for finding in wanted(found, filter)]
