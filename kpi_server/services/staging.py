"""Staging: the rows of a file wait until all of them are there, and those that are wrong are told."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from kpi_server.domain.importing.rows import Content, Format, Read
from kpi_server.domain.period import Period
from kpi_server.domain.recording import Fault, Terms
from kpi_server.errors import BadInput
from kpi_server.registry import Registry
from kpi_server.services.aggregation import Aggregated
from kpi_server.services.recording import Sender
from kpi_server.store import importing as store
from kpi_server.store import recording
from kpi_server.store.database import Write

MOST_REASONS: Final = 1_000
TOGETHER: Final = 5_000


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
    content: Content = Content.OBSERVATIONS


@dataclass(frozen=True)
class Delivered:
    """What became of a file; faults are by line, the first of them."""

    recorded: int = 0
    corrected: int = 0
    unchanged: int = 0
    rejected: int = 0
    faults: Sequence[Fault] = ()
    version: int | None = None
    kinds: frozenset[str] = frozenset()
    """Of events: the kinds of which there are new ones."""
    aggregated: Sequence[Aggregated] = ()
    """What was made of these."""

    @property
    def plain(self) -> Mapping[str, Any]:
        """As JSON tells it, with what is wrong by line."""
        errors = [
            {"line": fault.index, "field": fault.field or None, "code": fault.code, "message": fault.message}
            for fault in self.faults
        ]
        counts = {name: getattr(self, name) for name in ("recorded", "corrected", "unchanged", "rejected", "version")}
        made = {"aggregated": [asdict(one) for one in self.aggregated]} if self.aggregated else {}
        return {**counts, **made, "errors": errors}


Listener = Callable[[int, int], None]
"""Told after each step how many rows were read and how many of them rejected."""


def silent(_read: int, _rejected: int) -> None:
    """A listener that does nothing."""


@dataclass
class Stage(ABC):
    """What was read so far: how many rows wait, and what is wrong with the others."""

    write: Write
    registry: Registry
    sender: Sender
    delivery: Delivery
    terms: Terms
    read: int = field(default=0, init=False)
    rejected: int = field(default=0, init=False)
    faults: list[Fault] = field(default_factory=list, init=False)

    @property
    def waiting(self) -> int:
        return self.read - self.rejected

    async def take(self, rows: Iterable[Read], listener: Listener) -> None:
        """Let rows wait."""
        source = iter(rows)
        while together := list(islice(source, TOGETHER)):
            self.read += len(together)
            self.reject([_unread(line, one) for line, one in together if isinstance(one, BadInput)])
            await self._take(together)
            listener(self.read, self.rejected)

    def reject(self, faults: Sequence[Fault], count: int | None = None) -> None:
        """Note that so many rows are rejected; the first reasons of all are kept."""
        self.rejected += len(faults) if count is None else count
        self.faults += faults[: max(0, MOST_REASONS - len(self.faults))]

    async def publish(self) -> Delivered:
        """Record what waits and keep the receipt, unless a wrong row keeps it all out; or tell what would be done."""
        await self.write.enter()
        await self._settle()
        if self.delivery.atomic and self.rejected:
            return Delivered(rejected=self.rejected, faults=self.told)
        delivered = await self._publish()
        if self.delivery.rehearses:
            self.write.forget()
            return delivered
        await store.keep_import(self.write, self._kept(delivered))
        return delivered

    @property
    def told(self) -> Sequence[Fault]:
        """What is wrong, by line."""
        return sorted(self.faults, key=lambda fault: fault.index)

    async def closed_meanwhile(self) -> Sequence[Period]:
        """The periods that were closed while the file arrived, where that matters."""
        if self.terms.restates:
            return []
        return sorted(set((await recording.read_terms(self.write)).closed) - set(self.terms.closed), key=str)

    @abstractmethod
    async def _take(self, rows: Sequence[Read]) -> None:
        """Let those rows wait that say something, or reject them."""

    @abstractmethod
    async def _settle(self) -> None:
        """Reject what contradicts other rows, or what is known by now."""

    @abstractmethod
    async def _publish(self) -> Delivered:
        """Record what waits."""

    def _kept(self, delivered: Delivered) -> store.ImportRow:
        delivery = self.delivery
        return store.ImportRow(
            name=delivery.name,
            source=self.sender.source,
            content=delivery.content.value,
            format=delivery.form.value,
            began_at=delivery.now,
            recorded=delivered.recorded,
            corrected=delivered.corrected,
            unchanged=delivered.unchanged,
            rejected=delivered.rejected,
            reasons=[asdict(fault) for fault in delivered.faults],
            batch_id=self.write.batch_id if delivered.recorded or delivered.corrected else None,
        )


def _unread(line: int, error: BadInput) -> Fault:
    return Fault(line, "", error.code, error.message)
