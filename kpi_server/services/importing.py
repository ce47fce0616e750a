"""Importing a file or stream of observations: checked and staged as it arrives, published at once under one number."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Final

from kpi_server.domain.importing.rows import Format, Read, Rows
from kpi_server.domain.period import parse_period
from kpi_server.domain.recording import Checker, Fault, Measured, Name, Sent, Terms, told_closed
from kpi_server.errors import BadInput, Conflict, Forbidden, UserError
from kpi_server.registry import Registry
from kpi_server.services.marking import mark
from kpi_server.services.naming import measured
from kpi_server.services.recording import RESTATE, Sender, terms_of
from kpi_server.services.standing import judge
from kpi_server.store import importing as store
from kpi_server.store import recording
from kpi_server.store.database import Database, Write

ACTION: Final = "import"
MOST_REASONS: Final = 1_000
TOGETHER: Final = 5_000
MANY_ROWS: Final = 10_000
"""From so many new rows on the planner is told at once, where they are many beside what it knows."""

_MOST_NAMES: Final = 10_000


@dataclass(frozen=True)
class Delivery:
    """What a file is and what is to become of it; without `atomic` the good rows are recorded and the others told."""

    form: Format
    now: datetime
    name: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    atomic: bool = False
    rehearses: bool = False
    """Whether nothing is to be recorded: everything is checked and told as if it were."""
    restates: bool = False


@dataclass(frozen=True)
class Delivered:
    """What became of a file; faults are by line, the first of them."""

    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0
    rejected: int = 0
    faults: Sequence[Fault] = ()
    version: int | None = None


Listener = Callable[[int, int], None]
"""Told after each step how many rows were read and how many of them rejected."""


def silent(_read: int, _rejected: int) -> None:
    """A listener that does nothing."""


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

    Raises:
        BadInput: the file cannot be read to its end; nothing is recorded.
    """
    async with database.write(sender.organization_id, action=ACTION, actor=sender.principal) as write:
        await store.open_stage(write)
        stage = await _stage(write, registry, delivery)
        rows = Rows(delivery.form, delivery.mapping)
        async for piece in pieces:
            await stage.take(rows.feed(piece), listener)
        await stage.take(rows.finish(), listener)
        delivered = await _publish(write, sender.source, delivery, stage)
    if delivered.recorded >= MANY_ROWS and await database.has_outgrown_statistics(delivered.recorded):
        await database.refresh_statistics()
    return delivered if write.sequence is None else Delivered(**{**vars(delivered), "version": write.sequence})


async def _stage(write: Write, registry: Registry, delivery: Delivery) -> "_Stage":
    footing = await recording.read_terms(write)
    terms = terms_of(footing, delivery.now, restates=delivery.restates)
    named: dict[Name, Measured | UserError] = {}
    return _Stage(write, registry, footing.currency, named, terms, Checker(named, terms))


@dataclass
class _Stage:
    """What was read so far: the rows that wait, and what is wrong with the others."""

    write: Write
    registry: Registry
    currency: str
    named: dict[Name, Measured | UserError]
    terms: Terms
    checker: Checker
    read: int = 0
    rejected: int = 0
    has_ids: bool = False
    faults: list[Fault] = field(default_factory=list)
    new: dict[str, Measured] = field(default_factory=dict)
    """The measures of which nothing was recorded before."""
    keys: set[str] = field(default_factory=set)
    """All measures that values wait of."""

    @property
    def waiting(self) -> int:
        return self.read - self.rejected

    async def take(self, rows: Iterable[Read], listener: Listener) -> None:
        source = iter(rows)
        while together := list(islice(source, TOGETHER)):
            await self._take(together)
            listener(self.read, self.rejected)

    async def _take(self, rows: Sequence[Read]) -> None:
        sent = [(line, one) for line, one in rows if isinstance(one, Sent)]
        self.reject([Fault(line, "", one.code, one.message) for line, one in rows if isinstance(one, BadInput)])
        await self._know({one.name for _, one in sent})
        good = [checked for line, one in sent if (checked := self.checker.read(line, one)) is not None]
        self.read += len(rows)
        self.reject(self.checker.faults, len(sent) - len(good))
        self.checker.forget()
        self.has_ids = self.has_ids or any(one.external_id is not None for one in good)
        self.keys |= {one.measure.key for one in good}
        self.new |= {one.measure.key: one.measure for one in good if one.measure.id is None}
        if self.terms.are_closed({one.period for one in good}):
            self.write.action = RESTATE
        await store.stage(self.write, good)

    async def _know(self, names: Iterable[Name]) -> None:
        if len(self.named) > _MOST_NAMES:
            self.named.clear()
        unknown = [name for name in names if name not in self.named]
        if unknown:
            fetch, organization_id = (await self.write.driver()).fetch, self.write.organization_id
            self.named |= await measured(fetch, self.registry, organization_id, unknown, currency=self.currency)

    def reject(self, faults: Sequence[Fault], count: int | None = None) -> None:
        """Note that so many rows are rejected; the first reasons of all are kept."""
        self.rejected += len(faults) if count is None else count
        self.faults += faults[: max(0, MOST_REASONS - len(self.faults))]


async def _publish(write: Write, source: str, delivery: Delivery, stage: _Stage) -> Delivered:
    await recording.enter(write)
    await _reject_closed_meanwhile(write, stage)
    await _settle(write, source, stage)
    if delivery.rehearses or (delivery.atomic and stage.rejected):
        return Delivered(rejected=stage.rejected, faults=stage.faults)
    appended = recording.Appended(0, 0, ())
    if stage.waiting:
        await recording.ids_of(write, stage.new.values())
        appended = await store.publish(write, source)
    if appended.touched:
        await judge(write, appended.touched, has_grown=True)
    new = appended.recorded + appended.corrected
    if new:
        await mark(write, stage.registry, delivery.now, stage.keys)
    delivered = Delivered(
        appended.recorded, appended.corrected, stage.waiting - new, stage.rejected, sorted(stage.faults, key=_line)
    )
    await store.keep_import(write, _kept(write, source, delivery, delivered))
    return delivered


async def _reject_closed_meanwhile(write: Write, stage: _Stage) -> None:
    """Reject values of periods that were closed while the file arrived."""
    for closed in set((await recording.read_terms(write)).closed) - set(stage.terms.closed):
        if not stage.terms.restates:
            taken = await store.take_closed(write, closed, MOST_REASONS)
            words = [(line, told_closed(parse_period(text, stage.terms.calendar), closed)) for line, text in taken.rows]
            stage.reject([Fault(line, "period", Forbidden.code, why) for line, why in words], taken.count)


async def _settle(write: Write, source: str, stage: _Stage) -> None:
    """Reject what contradicts other rows of the file, or what the source meant by an id before."""
    repeated = await store.take_repetitions(write, MOST_REASONS)
    stage.reject(
        [Fault(line, "period", Conflict.code, f"line {first} is of the same cell") for line, first in repeated.rows],
        repeated.count,
    )
    if stage.has_ids:
        foreign = await store.take_foreign(write, source, MOST_REASONS)
        words = '"{}" is the id of another value of {}'
        stage.reject(
            [Fault(line, "externalId", Conflict.code, words.format(one, source)) for line, one in foreign.rows],
            foreign.count,
        )


def _line(fault: Fault) -> int:
    return fault.index


def _kept(write: Write, source: str, delivery: Delivery, delivered: Delivered) -> store.ImportRow:
    return store.ImportRow(
        name=delivery.name,
        source=source,
        format=delivery.form.value,
        began_at=delivery.now,
        recorded=delivered.recorded,
        corrected=delivered.corrected,
        unchanged=delivered.unchanged,
        rejected=delivered.rejected,
        reasons=[asdict(fault) for fault in delivered.faults],
        batch_id=write.batch_id if delivered.recorded or delivered.corrected else None,
    )
