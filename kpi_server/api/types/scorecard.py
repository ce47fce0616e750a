"""A scorecard: some KPIs of an organization, where they stand, and how many stand how."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import strawberry

from kpi_server.api.arguments import checked, segment_text
from kpi_server.api.connections import After, Before, Connection, First, Last, PageArguments
from kpi_server.api.execution.obtaining import OBTAINED, Column, Listed
from kpi_server.api.fields import computed
from kpi_server.api.lists.filters import add_conditions
from kpi_server.api.lists.rows import Wanted, listed
from kpi_server.api.request import Info, Request
from kpi_server.api.types.kpi import Kpi
from kpi_server.api.types.kpis import KPIS
from kpi_server.api.types.score import KpiCounts
from kpi_server.errors import BadInput
from kpi_server.services.naming import check_kpis
from kpi_server.store.reads.clauses import Clauses, Moment
from kpi_server.store.reads.kpis import kpi_clauses, kpi_list, statuses

MOST_KEYS = 100


@strawberry.input(description="Which KPIs a scorecard shows, and by which of their figures; {} shows all as a whole.")
class ScorecardInput:
    kpis: list[str] | None = strawberry.field(
        default=None,
        description='Only the KPIs of these keys, at most 100: ["financial.arr"]. A key that no KPI has is an error.',
    )
    filter: KPIS.filter_type | None = strawberry.field(  # type: ignore[name-defined]
        default=None, description="Only those that are like this."
    )
    segment: str | None = strawberry.field(
        default=None,
        description='Only those with a figure or target in this segment ("plan=enterprise"), by which they are then '
        "filtered, sorted and counted; nothing is the whole.",
    )


@strawberry.type(description="Some KPIs of an organization as they stand.")
class Scorecard:
    organization_id: strawberry.Private[int]
    wanted: strawberry.Private[ScorecardInput]
    version: int = strawberry.field(
        description="The number of the organization's last write: see Organization.version.",
        metadata={OBTAINED: Column("sequence.last")},
    )

    @classmethod
    def asked(cls, organization_id: int, given: Mapping[str, Any]) -> Self:
        """One of which only the question is known: enough for all that is asked of it."""
        return cls(organization_id=organization_id, wanted=given["input"], version=0)

    def clauses(self) -> Clauses:
        """The conditions of its KPIs, the filter's aside."""
        wanted = self.wanted
        clauses = kpi_clauses(Moment.NOW, self.organization_id, segment=segment_text(wanted.segment))
        if wanted.segment is not None:
            clauses.add_plain("standing.kpi_id is not null")
        if wanted.kpis is not None:
            clauses.add("kpi.key = any ({}::text[])", wanted.kpis)
        return clauses

    @computed("Its KPIs, in the catalog's order unless another is wanted.", obtained=Listed())
    def kpis(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        order_by: Annotated[
            list[KPIS.order_type] | None,  # type: ignore[name-defined]
            strawberry.argument(description="What they are sorted by, first to last."),
        ] = None,
    ) -> Connection[Kpi]:
        wanted = Wanted(self.organization_id, self.clauses(), self.wanted.filter, order_by)
        return listed(info, KPIS, PageArguments(first, after, last, before), wanted, entry=info.context.kpi)

    @computed("How many of them stand how, on whichever page.")
    async def counts(self, info: Info) -> KpiCounts:
        clauses = self.clauses()
        add_conditions(
            clauses,
            self.wanted.filter,
            columns=KPIS.columns,
            questions=KPIS.questions,
            organization_id=self.organization_id,
        )
        return KpiCounts.of(await statuses(info.context.fetch, kpi_list(clauses), clauses))


async def check_keys(context: Request, organization_id: int, given: Mapping[str, Any]) -> None:
    """Nothing, where the organization has all KPIs that are wanted by key.

    Raises:
        BadInput: there are too many keys, or one is no text that could be a key.
        NotFound: some are no KPI's that the caller sees; the message names them all.
    """
    keys = given["input"].kpis
    if keys is None:
        return
    if len(keys) > MOST_KEYS:
        raise BadInput(f"`kpis` holds at most {MOST_KEYS} keys, not {len(keys)}")
    wanted = [checked(key, "kpis") for key in keys]
    await check_kpis(context.fetch, context.registry, organization_id, wanted)


async def shown(info: Info, organization_id: int, wanted: ScorecardInput) -> Scorecard | None:
    """The scorecard of an organization, as it stands."""
    await check_keys(info.context, organization_id, {"input": wanted})
    row = await info.context.loaders.organizations.load(organization_id)
    return None if row is None else Scorecard(organization_id=organization_id, wanted=wanted, version=row["version"])
