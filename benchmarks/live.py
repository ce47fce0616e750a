"""Subscriptions measured: many who follow the same, one who follows alone, one who was away, and many who only wait."""

import asyncio
import resource
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from benchmarks.contestants import Server, uvicorn
from benchmarks.database import ROOT, Premises
from benchmarks.following import LATE_S, Arrived, Following
from benchmarks.generators import LoadFailed
from benchmarks.npm import Peers
from benchmarks.operations import ORGANIZATION
from benchmarks.processes import NotStarted, Running, cpu_seconds, memory_mib, start
from benchmarks.results import FAN_OUT, IDLE, LIGHT, OURS, RESUMING, LiveSample
from benchmarks.writing import Writing

Say = Callable[[str], None]
STRAWBERRY: Final = "Strawberry's handler"
MERCURIUS: Final = "mercurius subscriptions"
PATIENCE_S: Final = 180.0
SPARE_FILES: Final = 500
"""What a process opens beside its connections."""
_SELECTED: Final = "{ events { kind key segment period revision newExact recordedAt } cursor }"
_FOLLOW: Final = f'subscription {{ changes(organization: "{ORGANIZATION}") {_SELECTED} }}'
_RESUME: Final = (
    f"subscription ($after: Cursor) "
    f'{{ changes(organization: "{ORGANIZATION}", after: $after, batchSize: 1000) {_SELECTED} }}'
)
_CURSOR: Final = f'{{ organization(slug: "{ORGANIZATION}") {{ feed {{ cursor }} }} }}'


@dataclass(frozen=True)
class LivePlan:
    """How many follow, for how many writes, how much was missed, and how many only wait."""

    subscribers: int
    writes: int
    missed: int
    idle: int
    per_second: float = 10.0
    values: int = 1_000
    """Of a write that is missed."""
    returns: int = 1
    """How often one comes back; the median counts."""


LIVE_FULL = LivePlan(subscribers=1_000, writes=100, missed=100_000, idle=10_000, returns=3)
LIVE_QUICK = LivePlan(subscribers=100, writes=20, missed=5_000, idle=500)


@dataclass
class _Live:
    """One run: whose turn it is, and the cells that are not yet written."""

    premises: Premises
    plan: LivePlan
    server: Server
    running: Running
    samples: list[LiveSample]
    cells: list[int]

    @property
    def token(self) -> str | None:
        return self.premises.token if self.server.name == OURS else None

    def following(self, subscribers: int, writes: int) -> Following:
        expected = subscribers * writes
        return Following(self.running.port, "/graphql", self.token, _FOLLOW, {}, subscribers, expected)

    async def write(self, writes: int, values: int, per_second: float) -> None:
        first = self.cells[0]
        self.cells[0] += writes * values
        writing = Writing(self.premises.server, self.premises.owner, writes, values, per_second, first)
        await _ended(await _process("benchmarks.writing"), orjson.dumps(asdict(writing)))

    def keep(
        self, scenario: str, following: Following, arrived: Arrived, cpu_s: float | None, memory: float | None
    ) -> None:
        self.samples.append(
            LiveSample(
                server=self.server.name,
                scenario=scenario,
                subscribers=following.subscribers,
                events=arrived.events,
                expected=following.expected,
                seconds=arrived.seconds,
                p50_ms=arrived.p50_ms,
                p99_ms=arrived.p99_ms,
                server_cpu_s=cpu_s,
                memory_mib=memory,
            )
        )


def live_servers(premises: Premises, peers: Peers) -> list[Server]:
    """Everybody who can be compared, ourselves first."""
    limits = {"KPI_MAX_CONNECTIONS": "20000", "KPI_MAX_PRINCIPAL_CONNECTIONS": "20000"}
    ours = (sys.executable, "-m", "kpi_server", "serve", "--port", "{port}")
    stock = (*uvicorn("benchmarks.servers.plain_live:app"), "--ws", "websockets-sansio")
    owner = {"DATABASE_URL": premises.owner}
    servers = [Server(OURS, ours, {"DATABASE_URL": premises.server, **limits}), Server(STRAWBERRY, stock, owner)]
    if peers.mercurius is not None:
        node, script = peers.mercurius
        command = (node, str(Path(script).with_name("mercurius_live.mjs")))
        servers.append(Server(MERCURIUS, command, {**owner, "NODE_ENV": "production"}, is_node=True))
    return servers


async def measure_live(
    premises: Premises, peers: Peers, plan: LivePlan, skipped: list[str], say: Say
) -> list[LiveSample]:
    """Everybody's turn; what cannot be measured here is skipped, and says why."""
    samples: list[LiveSample] = []
    cells = [0]
    files = _raise_files()
    for server in live_servers(premises, peers):
        try:
            running = await start(server.command, server.environment)
        except NotStarted as error:
            if server.name == OURS:
                raise
            skipped.append(f"{server.name}: {error}")
            continue
        try:
            await _turn(_Live(premises, plan, server, running, samples, cells), files, skipped, say)
        finally:
            await running.stop()
    return samples


async def _turn(live: _Live, files: int, skipped: list[str], say: Say) -> None:
    plan = live.plan
    for scenario, subscribers in ((LIGHT, 1), (FAN_OUT, plan.subscribers)):
        say(f"{scenario}, {subscribers} subscribers, {live.server.name}")
        await _told(live, scenario, subscribers)
    if live.server.name == OURS:
        say(f"{RESUMING}, {plan.missed} events")
        await _resumed(live)
    if files < plan.idle + SPARE_FILES:
        skipped.append(f"{plan.idle} idle subscribers: a process here may open {files} files at most (ulimit -n)")
        return
    say(f"{IDLE}, {plan.idle} subscribers, {live.server.name}")
    await _idle(live)


async def _told(live: _Live, scenario: str, subscribers: int) -> None:
    """Everybody follows, and writes come at a steady pace."""
    following = live.following(subscribers, live.plan.writes)
    async with _followed(following) as arrived:
        before = cpu_seconds(live.running.pid)
        await live.write(live.plan.writes, 1, live.plan.per_second)
        outcome = await arrived(stopping=True)
    live.keep(scenario, following, outcome, _spent(live, before), memory_mib(live.running.pid))


async def _resumed(live: _Live) -> None:
    """One was away while much was written, time and again."""
    returned = sorted([await _returned(live) for _ in range(live.plan.returns)], key=lambda one: one[1].seconds)
    following, outcome, spent = returned[len(returned) // 2]
    outcome = replace(outcome, p50_ms=0.0, p99_ms=0.0)  # it was away: how old they are tells nothing
    live.keep(RESUMING, following, outcome, spent, memory_mib(live.running.pid))


async def _returned(live: _Live) -> tuple[Following, Arrived, float | None]:
    cursor = await _cursor(live)
    plan = live.plan
    await live.write(plan.missed // plan.values, plan.values, 0)
    following = replace(
        live.following(1, plan.missed), document=_RESUME, variables={"after": cursor}, expected=plan.missed
    )
    before = cpu_seconds(live.running.pid)
    async with _followed(following) as arrived:
        outcome = await arrived(stopping=False)
    return following, outcome, _spent(live, before)


async def _idle(live: _Live) -> None:
    """Many follow, and nothing happens."""
    following = live.following(live.plan.idle, 1)
    async with _followed(following) as arrived:
        memory = memory_mib(live.running.pid)
        await live.write(1, 1, live.plan.per_second)
        outcome = await arrived(stopping=True)
    # Who is still there is told of the one write; how fast that is, others measure.
    live.keep(IDLE, following, replace(outcome, seconds=0.0, p50_ms=0.0, p99_ms=0.0), None, memory)


@asynccontextmanager
async def _followed(following: Following) -> AsyncIterator[Any]:
    """Everybody follows; yields what waits for the outcome."""
    process = await _process("benchmarks.following")
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    stdin, stdout = process.stdin, process.stdout

    async def arrived(*, stopping: bool) -> Arrived:
        if stopping:
            stdin.write(b"stop\n")
        try:
            line = await asyncio.wait_for(stdout.readline(), PATIENCE_S + LATE_S)
        except TimeoutError as error:
            raise LoadFailed("the subscribers do not end") from error
        if not line:
            raise LoadFailed(await _complaint(process))
        return Arrived(**orjson.loads(line))

    try:
        stdin.write(orjson.dumps(asdict(following)) + b"\n")
        if await asyncio.wait_for(stdout.readline(), PATIENCE_S) != b"ready\n":
            raise LoadFailed(await _complaint(process))
        yield arrived
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _cursor(live: _Live) -> str:
    headers = {"Authorization": f"Bearer {live.token}"}
    async with httpx.AsyncClient(headers=headers, timeout=60.0) as client:
        url = f"http://127.0.0.1:{live.running.port}/graphql"
        answer: Mapping[str, Any] = (await client.post(url, json={"query": _CURSOR})).json()
    cursor: str = answer["data"]["organization"]["feed"]["cursor"]
    return cursor


async def _process(module: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
    )


async def _ended(process: asyncio.subprocess.Process, sent: bytes) -> None:
    _, complained = await process.communicate(sent)
    if process.returncode != 0:
        raise LoadFailed(complained.decode("utf-8", "replace").strip()[-500:])


async def _complaint(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    return (await process.stderr.read()).decode("utf-8", "replace").strip()[-500:] or "the subscribers ended"


def _spent(live: _Live, before: float | None) -> float | None:
    after = cpu_seconds(live.running.pid)
    return None if before is None or after is None else after - before


def _raise_files() -> int:
    """Let processes that are started from here open as many files as this one may ask for; how many that is."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
