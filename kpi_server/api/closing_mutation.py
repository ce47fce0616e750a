"""Closing periods, and opening them again."""

from typing import Annotated

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.recorders import administrator
from kpi_server.api.request import Info
from kpi_server.api.scalars import SentPeriod
from kpi_server.api.types.closed_period import ClosedPeriod
from kpi_server.api.types.problem import PeriodError, UserError
from kpi_server.domain.closing import MOST_PERIODS
from kpi_server.errors import BadInput
from kpi_server.services.closing import CLOSE, OPEN, ClosingReceipt


@strawberry.input(description="Periods of an organization.")
class PeriodsInput:
    organization: str = strawberry.field(description="The organization, by its short name.")
    periods: list[SentPeriod] = strawberry.field(description="The periods, 1 to 100; in fiscal years by their names.")


@strawberry.type(description="Which periods were closed or opened.")
class PeriodsPayload:
    changed: int = strawberry.field(description="How many periods were closed, or opened.")
    unchanged: int = strawberry.field(description="How many were so before.")
    version: int = strawberry.field(description="The number of the organization's last write after this one.")
    errors: list[UserError] = strawberry.field(description="Everything that is wrong: nothing is done then.")
    organization_id: strawberry.Private[int]

    @computed("The periods that are closed now, the earliest first.")
    async def closed_periods(self, info: Info) -> list[ClosedPeriod]:
        rows = await info.context.loaders.closed_periods.load(self.organization_id)
        return [ClosedPeriod.of(row) for row in rows]


Periods = Annotated[PeriodsInput, strawberry.argument(description="The periods.")]


@strawberry.type(description="What administrators may change about periods.")
class ClosingMutation:
    @computed(
        "Close periods that have ended: what is recorded in one, or in a part of it, is refused unless it is restated. "
        "For administrators."
    )
    async def close_periods(self, info: Info, input: Periods) -> PeriodsPayload:  # noqa: A002
        return await _change(info, input, CLOSE)

    @computed("Open closed periods again, so that their values may change. For administrators.")
    async def reopen_periods(self, info: Info, input: Periods) -> PeriodsPayload:  # noqa: A002
        return await _change(info, input, OPEN)


async def _change(info: Info, given: PeriodsInput, action: str) -> PeriodsPayload:
    grant = administrator(info.context.scope, given.organization, "Closing and opening periods")
    count = len(given.periods)
    if not 1 <= count <= MOST_PERIODS:
        raise BadInput(f"`periods` holds 1 to {MOST_PERIODS} periods, not {count}")
    receipt = await info.context.change_closing(grant.organization_id, given.periods, action)
    return _payload(grant.organization_id, receipt)


def _payload(organization_id: int, receipt: ClosingReceipt) -> PeriodsPayload:
    return PeriodsPayload(
        changed=receipt.changed,
        unchanged=receipt.unchanged,
        version=receipt.version,
        errors=[PeriodError.of(fault) for fault in receipt.faults],
        organization_id=organization_id,
    )
