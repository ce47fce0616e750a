"""A writer in a process of its own: records values at a steady pace, as this server's command line does.

Reads one `Writing` as JSON from stdin. After each write it tells the compared servers of it by NOTIFY, with the event
as this server shows it; this server has a channel of its own.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg
import orjson

from benchmarks.operations import ORGANIZATION
from benchmarks.recording import key_of
from kpi_server.domain.recording import Sent
from kpi_server.registry import discover
from kpi_server.services.recording import Call, Sender, record
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from kpi_server.store.organizations import id_of

CHANNEL: Final = "bench_changes"
SOURCE: Final = "bench-live"
KPIS: Final = 200
FIRST_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True)
class Writing:
    """So many writes of so many values each, so many a second (0: as fast as it goes), from the first cell on."""

    server: str
    owner: str
    writes: int
    values: int
    per_second: float
    first: int


def values_of(cells: range) -> list[Sent]:
    """The values of a write, each in a cell of its own.

    >>> [(sent.kpi, sent.period) for sent in values_of(range(199, 201))]
    [('custom.measure_199', '2000-01-01'), ('custom.measure_000', '2000-01-02')]
    """
    return [
        Sent(key_of(cell % KPIS), (FIRST_DAY + timedelta(days=cell // KPIS)).isoformat(), Decimal(1 + cell % 97))
        for cell in cells
    ]


def told(moment: datetime, cells: range) -> str:
    """The events of a write as the compared servers send them: ours to the letter, but for the cursor."""
    events = [
        {
            "kind": "RECORDED", "key": sent.kpi, "segment": "", "period": sent.period, "revision": cells.start,
            "newExact": str(sent.value), "recordedAt": moment.isoformat().replace("+00:00", "Z"),
        }
        for sent in values_of(cells)
    ]  # fmt: skip
    return orjson.dumps({"events": events, "cursor": f"{cells.start:060}"}).decode()


async def write(writing: Writing) -> None:
    """Write all of it."""
    registry = discover()
    database = await open_database(writing.server, revision=NEWEST, connections=2)
    telling: Any = await asyncpg.connect(writing.owner)
    sender = Sender(id_of(ORGANIZATION), 1, SOURCE, SOURCE)
    try:
        due = time.perf_counter()
        for number in range(writing.writes):
            first, moment = writing.first + number * writing.values, datetime.now(UTC)
            cells = range(first, first + writing.values)
            call = Call(values_of(cells), True, None, moment)
            receipt = await record(database, registry, sender, call)
            if receipt.faults:
                raise RuntimeError(receipt.faults[0].message)
            if writing.per_second:
                await telling.execute("select pg_notify($1, $2)", CHANNEL, told(moment, cells))
                due += 1 / writing.per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
    finally:
        await telling.close()
        await database.close()


def main() -> None:
    """Write what stdin says."""
    asyncio.run(write(Writing(**orjson.loads(sys.stdin.buffer.read()))))
    sys.stdout.write("written\n")


if __name__ == "__main__":
    main()
