"""One run: servers started, answers compared, warmed up, measured in turns, measured again after growth."""

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import httpx
import orjson

from benchmarks import recording
from benchmarks.agreement import Disagreement, check_equal
from benchmarks.contestants import Contestant, Server
from benchmarks.database import Growth, Premises, grow
from benchmarks.generators import put_load, settled
from benchmarks.load import Load, Outcome
from benchmarks.operations import Operation, Request, field_count
from benchmarks.processes import NotStarted, Running, cpu_seconds, memory_mib, start
from benchmarks.projection import Projection, measure_projection
from benchmarks.recording import NotWritten, call_number, check_written, numbered
from benchmarks.results import (
    BOARD,
    COMPARED_AT,
    JSON_CURRENT,
    JSON_NORMALISED,
    OURS,
    ROWS_NORMALISED,
    UNCHANGED,
    Figure,
    LiveSample,
    Sample,
)

Say = Callable[[str], None]
GROWING: Final = (OURS, UNCHANGED, ROWS_NORMALISED, JSON_NORMALISED, JSON_CURRENT)
WRITING: Final = (1, 16)
"""Connections that write: more of them only wait for each other."""


@dataclass(frozen=True)
class Plan:
    """How long, how often, and how much more there is in the end."""

    repetitions: int
    seconds: float
    connections: tuple[int, ...]
    warm_s: float
    warm_node_s: float
    growth: Growth = Growth()  # noqa: RUF009 - a frozen value
    apart: tuple[int, float] | None = None
    """Repetitions and seconds at other connections than those at which servers are compared; None: the same."""

    def turns(self, connections: int) -> tuple[int, float]:
        """How often and how long each server is measured with so many connections."""
        compared = self.repetitions, self.seconds
        return compared if connections == COMPARED_AT or self.apart is None else self.apart

    def connections_of(self, operation: Operation) -> tuple[int, ...]:
        return tuple(count for count in self.connections if count in WRITING or not operation.writes)


FULL = Plan(repetitions=5, seconds=5.0, connections=(1, 16, 64), warm_s=2.0, warm_node_s=10.0, apart=(3, 3.0))
QUICK = Plan(
    repetitions=2, seconds=1.0, connections=(1, 16), warm_s=0.5, warm_node_s=2.0, growth=Growth(years=5, segments=2)
)


@dataclass(frozen=True)
class Entry:
    """A contestant whose server runs, with one request that gave the right answer of this length."""

    contestant: Contestant
    running: Running
    operation: Operation
    request: Request
    length: int


@dataclass(frozen=True)
class Measured:
    """What a run brought: samples, samples after growth, memory by server, and why somebody was left out."""

    samples: list[Sample]
    grown: list[Sample]
    memory_mib: dict[str, float]
    skipped: list[str]
    factor: int = 1
    """How many times as much there was after growth."""
    projections: list[Projection] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    live: list[LiveSample] = field(default_factory=list)
    processes: int = 1
    """How many processes each server was for `samples_of_many`."""
    samples_of_many: list[Sample] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Parts that broke off, and why."""


async def measure(
    premises: Premises,
    contestants: Sequence[Contestant],
    operations: Sequence[Operation],
    plan: Plan,
    say: Say,
    *,
    several: Sequence[Contestant] = (),
    processes: int = 1,
) -> Measured:
    """Run everything; `several` are contestants whose servers are so many processes each.

    Raises:
        Disagreement: somebody's answer is not ours.
    """
    measured = Measured([], [], {}, [], plan.growth.factor, processes=processes)
    for operation in operations:
        if operation.name == BOARD:
            measured.projections.extend(one for one in [await measure_projection(premises, operation)] if one)
            await _measure_several(premises, several, operation, plan=plan, say=say, measured=measured)
    async with _started(contestants, measured.skipped) as servers:
        present = [one for one in contestants if one.server.name in servers]
        for operation in operations:
            entries = await _agreed(premises, present, servers, operation)
            await _warm(premises, entries, plan, say)
            for connections in plan.connections_of(operation):
                say(f"{operation.name}, {connections} connections, {len(entries)} servers")
                measured.samples.extend(await _rounds(premises, entries, plan, connections))
        measured.memory_mib.update(_memory(servers))
        await _measure_growth(premises, present, servers, operations, plan=plan, say=say, measured=measured)
    return measured


async def _measure_several(
    premises: Premises,
    several: Sequence[Contestant],
    operation: Operation,
    *,
    plan: Plan,
    say: Say,
    measured: Measured,
) -> None:
    """What a machine brings whose cores all have a process of the server; they have ended when others are measured."""
    if not several:
        return
    async with _started(several, measured.skipped) as servers:
        for server in servers.values():
            await settled(server.pid)  # it listens before all of its processes do
        present = [one for one in several if one.server.name in servers]
        entries = await _agreed(premises, present, servers, operation)
        await _warm(premises, entries, plan, say)
        say(f"{operation.name}, {COMPARED_AT} connections, {len(entries)} servers of {measured.processes} processes")
        measured.samples_of_many.extend(await _rounds(premises, entries, plan, COMPARED_AT))


async def _measure_growth(
    premises: Premises,
    present: Sequence[Contestant],
    servers: Mapping[str, Running],
    operations: Sequence[Operation],
    *,
    plan: Plan,
    say: Say,
    measured: Measured,
) -> None:
    growing = [one for one in present if one.name in GROWING]
    reading = [one for one in operations if not one.writes]
    if not growing or not reading:
        return
    say(f"growing figures and recorded values to {plan.growth.factor} times as many")
    await grow(premises, plan.growth)
    for operation in reading:
        entries = await _agreed(premises, growing, servers, operation)
        await _warm(premises, entries, plan, say)
        say(f"{operation.name}, {COMPARED_AT} connections, {len(entries)} servers")
        measured.grown.extend(await _rounds(premises, entries, plan, COMPARED_AT))


@asynccontextmanager
async def _started(contestants: Sequence[Contestant], skipped: list[str]) -> AsyncIterator[dict[str, Running]]:
    """Every server that is needed, by name; whoever does not start is skipped, except ourselves."""
    running: dict[str, Running] = {}
    try:
        for server in _servers(contestants):
            try:
                running[server.name] = await start(server.command, server.environment)
            except NotStarted as error:
                if server.name == OURS:
                    raise
                skipped.append(f"{server.name}: {error}")
        yield running
    finally:
        for one in running.values():
            await one.stop()


def _servers(contestants: Sequence[Contestant]) -> list[Server]:
    return list({one.server.name: one.server for one in contestants}.values())


async def _agreed(
    premises: Premises, contestants: Sequence[Contestant], servers: Mapping[str, Running], operation: Operation
) -> list[Entry]:
    """The contestants that have this operation, with answers that equal the first one's."""
    entries: list[Entry] = []
    expected: object = None
    async with httpx.AsyncClient(timeout=60.0) as client:
        for contestant in contestants:
            request = contestant.ask(operation)
            if request is None:
                continue
            running = servers[contestant.server.name]
            number = call_number()
            body = await _answer(client, running.port, _with_number(request, number), contestant.name)
            if operation.writes:
                await _check_written(premises, number, contestant.name)
            answer = contestant.read(orjson.loads(body))
            if not entries:
                _check_size(contestant.name, answer, operation)
                expected = answer
            check_equal(f"{operation.name}: {contestant.name}", expected, answer)
            entries.append(Entry(contestant, running, operation, request, len(body)))
    return entries


def _with_number(request: Request, number: int) -> Request:
    return request if request.body is None else replace(request, body=numbered(request.body, number))


async def _check_written(premises: Premises, number: int, name: str) -> None:
    try:
        await check_written(premises.owner, premises.recording_id, number)
    except NotWritten as error:
        raise Disagreement(f"{name} has not written what it was sent: {error}") from error


def _check_size(name: str, answer: dict[str, object], operation: Operation) -> None:
    count = field_count(answer.get("data"))
    if count != operation.fields:
        raise Disagreement(f"{operation.name}: {name} answers {count} fields, not {operation.fields}: {answer}")


async def _answer(client: httpx.AsyncClient, port: int, request: Request, name: str) -> bytes:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    if request.token is not None:
        headers["Authorization"] = f"Bearer {request.token}"
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    method = "GET" if request.body is None else "POST"
    url = f"http://127.0.0.1:{port}{request.path}"
    response = await client.request(method, url, content=request.body, headers=headers)
    if response.status_code != 200 or "errors" in response.json():
        raise Disagreement(f"{name} answers {response.status_code}: {response.text[:500]}")
    return response.content


async def _warm(premises: Premises, entries: Sequence[Entry], plan: Plan, say: Say) -> None:
    """Let compilers see the work and connections be made."""
    say(f"{entries[0].operation.name}: warming up")
    for entry in entries:
        seconds = plan.warm_node_s if entry.contestant.server.is_node else plan.warm_s
        if seconds:
            await _reset(premises, entry.operation)
            await _load(entry, connections=COMPARED_AT, seconds=seconds)


async def _rounds(premises: Premises, entries: Sequence[Entry], plan: Plan, connections: int) -> list[Sample]:
    """Everybody in turn, again and again; each round begins with somebody else."""
    order = [entry.contestant.name for entry in entries]
    samples: list[Sample] = []
    repetitions, seconds = plan.turns(connections)
    for repetition in range(repetitions):
        start_at = repetition % len(entries)
        for entry in [*entries[start_at:], *entries[:start_at]]:
            sample = await _sample(premises, entry, seconds, connections=connections, repetition=repetition)
            samples.append(sample)
    return sorted(samples, key=lambda sample: order.index(sample.server))


async def _sample(premises: Premises, entry: Entry, seconds: float, *, connections: int, repetition: int) -> Sample:
    await _reset(premises, entry.operation)
    before = cpu_seconds(entry.running.pid), cpu_seconds(premises.postgres)
    outcome = await _load(entry, connections=connections, seconds=seconds)
    after = cpu_seconds(entry.running.pid), cpu_seconds(premises.postgres)
    return Sample(
        server=entry.contestant.name,
        operation=entry.operation.name,
        connections=connections,
        repetition=repetition,
        answers=outcome.answers,
        finished=outcome.finished,
        wrong=outcome.wrong,
        seconds=outcome.seconds,
        p50_ms=outcome.p50_ms,
        p99_ms=outcome.p99_ms,
        server_cpu_s=_spent(before[0], after[0]),
        database_cpu_s=_spent(before[1], after[1]),
    )


async def _reset(premises: Premises, operation: Operation) -> None:
    """Whoever writes finds the tables that everybody else found."""
    if operation.writes:
        await recording.reset(premises.owner, premises.recording_id)


def _spent(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


async def _load(entry: Entry, *, connections: int, seconds: float) -> Outcome:
    port = entry.running.port
    request = base64.b64encode(entry.request.encoded(port)).decode()
    number = call_number() if entry.operation.writes else None
    load = Load(port, request, connections, seconds, expected=entry.length, number=number)
    return await put_load(load, server=entry.running.pid)


def _memory(servers: Mapping[str, Running]) -> dict[str, float]:
    sizes = {name: memory_mib(running.pid) for name, running in servers.items()}
    return {name: size for name, size in sizes.items() if size is not None}
