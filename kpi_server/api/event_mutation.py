"""Recording events: single things that happened, from which families make measures."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.recorders import check_restates, sending
from kpi_server.api.request import Info, Request
from kpi_server.api.scalars import SentDateTime, SentDecimal
from kpi_server.api.types.problem import EventError, UserError
from kpi_server.domain.event import MOST_EVENTS, SentEvent
from kpi_server.services.events import EventCall, EventReceipt


@strawberry.input(description="What an event may be told apart by.")
class AttributeInput:
    key: str = strawberry.field(description="What it is: plan, region.")
    value: str = strawberry.field(description="Its value: enterprise.")


@strawberry.input(description="A single thing that happened.")
class EventInput:
    kind: str = strawberry.field(description="What happened, as families call it: session, request, subscription.")
    subject: str = strawberry.field(description="Whom or what it is about, by the sender's own id: a user, a customer.")
    occurred_at: SentDateTime = strawberry.field(description="When it happened.")
    external_id: str = strawberry.field(description="The sender's own id of the event; sent again, it counts once.")
    amount: SentDecimal | None = strawberry.field(
        default=None, description="How much, in the unit of its kind: seconds, money; null where its kind has none."
    )
    currency: str | None = strawberry.field(
        default=None, description="The ISO 4217 code of money in another currency than the organization's."
    )
    attributes: list[AttributeInput] = strawberry.field(
        default_factory=list, description="What it may be told apart by, at most 20."
    )


@strawberry.input(description="The events that a system records.")
class RecordEventsInput:
    organization: str = strawberry.field(description="The organization, by its short name.")
    source: str = strawberry.field(description="The system that the events come from.")
    events: list[EventInput] = strawberry.field(description="The events, 1 to 10,000.")
    atomic: bool = strawberry.field(
        default=True, description="Whether one mistake keeps all of them from being recorded, or only the wrong ones."
    )
    restate: bool = strawberry.field(
        default=False, description="Whether events of closed periods are recorded too. For administrators."
    )


@strawberry.type(description="What was recorded.")
class RecordEventsPayload:
    recorded: int = strawberry.field(description="How many events are new.")
    unchanged: int = strawberry.field(description="How many the source had sent before.")
    version: int = strawberry.field(description="The number of the organization's last write after this one.")
    errors: list[UserError] = strawberry.field(description="Everything that is wrong, all at once; empty is good.")


@strawberry.type(description="What callers may change about events.")
class EventMutation:
    @computed(
        "Record events, from which measures are made: sessions, requests, subscriptions. An event counts once, however "
        "often it is sent, and never changes. For administrators, integrators and services."
    )
    async def record_events(
        self,
        info: Info,
        input: Annotated[RecordEventsInput, strawberry.argument(description="The events.")],  # noqa: A002
    ) -> RecordEventsPayload:
        raise NotImplementedError  # declares the field; `without_conversion` puts `record` in its place


async def record(_root: None, info: Any, *, input: Mapping[str, Any]) -> RecordEventsPayload:  # noqa: A002
    """What `recordEvents` answers to its input as GraphQL read it."""
    context: Request = info.context
    grant, sender = sending(context.scope, input, of="events", things="events", most=MOST_EVENTS)
    check_restates(grant, restates=input["restate"])
    call = EventCall(_sent(input["events"]), input["atomic"], context.now, input["restate"])
    return _payload(await context.record_events(sender, call))


def _sent(events: Sequence[Mapping[str, Any]]) -> list[SentEvent]:
    return [
        SentEvent(
            one["kind"],
            one["subject"],
            one["occurredAt"],
            one["externalId"],
            one.get("amount"),
            one.get("currency"),
            [(attribute["key"], attribute["value"]) for attribute in one.get("attributes") or ()],
        )
        for one in events
    ]


def _payload(receipt: EventReceipt) -> RecordEventsPayload:
    return RecordEventsPayload(
        recorded=receipt.recorded,
        unchanged=receipt.unchanged,
        version=receipt.version,
        errors=[EventError.of(fault) for fault in receipt.faults],
    )
