"""An organization and its lists; the families add one field each when the schema is built."""

from typing import Annotated, Any, LiteralString, TypeVar

import strawberry

from kpi_server.api.arguments import checked
from kpi_server.api.connections import After, Before, Connection, First, Last, Listing, PageArguments, connect
from kpi_server.api.execution.obtaining import OBTAINED, Column, Lookup, Part
from kpi_server.api.fields import computed
from kpi_server.api.loaders import Table
from kpi_server.api.request import Info, Request
from kpi_server.api.types.alert import AlertLists
from kpi_server.api.types.analysis import AnalysisLists
from kpi_server.api.types.catalog import Category, Department, Document, KpiRow, Owner
from kpi_server.api.types.cohort import CohortLists
from kpi_server.api.types.dashboard import DashboardLists
from kpi_server.api.types.deadline import DeadlineLists
from kpi_server.api.types.decision import Approval, Decision, Mitigation, Risk
from kpi_server.api.types.enums import RiskOrder
from kpi_server.api.types.finding import Finding, FindingFilter, wanted
from kpi_server.api.types.governance import GovernanceLists
from kpi_server.api.types.health import HealthLists
from kpi_server.api.types.initiative import ActionItem, Initiative
from kpi_server.api.types.inputs import (
    KpiFilter,
    KpiOrder,
    KpiRowFilter,
    kpi_conditions,
    kpi_sort_keys,
    risk_sort_keys,
    row_conditions,
)
from kpi_server.api.types.kpi import Kpi
from kpi_server.api.types.node import Node
from kpi_server.api.types.schedule import ScheduleLists
from kpi_server.api.types.source import Source
from kpi_server.api.types.stage import StageLists
from kpi_server.api.types.statement import StatementLists
from kpi_server.api.types.target import Target
from kpi_server.services.naming import meant
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.kpi_rows import kpi_row_list
from kpi_server.store.reads.kpis import KpiConditions, kpi_list
from kpi_server.store.reads.risks import risk_list
from kpi_server.store.reads.rows import list_of

Entry = TypeVar("Entry", bound=Node)


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
    rows, clauses = kpi_list(context.now, organization.organization_id, KpiConditions())
    clauses.add(condition, value)
    listing = Listing("Kpi", f"{rows} and {clauses.conditions[-1]}", clauses)
    return connect(context, listing, PageArguments(first=1), context.kpi)


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
):
    slug: str = strawberry.field(description="Its short name in addresses.")
    name: str = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="What it is.")
    currency: str = strawberry.field(description="The ISO 4217 code that amounts without a sign are in.")
    time_zone: str = strawberry.field(description="The IANA name of the zone in which its days begin.")
    version: int = strawberry.field(
        description="The number of its last write; it grows by one with each.",
        metadata={OBTAINED: Column("sequence.last")},
    )

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

    @computed("Its KPIs, in the catalog's order unless another is wanted.")
    async def kpis(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[KpiFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
        order_by: Annotated[
            list[KpiOrder] | None, strawberry.argument(description="What they are sorted by, first to last.")
        ] = None,
    ) -> Connection[Kpi]:
        page = PageArguments(first, after, last, before)
        return await kpi_page(info, self.organization_id, page, wanted=filter, orders=order_by)

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

    @computed("The rows in which its documents list KPIs.")
    async def kpi_rows(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[KpiRowFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> Connection[KpiRow]:
        rows, clauses = kpi_row_list(self.organization_id, row_conditions(filter))
        listing = Listing(f"KpiRow:{self.organization_id}", rows, clauses)
        return connect(info.context, listing, PageArguments(first, after, last, before), KpiRow.of)

    @computed("The documents its facts are from.")
    async def documents(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Document]:
        return await self._list(info, Document, "documents", PageArguments(first, after, last, before))

    @computed("Its departments.")
    async def departments(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Department]:
        return await self._list(info, Department, "departments", PageArguments(first, after, last, before))

    @computed("The roles that own things.")
    async def owners(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Owner]:
        return await self._list(info, Owner, "owners", PageArguments(first, after, last, before))

    @computed("The outermost groups of its KPIs; `children` are the groups inside.")
    async def categories(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Category]:
        page = PageArguments(first, after, last, before)
        return await self._list(info, Category, "categories", page, condition="entry.parent_id is null")

    @computed("Everything its KPIs should reach.")
    async def targets(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Target]:
        return await self._list(info, Target, "targets", PageArguments(first, after, last, before))

    @computed("Its initiatives.")
    async def initiatives(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Initiative]:
        return await self._list(info, Initiative, "initiatives", PageArguments(first, after, last, before))

    @computed("What may go wrong.")
    async def risks(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: Annotated[
            RiskOrder, strawberry.argument(description="What they are sorted by.")
        ] = RiskOrder.POSITION,
    ) -> Connection[Risk]:
        clauses = Clauses()
        clauses.add("risk.organization_id = {}::bigint", self.organization_id)
        keys = risk_sort_keys(order_by)
        listing = Listing(f"Risk:{self.organization_id}:{order_by.value}", risk_list(clauses), clauses, keys)
        return connect(info.context, listing, PageArguments(first, after, last, before), Risk.assessed)

    @computed("What is done about risks.")
    async def mitigations(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Mitigation]:
        return await self._list(info, Mitigation, "mitigations", PageArguments(first, after, last, before))

    @computed("What was decided.")
    async def decisions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Decision]:
        return await self._list(info, Decision, "decisions", PageArguments(first, after, last, before))

    @computed("What is to be done.")
    async def action_items(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ActionItem]:
        return await self._list(info, ActionItem, "action_items", PageArguments(first, after, last, before))

    @computed("Who approved its reports.")
    async def approvals(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Approval]:
        return await self._list(info, Approval, "approvals", PageArguments(first, after, last, before))

    @computed("What does not fit together in its documents, rule by rule, then by document and line.")
    async def lint(
        self,
        info: Info,
        filter: Annotated[FindingFilter | None, strawberry.argument(description="Which are wanted.")] = None,  # noqa: A002
    ) -> list[Finding]:
        found = await info.context.loaders.findings.load(self.organization_id)
        return [Finding.shown(finding, self.organization_id) for finding in wanted(found, filter)]

    async def _list(
        self,
        info: Info,
        kind: type[Entry],
        table: Table,
        page: PageArguments,
        *,
        condition: LiteralString | None = None,
    ) -> Connection[Entry]:
        """A page of one table's rows in document order."""
        clauses = Clauses()
        clauses.add("entry.organization_id = {}::bigint", self.organization_id)
        if condition is not None:
            clauses.add_plain(condition)
        listing = Listing(f"{kind.__name__}:{self.organization_id}", list_of(table, clauses), clauses)
        return connect(info.context, listing, page, kind.of)


async def kpi_page(
    info: Info,
    organization_id: int,
    page: PageArguments,
    *,
    wanted: KpiFilter | None,
    orders: list[KpiOrder] | None,
    family: str | None = None,
) -> Connection[Kpi]:
    """A page of an organization's KPIs, or of one family's."""
    keys = kpi_sort_keys(orders)
    rows, clauses = kpi_list(info.context.now, organization_id, kpi_conditions(wanted, family=family))
    ways = ",".join(f"{key.column}{'-' if key.descending else '+'}" for key in keys)
    listing = Listing(f"Kpi:{organization_id}:{ways}", rows, clauses, keys)
    return connect(info.context, listing, page, info.context.kpi)
