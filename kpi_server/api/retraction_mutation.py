"""Retracting observations: a source takes back what it recorded."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.recorders import check_restates, sending
from kpi_server.api.request import Info, Request
from kpi_server.api.scalars import SentPeriod
from kpi_server.api.types.problem import ObservationError, UserError
from kpi_server.domain.recording import MOST_OBSERVATIONS
from kpi_server.domain.retracting import Retraction
from kpi_server.services.retracting import RetractionCall, RetractionReceipt


@strawberry.input(description="A value to take back: what it is of, or the id under which it was recorded.")
class RetractionInput:
    kpi: str | None = strawberry.field(default=None, description="The KPI that the value is of, by key or name.")
    measure: str | None = strawberry.field(default=None, description="The measure that it is of, by key or name.")
    period: SentPeriod | None = strawberry.field(default=None, description="The period that it is of.")
    segment: str | None = strawberry.field(
        default=None, description='The segment, such as "plan=enterprise"; nothing is the whole.'
    )
    external_id: str | None = strawberry.field(
        default=None, description="In place of all these the source's own id of the value."
    )


@strawberry.input(description="The values that a system takes back.")
class RetractObservationsInput:
    organization: str = strawberry.field(description="The organization, by its short name.")
    source: str = strawberry.field(description="The system that recorded the values; others' are not touched.")
    observations: list[RetractionInput] = strawberry.field(description="The values, 1 to 10,000.")
    atomic: bool = strawberry.field(
        default=True, description="Whether one mistake keeps all of them from being retracted, or only the wrong ones."
    )
    restate: bool = strawberry.field(
        default=False, description="Whether values of closed periods are taken back too. For administrators."
    )


@strawberry.type(description="What was taken back.")
class RetractObservationsPayload:
    retracted: int = strawberry.field(description="How many values were taken back.")
    unchanged: int = strawberry.field(description="How many had been taken back before.")
    version: int = strawberry.field(description="The number of the organization's last write after this one.")
    errors: list[UserError] = strawberry.field(description="Everything that is wrong, all at once; empty is good.")


@strawberry.type(description="What callers may change about what is recorded.")
class RetractionMutation:
    @computed(
        "Take back values that a system recorded. What another source states of the same KPI, segment and period then "
        "stands again, else nothing does; the past stays as it was. Sent again it changes nothing. For administrators, "
        "integrators and services."
    )
    async def retract_observations(
        self,
        info: Info,
        input: Annotated[RetractObservationsInput, strawberry.argument(description="The values.")],  # noqa: A002
    ) -> RetractObservationsPayload:
        raise NotImplementedError  # declares the field; `without_conversion` puts `retract` in its place


async def retract(_root: None, info: Any, *, input: Mapping[str, Any]) -> RetractObservationsPayload:  # noqa: A002
    """What `retractObservations` answers to its input as GraphQL read it."""
    context: Request = info.context
    grant, sender = sending(context.scope, input, of="observations", things="values", most=MOST_OBSERVATIONS)
    check_restates(grant, restates=input["restate"])
    sent = [_sent(one.get) for one in input["observations"]]
    call = RetractionCall(sent, input["atomic"], context.now, input["restate"])
    return _payload(await context.retract(sender, call))


def _sent(given: Callable[[str], Any]) -> Retraction:
    return Retraction(given("kpi"), given("measure"), given("period"), given("segment"), given("externalId"))


def _payload(receipt: RetractionReceipt) -> RetractObservationsPayload:
    return RetractObservationsPayload(
        retracted=receipt.retracted,
        unchanged=receipt.unchanged,
        version=receipt.version,
        errors=[ObservationError.of(fault) for fault in receipt.faults],
    )
