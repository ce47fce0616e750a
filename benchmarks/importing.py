"""What a file of values costs: imported, and its rows copied into the same indexed table by COPY."""

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import orjson

from benchmarks.ground import COPIES, FILES, Ground, Imported
from benchmarks.results import Figure
from benchmarks.works import file_of, registry
from kpi_server.cli.databases import Addresses, opened
from kpi_server.cli.serving import settle
from kpi_server.domain.importing.rows import Format
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivery
from kpi_server.store.organizations import id_of

SMALL: Final = 2023
LARGE: Final = 2024
TIMES: Final = 10
"""How many times as many rows the larger file has."""
_PIECE: Final = 1 << 18
_OWN: Final = "organization_id"
_COLUMNS: Final = (
    "select attname from pg_attribute where attrelid = 'observations'::regclass and attnum > 0 and not attisdropped "
    "order by attnum"
)
_PREPARE: Final = (
    "insert into measures (organization_id, id, key, batch_id) "
    "select $1, id, key, (select min(id) from batches where organization_id = $1) from measures "
    "where organization_id = $2 on conflict do nothing",
    "insert into batches (organization_id, id, recorded_at, action, actor) "
    "select $1, id, recorded_at, action, actor from batches where organization_id = $2 on conflict do nothing",
)


class NotImported(Exception):
    """A file was not recorded as it should be; the message says what became of it."""


async def measure_import(ground: Ground) -> list[Figure]:
    """The time of COPY as a share of that of an import, and what a file of ten times the rows takes of memory."""
    small = await imported(ground, SMALL, max(1, ground.rows // TIMES))
    large = await imported(ground, LARGE, ground.rows)
    ground.say(f"import: {large.rows:,} rows in {large.seconds:.1f} s; copying them")
    copied = await _copied(ground, large)
    ground.say(f"import: copied in {copied:.1f} s")
    return [
        Figure("import", copied / large.seconds, f"{large.rows:,} rows, {large.rows / large.seconds:,.0f} a second"),
        Figure("import_memory", large.memory_mib / small.memory_mib, f"{large.memory_mib:.0f} MiB at most"),
    ]


async def imported(ground: Ground, year: int, rows: int) -> Imported:
    """What importing a year's file took, in a process of its own; once a ground."""
    if year not in ground.imported:
        path = ground.folder / f"{year}.csv"
        ground.say(f"import: writing {path.name} of {rows:,} rows")
        with path.open("wb") as file:
            file.writelines(file_of(year, rows))
        ground.say(f"import: importing {path.name}")
        command = [sys.executable, "-m", __spec__.name, ground.addresses.server, str(path)]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        answer, _ = await process.communicate()
        path.unlink()
        if process.returncode != 0:
            raise NotImported(f"importing {path.name} ended with {process.returncode}")
        ground.imported[year] = Imported(**orjson.loads(answer))
    return ground.imported[year]


async def _copied(ground: Ground, large: Imported) -> float:
    """Seconds that COPY takes for the rows of a batch, with the same measures and batch in another organization."""
    path = ground.folder / "copy"
    here, there = id_of(FILES), id_of(COPIES)
    connection = await asyncpg.connect(ground.owner)
    try:
        for statement in _PREPARE:
            await connection.execute(statement, there, here)
        names = [row["attname"] for row in await connection.fetch(_COLUMNS)]
        selected = ", ".join(f"{there}::bigint" if name == _OWN else name for name in names)
        rows = f"select {selected} from observations where organization_id = $1 and batch_id = $2"  # noqa: S608 - columns
        await connection.copy_from_query(rows, here, large.batch_id, output=path)
        await connection.execute("checkpoint")
        began = time.perf_counter()
        said = await connection.copy_to_table("observations", source=path, columns=names)
        seconds = time.perf_counter() - began
    finally:
        await connection.close()
        path.unlink(missing_ok=True)
    if said != f"COPY {large.rows}":
        raise NotImported(f"of {large.rows} imported rows another number was copied: {said}")
    return seconds


async def _import(server: str, path: Path) -> Imported:
    settle()
    async with opened(Addresses(server, None)) as database:
        delivery = Delivery(Format.CSV, datetime.now(UTC), path.name)
        began = time.perf_counter()
        done = await deliver(
            database, registry(), Sender(id_of(FILES), 0, "benchmark", "bench"), delivery, _pieces(path)
        )
        seconds = time.perf_counter() - began
        if done.rejected or not done.recorded:
            raise NotImported(f"{done.recorded} rows were recorded and {done.rejected} rejected: {done.faults[:1]}")
        async with database.read([id_of(FILES)]) as connection:
            number = await connection.fetchval("select id from batches where sequence = $1", done.version)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Imported(done.recorded, seconds, memory, number)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_import(sys.argv[1], Path(sys.argv[2])))))
