"""Recording events: check everything, write what is new in one transaction; an event never changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kpi_server.domain.event import Event, SentEvent, check_events, closed_out
from kpi_server.domain.recording import Fault
from kpi_server.errors import Conflict
from kpi_server.registry import Registry
from kpi_server.services.recording import Sender, terms_of
from kpi_server.store import events as store
from kpi_server.store.database import Database, Write
from kpi_server.store.recording import read_terms

ACTION = "record events"


@dataclass(frozen=True)
class EventReceipt:
    """What a call did; `kinds` are those of which there may be new events."""

    recorded: int = 0
    unchanged: int = 0
    version: int = 0
    kinds: frozenset[str] = frozenset()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class EventCall:
    """What one call asks for."""

    sent: Sequence[SentEvent]
    atomic: bool
    now: datetime
    restates: bool = False


async def record_events(database: Database, registry: Registry, sender: Sender, call: EventCall) -> EventReceipt:
    """Record the events that can be taken, all of them or nothing when the call is atomic.

    An event that its source has named before is left as it is when it says the same, and refused when it says another.
    """
    async with database.write_in_turn(sender.organization_id, action=ACTION, actor=sender.principal) as write:
        footing = await read_terms(write)
        checked, wrong = check_events(call.sent, registry.event_kinds, footing.currency, call.now)
        good, closed = closed_out(checked, terms_of(footing, call.now, restates=call.restates))
        faults = sorted([*wrong, *closed], key=_place)
        receipt = EventReceipt(version=footing.version, faults=tuple(faults))
        if good and not (call.atomic and faults):
            receipt = await _write(write, sender.source, good, receipt, atomic=call.atomic)
    return EventReceipt(**{**vars(receipt), "version": write.sequence or receipt.version})


async def _write(
    write: Write, source: str, good: Sequence[Event], before: EventReceipt, *, atomic: bool
) -> EventReceipt:
    appended = await store.append_events(write, source, good)
    conflicts = [conflict(good[place - 1].place, good[place - 1].external_id, source) for place in appended.places]
    faults = tuple(sorted([*before.faults, *conflicts], key=_place))
    if conflicts and atomic:
        return EventReceipt(version=before.version, faults=faults)  # what was written is rolled back
    new = len(good) - appended.unchanged - len(conflicts)
    if new:
        write.append()
    return EventReceipt(
        recorded=new,
        unchanged=appended.unchanged,
        version=before.version,
        kinds=frozenset(event.kind for event in good) if new else frozenset(),
        faults=faults,
    )


def conflict(place: int, external_id: str, source: str) -> Fault:
    """The fault of an event whose name was another's."""
    words = f'"{external_id}" is {source}\'s name of an event that says something else; events do not change'
    return Fault(place, "externalId", Conflict.code, words)


def _place(fault: Fault) -> int:
    return fault.index
