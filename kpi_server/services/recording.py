"""Recording what systems send: check everything, write what is new in one transaction, bring standings up to date."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from kpi_server.domain.checking import check
from kpi_server.domain.recording import Fault, Recordable, Sent, Terms, names_of
from kpi_server.errors import Conflict
from kpi_server.registry import Registry
from kpi_server.services.marking import mark
from kpi_server.services.naming import measured
from kpi_server.services.standing import judge
from kpi_server.store import recording as store
from kpi_server.store.database import Database, Write

ACTION: Final = "record"
RESTATE: Final = "restate"
"""What writes are called that change values of closed periods."""


@dataclass(frozen=True)
class Sender:
    """Who records, for which organization, and the system that the values come from."""

    organization_id: int
    principal_id: int
    principal: str
    source: str


@dataclass(frozen=True)
class Call:
    """What one call asks for."""

    sent: Sequence[Sent]
    atomic: bool
    idempotency_key: str | None
    now: datetime
    restates: bool = False

    def digest(self, source: str) -> bytes:
        """Equal for calls that say the same."""
        said = repr((source, self.atomic, [tuple(one) for one in self.sent], *("restate",) * self.restates))
        return hashlib.sha256(said.encode()).digest()


@dataclass(frozen=True)
class Receipt:
    """What a call did; `batch_id` names the write, None when there was nothing to write."""

    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0
    version: int = 0
    batch_id: int | None = None
    faults: tuple[Fault, ...] = ()


async def record(database: Database, registry: Registry, sender: Sender, call: Call) -> Receipt:
    """Record what can be recorded, all of it or nothing when the call is atomic.

    What the source has stated before, word for word, is left as it is; another value or another text is a correction,
    a row of its own. Writes to one organization wait for each other, so that two equal calls at once record once.

    Raises:
        Conflict: the idempotency key was used for another call in the last 24 hours.
    """
    async with database.write_in_turn(sender.organization_id, action=ACTION, actor=sender.principal) as write:
        footing = await store.read_terms(write)
        repeated = await _repeated(write, sender, call)
        if repeated is not None:
            return repeated
        terms = terms_of(footing, call.now, restates=call.restates)
        checked, wrong = await _checked(write, registry, call, terms, footing.currency)
        good, foreign = await _own_ids(write, sender.source, checked)
        faults = sorted([*wrong, *foreign], key=lambda fault: fault.index)
        if faults and call.atomic:
            return Receipt(version=footing.version, faults=tuple(faults))
        if terms.are_closed(one.period for one in good):
            write.action = RESTATE
        receipt = await state(write, sender.source, good)
        if receipt.batch_id is not None:
            await mark(write, registry, call.now, {one.measure.key for one in good})
        receipt = Receipt(**{**vars(receipt), "faults": tuple(faults), "version": footing.version})
        if call.idempotency_key is not None:
            await _remember(write, sender, call, receipt)
    return Receipt(**{**vars(receipt), "version": write.sequence or receipt.version})


async def _own_ids(
    write: Write, source: str, good: Sequence[Recordable]
) -> tuple[Sequence[Recordable], Sequence[Fault]]:
    """The values whose external id is new or means the same as ever, and a fault for each of the others."""
    external_ids = [one.external_id for one in good if one.external_id is not None]
    if not external_ids:
        return good, []
    meant = await store.read_external(write, source, external_ids)
    foreign = {one.place for one in good if meant.get(one.external_id or "", (0, one.cell))[1] != one.cell}
    faults = [
        Fault(one.place, "externalId", Conflict.code, f'"{one.external_id}" is {source}\'s id of another value')
        for one in good
        if one.place in foreign
    ]
    return [one for one in good if one.place not in foreign], faults


def terms_of(footing: store.Footing, now: datetime, *, restates: bool) -> Terms:
    """What the organization takes at this moment."""
    return Terms(footing.calendar.day(now), footing.calendar, footing.closed, restates, footing.segment_keys)


async def _checked(
    write: Write, registry: Registry, call: Call, terms: Terms, currency: str
) -> tuple[Sequence[Recordable], Sequence[Fault]]:
    fetch = (await write.driver()).fetch
    named = await measured(fetch, registry, write.organization_id, names_of(call.sent), currency=currency)
    return check(call.sent, named, terms)


async def state(write: Write, source: str, good: Sequence[Recordable]) -> Receipt:
    """Record what is new of these values, and bring standings up to date."""
    if not good:
        return Receipt()
    ids = await store.ids_of(write, {one.measure.key: one.measure for one in good}.values())
    appended = await store.append(write, source, good, ids)
    new = appended.recorded + appended.corrected
    if new:
        await store.keep_external(write, source, [one for one in good if one.external_id is not None], ids)
    if appended.touched:
        await judge(write, appended.touched, has_grown=True)
    return Receipt(
        recorded=appended.recorded,
        corrected=appended.corrected,
        unchanged=len(good) - new,
        batch_id=write.batch_id if new else None,
    )


async def _repeated(write: Write, sender: Sender, call: Call) -> Receipt | None:
    """The receipt of the call that bore this key first, or None."""
    if call.idempotency_key is None:
        return None
    found = await store.read_repetition(write, sender.principal_id, call.idempotency_key, call.now)
    if found is None:
        return None
    if found.digest != call.digest(sender.source):
        raise Conflict(
            f'The idempotency key "{call.idempotency_key}" was used for another call in the last 24 hours: '
            "send each new call under a key of its own."
        )
    answer: dict[str, Any] = dict(found.answer)
    faults = tuple(Fault(**fault) for fault in answer.pop("faults"))
    receipt = Receipt(**answer, faults=faults)
    return Receipt(**{**vars(receipt), "version": await store.number_of(write, receipt.batch_id) or receipt.version})


async def _remember(write: Write, sender: Sender, call: Call, receipt: Receipt) -> None:
    key = call.idempotency_key or ""
    first = store.Repetition(call.digest(sender.source), asdict(receipt))
    await store.keep_repetition(write, sender.principal_id, key, call.now, first)
