"""What calculating again costs: a year of days of two hundred KPIs, and then what stands on one late value."""

import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.ground import DAILY_VALUES, Ground
from benchmarks.processes import cpu_seconds
from benchmarks.results import Figure
from benchmarks.works import DAILY, DAYS, FAMILY, daily_inputs, daily_measure, days_of, registry
from kpi_server.cli.databases import opened
from kpi_server.cli.serving import settle
from kpi_server.domain.importing.rows import Format
from kpi_server.domain.recording import Sent
from kpi_server.services.importing import deliver
from kpi_server.services.recompute import LANES, Recomputed, catch_up
from kpi_server.services.recording import Call, Sender, record
from kpi_server.services.staging import Delivery
from kpi_server.store.database import Database
from kpi_server.store.organizations import id_of

YEAR = 2024
LATE = f"{YEAR}-03-05"
READ = daily_measure(7)


class NotCalculated(Exception):
    """Other values were calculated than should be; the message says how many."""


async def measure_recompute(ground: Ground) -> list[Figure]:
    """Values a second of one process, and how many are calculated after one late value."""
    here, known = id_of(DAILY_VALUES), registry()
    sender = Sender(here, 0, "benchmark", "bench")
    ground.say(f"recompute: recording a year of days, then calculating {DAILY * DAYS:,} values")
    async with opened(ground.addresses) as database:
        await deliver(database, known, sender, Delivery(Format.CSV, datetime.now(UTC)), _pieces())
        settle()
        began, spent = time.perf_counter(), _cpu(ground)
        whole = await _calculated(database)
        seconds = time.perf_counter() - began
        cpu = [after - before for after, before in zip(_cpu(ground), spent, strict=True)]
        _check(whole, DAILY * DAYS)
        late = Sent(None, LATE, Decimal(1), measure=f"{FAMILY}.{READ}")
        await record(database, known, sender, Call([late], True, None, datetime.now(UTC)))
        began = time.perf_counter()
        after = await _calculated(database)
        milliseconds = (time.perf_counter() - began) * 1000
    readers = sum(READ in daily_inputs(number) for number in range(DAILY))
    words = f"{whole.done:,} values in {seconds:.1f} s, {_words(cpu, whole.done)}"
    return [
        Figure("recompute", whole.done / seconds, words),
        Figure("late", after.cells / readers, f"{after.cells} of {whole.done:,} values, in {milliseconds:.0f} ms"),
    ]


def _cpu(ground: Ground) -> list[float]:
    """CPU seconds so far, of this process and of Postgres."""
    return [time.process_time(), cpu_seconds(ground.postgres) or 0.0]


def _words(cpu: Sequence[float], values: int) -> str:
    own, database = (seconds / values * 1_000_000 for seconds in cpu)
    return f"{own:.0f} + {database:.0f} µs of CPU each, here and in Postgres"


async def _calculated(database: Database) -> Recomputed:
    batches = catch_up(database, registry(), [id_of(DAILY_VALUES)], lanes=LANES)
    return sum([one async for one in batches], Recomputed())


def _check(found: Recomputed, wanted: int) -> None:
    if (found.done, found.changed) != (wanted, wanted):
        raise NotCalculated(f"{found.done} values were calculated and {found.changed} changed, not {wanted}")


async def _pieces() -> AsyncIterator[bytes]:
    for piece in days_of(YEAR):
        yield piece
