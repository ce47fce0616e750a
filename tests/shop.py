"""A shop with a PostgreSQL of its own, which may be killed, and servers on it, which may be killed too.

What its feed has to tell is read here from the rows themselves, by statements of its own.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import httpx

from benchmarks.processes import free_port
from kpi_server.cli.databases import NAME, SERVER_ROLE, Addresses, Embedded, opened, prepare
from kpi_server.domain.access import Opening, Role
from kpi_server.registry import discover
from kpi_server.services.access import create_token
from kpi_server.services.catalog.loading import seed
from kpi_server.store.embedded import Cluster, erase, find_binaries
from kpi_server.store.organizations import id_of

ROOT = Path(__file__).parents[1]
SLUG = "shop"
HERE = id_of(SLUG)
PATIENCE_S = 180  # for machines that do much else
FOREIGN = ("DATABASE_", "KPI_")
CATALOG = """\
organization: {slug: shop, source: "menu:1", name: Shop, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu}
kpis:
  - {key: customer.churn, source: "menu:2", name: Churn}
"""
RECORD = """
mutation ($values: [ObservationInput!]!, $call: String) {
  recordObservations(input: {organization: "shop", source: "till", observations: $values, idempotencyKey: $call}) {
    errors { message }
  }
}
"""
RETRACT = """
mutation ($values: [RetractionInput!]!) {
  retractObservations(input: {organization: "shop", source: "till", observations: $values}) { errors { message } }
}
"""

TOLD = """
select measure.key, stated.segment, stated.period, false as calculated, batch.sequence, stated.value, false as gone
from observations as stated
join measures as measure on measure.organization_id = $1 and measure.id = stated.measure_id
join batches as batch on batch.organization_id = $1 and batch.id = stated.batch_id
where stated.organization_id = $1 and (stated.ended_in is null or stated.ended_in <> stated.batch_id)
union all
select measure.key, taken.segment, taken.period, false, batch.sequence, null, true
from observations as taken
join measures as measure on measure.organization_id = $1 and measure.id = taken.measure_id
join batches as batch on batch.organization_id = $1 and batch.id = taken.ended_in
where taken.organization_id = $1 and taken.withdrawn and taken.ended_in <> taken.batch_id
    and not exists (
        select from observations as instead
        where (instead.organization_id, instead.batch_id) = (taken.organization_id, taken.ended_in)
            and (instead.measure_id, instead.segment, instead.period) = (taken.measure_id, taken.segment, taken.period)
    )
union all
select measure.key, made.segment, made.period, true, batch.sequence, made.value, false
from computed_values as made
join measures as measure on measure.organization_id = $1 and measure.id = made.kpi_id
join batches as batch on batch.organization_id = $1 and batch.id = made.batch_id
where made.organization_id = $1
"""
STANDING = """
select measure.key, stated.segment, stated.period, false as calculated, stated.value
from observations as stated
join measures as measure on measure.organization_id = $1 and measure.id = stated.measure_id
where stated.organization_id = $1 and stated.ended_in is null
union all
select measure.key, made.segment, made.period, true, made.value
from computed_values as made
join measures as measure on measure.organization_id = $1 and measure.id = made.kpi_id
where made.organization_id = $1 and made.ended_in is null
"""


class Cell(NamedTuple):
    """Where a value belongs."""

    key: str
    segment: str
    period: str
    calculated: bool


def _cell(row: Any) -> Cell:
    return Cell(row["key"], row["segment"], row["period"], row["calculated"])


Told = Mapping[tuple[Cell, int], tuple[Decimal | None, bool]]
"""By cell and revision the value, and whether it was taken back."""


class Shop:
    """An organization in a database of its own, and the tokens of who reads and who records."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._cluster = self._started()
        self.reader = self.recorder = ""

    @property
    def address(self) -> str:
        """The database as the server reaches it."""
        return self._cluster.dsn(NAME, user=SERVER_ROLE)

    async def furnish(self, folder: Path) -> None:
        """Make the database, load the catalog and make the tokens."""
        addresses = Addresses(self.address, self._cluster.dsn(NAME), Embedded(self._cluster.data, self._cluster.dsn()))
        await prepare(addresses)
        (folder / "all.yaml").write_text(CATALOG, encoding="utf-8")
        async with opened(addresses) as database:
            (receipt,) = await seed(database, discover(), [folder])
            assert receipt.problems == ()
            self.reader = (await create_token(database, "reader", [Opening(SLUG, Role.EXECUTIVE)])).token
            self.recorder = (await create_token(database, "till", [Opening(SLUG, Role.INTEGRATOR)])).token

    def kill_postgres(self) -> None:
        """End PostgreSQL without its clean-up, and start it again at the same address."""
        address = self.address
        os.kill(self._cluster.pid, signal.SIGKILL)
        self._cluster.release()
        self._cluster = self._started()
        assert self.address == address

    def close(self) -> None:
        """Stop PostgreSQL and remove its files."""
        self._cluster.release()
        erase(self._data)

    async def told(self) -> Told:
        """All that the feed has to tell of values."""
        rows = await self._owned(TOLD)
        return {(_cell(row), row["sequence"]): (row["value"], row["gone"]) for row in rows}

    async def standing(self) -> Mapping[Cell, Decimal | None]:
        """The values that stand."""
        return {_cell(row): row["value"] for row in await self._owned(STANDING)}

    async def is_calculated(self) -> bool:
        """Whether nothing is left to be calculated."""
        return not await self._owned("select from dirty_cells where organization_id = $1")

    async def begin_epoch(self) -> None:
        """Let all cursors end, as another database in the place of this one would."""
        await self._owned("update feed_epochs set epoch = substr(md5(epoch || $1::bigint), 1, 16)")

    async def _owned(self, statement: str) -> list[Any]:
        connection = await asyncpg.connect(self._cluster.dsn(NAME))
        try:
            return list(await connection.fetch(statement, HERE))
        finally:
            await connection.close()

    def _started(self) -> Cluster:
        return Cluster.start(self._data, find_binaries(None), durable=False)


@dataclass
class Serving:
    """A server on the shop's database, at one port whatever process serves it."""

    shop: Shop
    log: Path
    workers: int = 1
    port: int = field(default_factory=free_port)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        words = [sys.executable, "-m", "kpi_server", "serve", "--port", str(self.port), "--workers", str(self.workers)]
        own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        with self.log.open("ab") as log:
            environment = own | {"DATABASE_URL": self.shop.address} | dict(self.environment)
            self.process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
        try:
            eventually(self.is_ready, f"the server is not ready: {self.log}")
        except BaseException:
            self.stop()
            raise

    def is_ready(self) -> bool:
        """Whether it answers now."""
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text("utf-8")
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE_S)
            self.process = None

    def workers_alive(self) -> list[int]:
        """The processes that serve, where there are several."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def record(self, *stated: tuple[str, str, str, int], call: str | None = None) -> None:
        """Record values: measure, segment, period and number; whatever is away is waited for."""
        values = [
            {"measure": f"customer.{measure}", "segment": segment, "period": period, "value": str(number)}
            for measure, segment, period, number in stated
        ]
        self._write(RECORD, {"values": values, "call": call})

    def retract(self, measure: str, segment: str, period: str) -> None:
        """Take a value back, if there is one."""
        self._write(RETRACT, {"values": [{"measure": f"customer.{measure}", "segment": segment, "period": period}]})

    def _write(self, document: str, variables: Mapping[str, object]) -> None:
        eventually(lambda: self._wrote(document, variables), "nothing could be written")

    def _wrote(self, document: str, variables: Mapping[str, object]) -> bool:
        headers = {"Authorization": f"Bearer {self.shop.recorder}"}
        try:
            body = {"query": document, "variables": variables}
            answer = httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=20).json()
        except (httpx.HTTPError, ValueError):
            return False
        if answer.get("errors"):
            assert {error["extensions"]["code"] for error in answer["errors"]} <= {"UNAVAILABLE", "TIMEOUT"}, answer
            return False
        (payload,) = answer["data"].values()
        assert payload["errors"] == [] or document == RETRACT
        return True


def eventually(holds: Callable[[], bool], otherwise: str, *, within_s: float = PATIENCE_S) -> None:
    """Wait until something holds that takes its time by nature: processes, sockets, signals."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def told_last(shop: Shop) -> int:
    """The last write that the feed tells values of, when everything is calculated."""
    eventually(lambda: asyncio.run(shop.is_calculated()), "it is not calculated")
    return max((revision for _, revision in asyncio.run(shop.told())), default=0)


@contextmanager
def new_shop(folder: Path) -> Iterator[Shop]:
    """An empty shop for as long as the block lasts; the folder is for its catalog and its data."""
    folder.mkdir(exist_ok=True)
    shop = Shop(folder / "data")
    try:
        yield shop
    finally:
        shop.close()
