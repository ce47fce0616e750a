"""What callers may change."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLSchema

from kpi_server.api.arguments import DEFAULT_PAGE, LARGEST_PAGE
from kpi_server.api.closing_mutation import ClosingMutation
from kpi_server.api.event_mutation import EventMutation
from kpi_server.api.event_mutation import record as record_events
from kpi_server.api.execution.asking import DECLARED
from kpi_server.api.fields import computed
from kpi_server.api.recorders import check_restates, sending
from kpi_server.api.request import Info, Request
from kpi_server.api.retraction_mutation import RetractionMutation, retract
from kpi_server.api.scalars import SentDecimal, SentPeriod
from kpi_server.api.types.observation import Observation
from kpi_server.api.types.problem import ObservationError, UserError
from kpi_server.domain.access import Grant
from kpi_server.domain.recording import MOST_OBSERVATIONS, Sent, unfit
from kpi_server.errors import BadInput
from kpi_server.services.recording import Call, Receipt
from kpi_server.store.sql import statement


@strawberry.input(description="One value for a period, of a KPI or of a measure: one of the two is named.")
class ObservationInput:
    kpi: str | None = strawberry.field(
        default=None, description='The KPI: "financial.arr", or a name such as "ARR". Its number is recorded as it is.'
    )
    measure: str | None = strawberry.field(
        default=None, description='The measure: "financial.new_mrr", or a name of it. Metrics are calculated from them.'
    )
    period: SentPeriod = strawberry.field(description="The period it is of; it must have begun.")
    segment: str | None = strawberry.field(
        default=None, description='The segment, such as "plan=enterprise"; nothing is the whole.'
    )
    value: SentDecimal | None = strawberry.field(
        default=None,
        description="The number in its unit: ratios are fractions, durations seconds, money whole units.",
    )
    currency: str | None = strawberry.field(
        default=None, description="Of a measure of money: the currency it is in, such as USD; else the organization's."
    )
    sketch: str | None = strawberry.field(
        default=None,
        description='In place of a value, of a measure that is recorded as sketches: "DISTINCT 17:3 204:1".',
    )
    text: str | None = strawberry.field(default=None, description="Its words; else the number for reading.")
    external_id: str | None = strawberry.field(
        default=None, description="The sender's own id of the value; one id means one KPI, segment and period."
    )


@strawberry.input(description="The values that a system records.")
class RecordObservationsInput:
    organization: str = strawberry.field(description="The organization, by its short name.")
    source: str = strawberry.field(
        description="The system that the values come from. Of several, precedence decides, else who came last."
    )
    observations: list[ObservationInput] = strawberry.field(description="The values, 1 to 10,000.")
    atomic: bool = strawberry.field(
        default=True, description="Whether one mistake keeps all of them from being recorded, or only the wrong ones."
    )
    restate: bool = strawberry.field(
        default=False, description="Whether values of closed periods are recorded too. For administrators."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A name of this call, kept for 24 hours: sent again, it is answered as it was and changes nothing.",
    )


@strawberry.type(description="What was recorded.")
class RecordObservationsPayload:
    recorded: int = strawberry.field(description="How many values are new.")
    unchanged: int = strawberry.field(description="How many the source had stated before, word for word.")
    corrected: int = strawberry.field(description="How many take the place of another value of the same source.")
    version: int = strawberry.field(description="The number of the organization's last write after this one.")
    errors: list[UserError] = strawberry.field(description="Everything that is wrong, all at once; empty is good.")
    organization_id: strawberry.Private[int]
    batch_id: strawberry.Private[int | None]

    @computed("The first of the observations that this call added, in the order in which they were sent.")
    async def observations(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="So many of them, 1 to 100.")] = DEFAULT_PAGE,
    ) -> list[Observation]:
        if not 1 <= first <= LARGEST_PAGE:
            raise BadInput(f"`first` is between 1 and {LARGEST_PAGE}, not {first}")
        if self.batch_id is None:
            return []
        rows = await info.context.fetch(statement("observations_of_batch"), self.organization_id, self.batch_id, first)
        return [Observation.of(row) for row in rows]


@strawberry.type(description="What callers may change; each field is one write, all of it or nothing.")
class Mutation(RetractionMutation, ClosingMutation, EventMutation):
    @computed(
        "Record values that systems measure. What is sent again changes nothing; another value for the same KPI, "
        "segment, period and source corrects it, and the one before is kept. For administrators, integrators and "
        "services."
    )
    async def record_observations(
        self,
        info: Info,
        input: Annotated[RecordObservationsInput, strawberry.argument(description="The values.")],  # noqa: A002
    ) -> RecordObservationsPayload:
        raise NotImplementedError  # declares the field; `without_conversion` puts `_record` in its place


def without_conversion(schema: GraphQLSchema) -> None:
    """Give mutations their input as GraphQL read it: making an object of each of 10,000 values takes a second."""
    mutation = schema.mutation_type
    if mutation is not None:
        for name, resolve in _RESOLVERS.items():
            field = mutation.fields[name]
            field.resolve = resolve
            field.extensions = {key: value for key, value in field.extensions.items() if key != DECLARED}


async def _record(_root: None, info: Any, *, input: Mapping[str, Any]) -> RecordObservationsPayload:  # noqa: A002
    context: Request = info.context
    grant, sender = sending(context.scope, input, of="observations", things="values", most=MOST_OBSERVATIONS)
    _check_key(input.get("idempotencyKey"))
    check_restates(grant, restates=input["restate"])
    sent = sent_values(input["observations"])
    call = Call(sent, input["atomic"], input.get("idempotencyKey"), context.now, input["restate"])
    return _payload(grant, await context.record(sender, call))


def sent_values(observations: Sequence[Sent | Mapping[str, Any]]) -> list[Sent]:
    """What is sent by observations as GraphQL read them, or as long lists of them are read (`variables.py`)."""
    return [one if isinstance(one, Sent) else _sent(one.get) for one in observations]


def _sent(given: Callable[[str], Any]) -> Sent:
    return Sent(
        given("kpi"),
        given("period"),
        given("value"),
        given("segment"),
        given("text"),
        given("externalId"),
        given("measure"),
        given("currency"),
        given("sketch"),
    )


def _check_key(key: str | None) -> None:
    """Nothing, for a key under which a call may be repeated.

    Raises:
        BadInput: it is no name.
    """
    if key is not None and (fault := unfit(key)):
        raise BadInput(f"`idempotencyKey`: {fault}")


def _payload(grant: Grant, receipt: Receipt) -> RecordObservationsPayload:
    return RecordObservationsPayload(
        recorded=receipt.recorded,
        unchanged=receipt.unchanged,
        corrected=receipt.corrected,
        version=receipt.version,
        errors=[ObservationError.of(fault) for fault in receipt.faults],
        organization_id=grant.organization_id,
        batch_id=receipt.batch_id,
    )


_RESOLVERS: Final = MappingProxyType(
    {"recordObservations": _record, "retractObservations": retract, "recordEvents": record_events}
)
