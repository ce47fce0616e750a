"""Recompute: what was marked dirty is calculated again, a batch at a time, by any number of workers.

A batch is leased, calculated from one snapshot without keeping anybody from recording, and kept under one number.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, islice, repeat
from typing import Final

from kpi_server.domain.calculation import Calculated, Line
from kpi_server.registry import Registry
from kpi_server.services.calculation.calculating import Books, calculate_all
from kpi_server.services.marking import follow, mark_readers
from kpi_server.services.standing import judge
from kpi_server.store.background import keep_on
from kpi_server.store.computed import (
    Found,
    Lease,
    Leased,
    columns_to_keep,
    dirty_organizations,
    keep_computed,
    lease,
    switched,
)
from kpi_server.store.database import Database
from kpi_server.store.dirty import read_recorded
from kpi_server.store.organizations import directory
from kpi_server.store.reads import Fetch

ACTION: Final = "recompute"
ACTOR: Final = "kpi-server"
LEASE: Final = timedelta(seconds=60)
"""After so long a batch that was not kept is another worker's."""

MANY: Final = 5_000
"""How many cells a process calculates at once that does nothing else."""

LANES: Final = 3
"""How many batches such a process has under way: while PostgreSQL reads one and keeps one, a third is calculated."""

FEW: Final = 200
"""How many a process does that answers requests meanwhile."""

PAUSE_S: Final = 1.0
"""How long to wait when there is nothing to do; ten times as long when something failed."""

LOG: Final = logging.getLogger("kpi_server.recompute")

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Recomputed:
    """What came of one batch or several: how many cells, how many of them are done, how many values are others now."""

    cells: int = 0
    done: int = 0
    changed: int = 0

    def __add__(self, other: "Recomputed") -> "Recomputed":
        return Recomputed(self.cells + other.cells, self.done + other.done, self.changed + other.changed)


def _now() -> datetime:
    return datetime.now(UTC)


async def recompute(
    database: Database, registry: Registry, organization_id: int, *, most: int = MANY, clock: Clock = _now
) -> Recomputed:
    """Calculate one batch of an organization's dirty cells; nothing where there are none to take."""
    async with database.write(organization_id, action=ACTION, actor=ACTOR) as write:
        leased = await lease(write, clock(), clock() + LEASE, most)
    if not leased.lines:
        return Recomputed()
    today = leased.calendar.day(clock())
    async with database.read([organization_id]) as connection:
        found = await _found(connection.fetch, registry, Books(organization_id, today), leased.lines)
    return await _keep(database, organization_id, leased, found, clock())


async def _found(fetch: Fetch, registry: Registry, books: Books, lines: Sequence[Leased]) -> Found:
    """What the cells of each line are; nothing where its KPI is gone or not calculated any more."""
    grains = registry.readers.grains
    kept = [(line, line.key) for line in lines if line.key is not None and grains.get(line.key) is line.grain]
    own = await switched(fetch, books.organization_id)
    found: dict[Leased, tuple[int, Sequence[Calculated]]] = {}
    for generated in (True, False):  # what is current stands on facts alone
        alike = [(line, key) for line, key in kept if (line.kpi_id in own) is not generated]
        asked = [Line(key, line.segment, line.periods) for line, key in alike]
        values = iter(await _values(fetch, registry, replace(books, generated=generated), asked) if asked else ())
        for line, key in alike:
            found[line] = registry.calculators[key].version, list(islice(values, len(line.periods)))
    return found


async def _values(fetch: Fetch, registry: Registry, books: Books, lines: Sequence[Line]) -> Sequence[Calculated]:
    found: list[Calculated] = []
    async for values in calculate_all(fetch, registry, books, lines):
        found += values
        await asyncio.sleep(0)  # meanwhile other lanes send statements and take their answers
    return found


async def _keep(database: Database, organization_id: int, leased: Lease, found: Found, now: datetime) -> Recomputed:
    columns = list(columns_to_keep(leased.lines, found))  # made before anybody waits for it
    async with database.write(organization_id, action=ACTION, actor=ACTOR) as write:
        # Who marks holds rows that are taken from the queue here, and the other way round.
        await write.wait_for_others()
        done, changed = await keep_computed(write, leased, columns, now)
        own = await switched((await write.driver()).fetch, organization_id) if changed else frozenset()
        if own:
            await judge(write, own & {line.kpi_id for line in leased.lines})
    return Recomputed(leased.cells, done, changed)


async def follow_all(
    database: Database, registry: Registry, organization_ids: Sequence[int] | None = None, *, clock: Clock = _now
) -> None:
    """Mark what is calculated in another way than it was when it was kept, as by another version of a family."""
    ids = list((await directory(database)).values()) if organization_ids is None else organization_ids
    for organization_id in ids:
        async with database.write(organization_id, action=ACTION, actor=ACTOR) as write:
            await write.wait_for_others()
            await follow(write, registry, clock())


async def catch_up(
    database: Database,
    registry: Registry,
    organization_ids: Sequence[int] | None = None,
    *,
    most: int = MANY,
    lanes: int = 1,
    clock: Clock = _now,
) -> AsyncIterator[Recomputed]:
    """Calculate whatever is dirty in these organizations, or in all, so many batches at a time, in turns.

    As soon as a batch has ended the next one begins, while the other lanes go on. The first are smaller, so that there
    is soon something to keep. Where one fails the others end before it is told.
    """
    sizes = chain([max(1, most >> less) for less in range(lanes - 1, 0, -1)], repeat(most))
    ids = list((await directory(database)).values()) if organization_ids is None else list(organization_ids)
    waiting = deque(await dirty_organizations(database, ids))
    under_way: dict[asyncio.Task[Recomputed], int] = {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < lanes:
                batch = recompute(database, registry, waiting[0], most=next(sizes), clock=clock)
                under_way[asyncio.create_task(batch)] = waiting[0]
                waiting.rotate(-1)
            ended, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                found = task.result()
                _ask_again(waiting, under_way.pop(task), found)
                if found.cells:
                    yield found
    except Exception:
        await asyncio.gather(*under_way, return_exceptions=True)
        raise
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def _ask_again(waiting: deque[int], organization_id: int, found: Recomputed) -> None:
    """Where there was something there may be more; where nothing, not before another lane's batch has ended."""
    if found.cells and organization_id not in waiting:
        waiting.append(organization_id)
    elif not found.cells and organization_id in waiting:
        waiting.remove(organization_id)


async def keep_up(
    database: Database, registry: Registry, *, most: int = FEW, lanes: int = 1, pause_s: float = PAUSE_S
) -> None:
    """Calculate what becomes dirty until cancelled; what fails is logged and tried again when its lease has run out."""
    followed = False

    async def all_of_them() -> bool:
        nonlocal followed
        if not followed:
            await follow_all(database, registry)
            followed = True
        async for _ in catch_up(database, registry, most=most, lanes=lanes):
            await asyncio.sleep(0)
        return True

    failure = "Values were not calculated; they are tried again."
    await keep_on(all_of_them, pause_s=pause_s, log=LOG, failure=failure)


async def mark_all(database: Database, registry: Registry, organization_id: int, *, clock: Clock = _now) -> int:
    """Mark every value that stands on something recorded, measure by measure; how many cells were marked."""
    readers, marked = registry.readers, 0
    for measure in sorted(readers.metrics):
        async with database.write(organization_id, action=ACTION, actor=ACTOR) as write:
            await write.wait_for_others()
            ever = partial(read_recorded, write, [measure])
            cells = await mark_readers(write, registry, clock(), readers.metrics[measure], ever)
            if cells:
                write.keep()
            marked += cells
    return marked
