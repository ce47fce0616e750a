"""Retracting what a system has recorded: another source's statement stands again, or nothing does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kpi_server.domain.recording import Fault, Terms
from kpi_server.domain.retracting import Retraction, Stated, check_retractions
from kpi_server.errors import NotFound
from kpi_server.registry import Registry
from kpi_server.services.marking import mark
from kpi_server.services.naming import measured
from kpi_server.services.recording import RESTATE, Sender, terms_of
from kpi_server.services.standing import judge
from kpi_server.store import recording as store
from kpi_server.store.database import Database, Write
from kpi_server.store.reads import Record
from kpi_server.store.settling import settle, withdraw

ACTION = "retract"


@dataclass(frozen=True)
class RetractionCall:
    """What one call takes back."""

    sent: Sequence[Retraction]
    atomic: bool
    now: datetime
    restates: bool = False


@dataclass(frozen=True)
class RetractionReceipt:
    """What a call did: how many values were taken back, and how many had been before."""

    retracted: int = 0
    unchanged: int = 0
    version: int = 0
    faults: tuple[Fault, ...] = ()


async def retract(database: Database, registry: Registry, sender: Sender, call: RetractionCall) -> RetractionReceipt:
    """Take back what can be taken back, all of it or nothing when the call is atomic.

    With a value go those that its source stated before of the same cell. What was taken back before stays so: sent
    again, a call changes nothing.
    """
    async with database.write_in_turn(sender.organization_id, action=ACTION, actor=sender.principal) as write:
        footing = await store.read_terms(write)
        terms = terms_of(footing, call.now, restates=call.restates)
        meant = await find_meant(write, registry, sender.source, [*enumerate(call.sent)], terms, footing.currency)
        receipt = RetractionReceipt(version=footing.version, faults=meant.faults)
        if not (call.atomic and meant.faults):
            receipt = replace(receipt, retracted=len(meant.standing), unchanged=meant.unchanged)
            await meant.take_back(write, registry, terms, call.now)
    return replace(receipt, version=write.sequence or receipt.version)


@dataclass(frozen=True)
class Meant:
    """Which values are meant: the cells and rows of those that stand, how many do not any more, and what is wrong."""

    cells: Sequence[Stated] = ()
    standing: Sequence[Record] = ()
    unchanged: int = 0
    faults: tuple[Fault, ...] = ()

    async def take_back(self, write: Write, registry: Registry, terms: Terms, now: datetime) -> None:
        """Withdraw those that stand."""
        if terms.are_closed({cell.period for cell in self.cells}):
            write.action = RESTATE
        await take_back(write, registry, now, {cell.key for cell in self.cells}, self.standing)


async def find_meant(
    write: Write,
    registry: Registry,
    source: str,
    sent: Sequence[tuple[int, Retraction]],
    terms: Terms,
    currency: str,
    *,
    told: str = "observation {} of this call",
) -> Meant:
    """Which values a source means, each with its place."""
    fetch = (await write.driver()).fetch
    names = [*dict.fromkeys(one.name for _, one in sent if one.external_id is None)]
    named = await measured(fetch, registry, write.organization_id, names, currency=currency)
    ids = [one.external_id for _, one in sent if one.external_id is not None]
    known = await store.read_external(write, source, ids)
    cells, faults = check_retractions(sent, named, known, terms, told=told)
    stated = await store.read_stated(write, source, cells) if cells else {}
    faults += [_unsaid(cell, source) for cell in cells if cell.place not in stated]
    standing = {place: row for place, row in stated.items() if not row["is_withdrawn"]}
    return Meant(
        cells=[cell for cell in cells if cell.place in standing],
        standing=list(standing.values()),
        unchanged=len(stated) - len(standing),
        faults=tuple(sorted(faults, key=_place)),
    )


async def take_back(
    write: Write, registry: Registry, now: datetime, measures: Collection[str], stated: Sequence[Record]
) -> None:
    """Withdraw what is stated, and bring everything up to date that stood on it."""
    if not stated:
        return
    await withdraw(write, stated)
    await settle(write, stated)
    write.append()
    await judge(write, {row["measure_id"] for row in stated})
    await mark(write, registry, now, measures, stated)


def _unsaid(cell: Stated, source: str) -> Fault:
    return Fault(cell.place, "period", NotFound.code, f"{source} has recorded nothing of {cell.words}")


def _place(fault: Fault) -> int:
    return fault.index
