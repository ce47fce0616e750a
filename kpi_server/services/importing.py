"""Importing a file or stream of observations, events or retractions: published at once when all of it is there."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kpi_server.domain.checking import Checker
from kpi_server.domain.event import SentEvent, check_event, closed_out
from kpi_server.domain.importing.rows import Content, Read, Rows
from kpi_server.domain.period import parse_period
from kpi_server.domain.recording import Fault, Measured, Name, Sent, names_of, told_closed
from kpi_server.domain.retracting import Retraction, taken_back
from kpi_server.errors import BadInput, Conflict, Forbidden, UserError
from kpi_server.registry import Registry
from kpi_server.services.aggregation import aggregate
from kpi_server.services.events import conflict
from kpi_server.services.marking import mark
from kpi_server.services.naming import measured
from kpi_server.services.recording import RESTATE, Sender, terms_of
from kpi_server.services.retracting import Meant, find_meant
from kpi_server.services.staging import MOST_REASONS, Delivered, Delivery, Listener, Stage, silent
from kpi_server.services.standing import judge
from kpi_server.store import events, recording
from kpi_server.store import importing as store
from kpi_server.store.database import Database, Write

ACTION: Final = "import"
MANY_ROWS: Final = 10_000
"""From so many new rows on the planner is told at once, where they are many beside what it knows."""
MOST_RETRACTIONS: Final = 100_000
"""How many values one file takes back: they are held until all are there."""

_MOST_NAMES: Final = 10_000


async def deliver(
    database: Database,
    registry: Registry,
    sender: Sender,
    delivery: Delivery,
    pieces: AsyncIterator[bytes],
    *,
    listener: Listener = silent,
) -> Delivered:
    """Record what a file holds. Until the end nothing is seen of it, and nothing is left of a file that breaks off.

    Of events measures are made afterwards; an aggregate that fails takes nothing back.

    Raises:
        BadInput: the file cannot be read to its end; nothing is recorded.
    """
    rows = Rows(delivery.form, delivery.mapping, delivery.content)
    async with database.write(sender.organization_id, action=ACTION, actor=sender.principal) as write:
        stage = await _stage(write, registry, sender, delivery)
        async for piece in pieces:
            await stage.take(rows.feed(piece), listener)
        await stage.take(rows.finish(), listener)
        delivered = await stage.publish()
    if write.sequence is None:
        return delivered
    if delivered.recorded >= MANY_ROWS and await database.has_outgrown_statistics(delivered.recorded):
        await database.refresh_statistics()
    made = await aggregate(database, registry, sender.organization_id, delivery.now, kinds=delivered.kinds)
    return replace(delivered, version=write.sequence, aggregated=[one for one in made if one.periods or one.failure])


async def _stage(write: Write, registry: Registry, sender: Sender, delivery: Delivery) -> Stage:
    footing = await recording.read_terms(write)
    terms = terms_of(footing, delivery.now, restates=delivery.restates)
    if delivery.content is Content.EVENTS:
        await events.open_event_stage(write)
        return _EventStage(write, registry, sender, delivery, terms, footing.currency)
    if delivery.content is Content.RETRACTIONS:
        return _RetractionStage(write, registry, sender, delivery, terms, footing.currency)
    staged = await store.open_stage(write)
    named: dict[Name, Measured | UserError] = {}
    return _ValueStage(write, registry, sender, delivery, terms, footing.currency, staged, named, Checker(named, terms))


@dataclass
class _ValueStage(Stage):
    """Observations that wait."""

    currency: str
    staged: store.Staged
    named: dict[Name, Measured | UserError]
    checker: Checker
    has_ids: bool = False
    new: dict[str, Measured] = field(default_factory=dict)
    """The measures of which nothing was recorded before."""
    keys: set[str] = field(default_factory=set)
    """All measures that values wait of."""

    async def _take(self, rows: Sequence[Read]) -> None:
        sent = [(line, one) for line, one in rows if isinstance(one, Sent)]
        ones = [one for _, one in sent]
        await self._know(names_of(ones))
        good = self.checker.read_all([line for line, _ in sent], ones)
        self.reject(self.checker.faults, len(sent) - len(good))
        self.checker.forget()
        self.has_ids = self.has_ids or any(one.external_id is not None for one in good)
        of = {one.measure.key: one.measure for one in good}
        self.keys |= of.keys()
        self.new |= {key: measure for key, measure in of.items() if measure.id is None}
        if self.terms.closed and self.terms.are_closed({one.period for one in good}):
            self.write.action = RESTATE
        await self.staged.add(good)

    async def _know(self, names: Iterable[Name]) -> None:
        if len(self.named) > _MOST_NAMES:
            self.named.clear()
        unknown = [name for name in names if name not in self.named]
        if unknown:
            fetch, organization_id = (await self.write.driver()).fetch, self.write.organization_id
            suggests = len(self.faults) < MOST_REASONS  # no others are told
            self.named |= await measured(
                fetch, self.registry, organization_id, unknown, currency=self.currency, suggests=suggests
            )

    async def _settle(self) -> None:
        """Reject what contradicts other rows of the file, or what the source meant by an id before."""
        for closed in await self.closed_meanwhile():
            taken = await store.take_closed(self.write, closed, MOST_REASONS)
            words = [(line, told_closed(parse_period(text, self.terms.calendar), closed)) for line, text in taken.rows]
            self.reject([Fault(line, "period", Forbidden.code, why) for line, why in words], taken.count)
        repeated = await store.take_repetitions(self.write, MOST_REASONS)
        told = [(line, f"line {first} is of the same cell") for line, first in repeated.rows]
        self.reject([Fault(line, "period", Conflict.code, why) for line, why in told], repeated.count)
        if self.has_ids:
            source = self.sender.source
            foreign = await store.take_foreign(self.write, source, MOST_REASONS)
            told = [(line, f'"{one}" is the id of another value of {source}') for line, one in foreign.rows]
            self.reject([Fault(line, "externalId", Conflict.code, why) for line, why in told], foreign.count)

    async def _publish(self) -> Delivered:
        appended = recording.Appended(0, 0, ())
        if self.waiting:
            await recording.ids_of(self.write, self.new.values())
            appended = await store.publish(self.write, self.sender.source)
        if appended.touched:
            await judge(self.write, appended.touched, has_grown=True)
        new = appended.recorded + appended.corrected
        if new:
            await mark(self.write, self.registry, self.delivery.now, self.keys)
        return Delivered(appended.recorded, appended.corrected, self.waiting - new, self.rejected, self.told)


@dataclass
class _RetractionStage(Stage):
    """Values that are to be taken back."""

    currency: str
    asked: list[tuple[int, Retraction]] = field(default_factory=list)
    meant: Meant = field(default_factory=Meant)

    async def _take(self, rows: Sequence[Read]) -> None:
        self.asked += [(line, taken_back(one)) for line, one in rows if isinstance(one, Sent)]
        if len(self.asked) > MOST_RETRACTIONS:
            raise BadInput(f"a file takes back at most {MOST_RETRACTIONS:,} values: divide it")

    async def _settle(self) -> None:
        source, footing = self.sender.source, await recording.read_terms(self.write)
        self.terms = terms = terms_of(footing, self.delivery.now, restates=self.delivery.restates)
        self.meant = await find_meant(
            self.write, self.registry, source, self.asked, terms, self.currency, told="taken back by line {}"
        )
        self.reject(self.meant.faults, len({fault.index for fault in self.meant.faults}))

    async def _publish(self) -> Delivered:
        await self.meant.take_back(self.write, self.registry, self.terms, self.delivery.now)
        return Delivered(len(self.meant.standing), 0, self.meant.unchanged, self.rejected, self.told)


@dataclass
class _EventStage(Stage):
    """Events that wait."""

    currency: str
    kinds: set[str] = field(default_factory=set)
    unchanged: int = 0

    async def _take(self, rows: Sequence[Read]) -> None:
        kinds, now = self.registry.event_kinds, self.delivery.now
        sent = [(line, one) for line, one in rows if isinstance(one, SentEvent)]
        checked = [check_event(line, one, kinds, self.currency, now) for line, one in sent]
        good, closed = closed_out([event for event, _ in checked if event is not None], self.terms)
        self.reject([fault for _, wrong in checked for fault in wrong] + closed, len(sent) - len(good))
        self.kinds |= {event.kind for event in good}
        await events.stage_events(self.write, good)

    async def _settle(self) -> None:
        calendar = self.terms.calendar
        for closed in await self.closed_meanwhile():
            begin, end = calendar.midnight(closed.start), calendar.midnight(closed.end)
            taken = await events.take_closed_events(self.write, begin, end, MOST_REASONS)
            words = [(line, f"{calendar.day(moment)} lies in {closed}, which is closed") for line, moment in taken.rows]
            self.reject([Fault(line, "occurredAt", Forbidden.code, why) for line, why in words], taken.count)
        # Only appending them tells which names were another event's; what is not to be recorded is rolled back.
        appended = await events.publish_events(self.write, self.sender.source, MOST_REASONS)
        names = zip(appended.places, appended.names, strict=True)
        self.reject([conflict(line, name, self.sender.source) for line, name in names], appended.conflicts)
        self.unchanged = appended.unchanged

    async def _publish(self) -> Delivered:
        new = self.waiting - self.unchanged
        if new:
            self.write.append()
        kinds = frozenset(self.kinds) if new else frozenset[str]()
        return Delivered(new, 0, self.unchanged, self.rejected, self.told, kinds=kinds)
