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
    async with database.write(sender.organization_id, action=ACTION, actor=sender.principal) as write:
        footing = await store.read_footing(write)
        terms = terms_of(footing, call.now, restates=call.restates)
        cells, faults = await _checked(write, registry, sender.source, call, terms, footing.currency)
        stated = await store.read_stated(write, sender.source, cells) if cells else {}
        faults += [_unsaid(cell, sender.source) for cell in cells if cell.place not in stated]
        receipt = RetractionReceipt(version=footing.version, faults=tuple(sorted(faults, key=_place)))
        if stated and not (call.atomic and faults):
            standing = {place: row for place, row in stated.items() if not row["is_withdrawn"]}
            receipt = replace(receipt, retracted=len(standing), unchanged=len(stated) - len(standing))
            keys = {cell.key for cell in cells if cell.place in standing}
            if terms.are_closed({cell.period for cell in cells if cell.place in standing}):
                write.action = RESTATE
            await take_back(write, registry, call.now, keys, list(standing.values()))
    return replace(receipt, version=write.sequence or receipt.version)


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


async def _checked(
    write: Write, registry: Registry, source: str, call: RetractionCall, terms: Terms, currency: str
) -> tuple[Sequence[Stated], list[Fault]]:
    fetch, names = (await write.driver()).fetch, {one.name for one in call.sent if one.external_id is None}
    named = await measured(fetch, registry, write.organization_id, names, currency=currency)
    ids = [one.external_id for one in call.sent if one.external_id is not None]
    return check_retractions(call.sent, named, await store.read_external(write, source, ids), terms)


def _unsaid(cell: Stated, source: str) -> Fault:
    return Fault(cell.place, "period", NotFound.code, f"{source} has recorded nothing of {cell.words}")


def _place(fault: Fault) -> int:
    return fault.index
