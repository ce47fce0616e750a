"""The measurements measure whom they say: loads, servers and what each is asked, and a whole small run."""

import asyncio
import base64
import json
import os
import subprocess
import sys

import pytest

from benchmarks import parts, recording
from benchmarks.contestants import chosen, contestants
from benchmarks.database import Growth as Growing
from benchmarks.database import Premises, furnish, own_cluster
from benchmarks.generators import OWN, WRK, generator_of, outcome_of
from benchmarks.live import STRAWBERRY, LivePlan, measure_live
from benchmarks.load import Load, Outcome, send
from benchmarks.measuring import Measured, Plan, measure
from benchmarks.npm import PEERS, Peers
from benchmarks.operations import OPERATIONS, Request
from benchmarks.postgraphile import FUNCTIONS, VIEW_CURRENT
from benchmarks.processes import cpu_seconds
from benchmarks.recomputing import NotCalculated
from benchmarks.recording import PLACE, NotWritten, call, check_written
from benchmarks.results import (
    BOUNDS,
    JSON_CURRENT,
    JSON_NORMALISED,
    OURS,
    PLAIN,
    RECORDING,
    ROWS_CURRENT,
    ROWS_NORMALISED,
    UNCHANGED,
    Figure,
)


def test_a_request_is_sent_with_its_token_and_length() -> None:
    assert Request("/graphql", b"{}", "secret").encoded(80) == (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAccept: application/json\r\nAuthorization: Bearer secret\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert (
        Request("/board").encoded(80)
        == b"GET /board HTTP/1.1\r\nHost: 127.0.0.1:80\r\nAccept: application/json\r\n\r\n"
    )


async def _answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while (await reader.read(1_000)).endswith(b"\r\n\r\n"):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour")


async def _hanging_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    del writer
    await reader.read(1_000)


async def _outcome(serve, *, expected: int, body: bytes | None = None, number: int | None = None) -> Outcome:
    served: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.current_task())  # type: ignore[arg-type]
        await serve(reader, writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        request = base64.b64encode(Request("/", body).encoded(port)).decode()
        outcome = await send(Load(port, request, 3, seconds=0.1, expected=expected, number=number))
        await asyncio.gather(*served)
    return outcome


async def test_right_answers_are_counted_and_those_under_way_at_the_end_with_them() -> None:
    outcome = await _outcome(_answering, expected=4)
    assert outcome.wrong == 0
    assert outcome.answers > 0
    assert outcome.finished == outcome.answers + 3


async def test_answers_of_another_length_are_wrong() -> None:
    outcome = await _outcome(_answering, expected=5)
    assert outcome.wrong == outcome.finished > 0


async def test_connections_that_are_closed_without_an_answer_are_wrong() -> None:
    outcome = await _outcome(_hanging_up, expected=4)
    assert (outcome.answers, outcome.finished, outcome.wrong) == (0, 0, 3)


WRK_SAID = """Running 2s test @ http://127.0.0.1:47123/
Requests/sec:    536.45
Transfer/sec:    276.70KB

{"answers":1000,"bytes":%d,"microseconds":2500000,"failed":3,"p50_us":6834.000,"p99_us":21968.000}
"""


@pytest.mark.parametrize(("read", "wrong"), [(400_000, 3), (399_999, 1000)])
def test_wrks_last_line_is_read_and_short_answers_are_wrong(read: int, wrong: int) -> None:
    asked = Load(port=1, request="", connections=16, seconds=2.0, expected=400)
    found = outcome_of((WRK_SAID % read).encode(), asked)
    assert found == Outcome(answers=1000, finished=1016, wrong=wrong, seconds=2.5, p50_ms=6.834, p99_ms=21.968)


def test_wrk_is_used_where_it_is_installed_and_for_whole_seconds(tmp_path) -> None:
    assert generator_of(5.0, path=str(tmp_path)) == OWN
    (tmp_path / "wrk").write_text("#!/bin/sh\n")
    (tmp_path / "wrk").chmod(0o755)
    assert generator_of(5.0, path=str(tmp_path)) == WRK
    assert generator_of(0.9, path=str(tmp_path)) == OWN


NOWHERE = Premises(server="postgresql://s@h/d", owner="postgresql://o@h/d", token="t", recorder="r", postgres=1)


def test_peers_that_cannot_be_had_are_left_out() -> None:
    python_only = {one.server.name for one in contestants(NOWHERE, Peers())}
    assert python_only == {OURS, UNCHANGED, "hand-written, normalised", "hand-written, current", PLAIN}
    everybody = contestants(NOWHERE, Peers(mercurius=("node", "m"), postgraphile=("node", "p")))
    assert len(everybody) == 14
    assert len({one.name for one in everybody}) == 14


def test_servers_of_several_processes_are_the_same_servers() -> None:
    peers = Peers(mercurius=("node", "/peers/m.mjs"), postgraphile=("node", "/peers/p.mjs"))
    alone, several = contestants(NOWHERE, peers), contestants(NOWHERE, peers, processes=3)
    for one, many in zip(alone, several, strict=True):
        assert (many.name, many.ask(OPERATIONS[0])) == (one.name, one.ask(OPERATIONS[0]))
        if one.server.is_node:
            node, file = one.server.command
            assert many.server.command == (node, "/peers/many.mjs", file)
            assert many.server.environment == {**one.server.environment, "PROCESSES": "3"}
        else:
            assert one.server.command[-2:] == ("--workers", "1")
            assert many.server.command == (*one.server.command[:-1], "3")
            assert many.server.environment == one.server.environment


def test_only_those_named_are_chosen() -> None:
    everybody = contestants(NOWHERE, Peers())
    assert [one.name for one in chosen(everybody, ["KPI-server", "plain"])] == [OURS, UNCHANGED, PLAIN]
    assert chosen(everybody, []) == everybody
    assert chosen(everybody, ["nobody"]) == []


def test_security_is_on_for_us_and_off_for_the_others() -> None:
    for one in contestants(NOWHERE, Peers(mercurius=("node", "m"), postgraphile=("node", "p"))):
        tokens = {operation.name: request.token for operation in OPERATIONS if (request := one.ask(operation))}
        assert tokens
        if one.name in (OURS, UNCHANGED):
            assert tokens.pop("mutation", "r") == "r"
            assert tokens == {"board": "t", "tiny": "t", "series": "t"}
            assert one.server.environment["DATABASE_URL"] == NOWHERE.server
        else:
            assert set(tokens.values()) == {None}
            assert one.server.environment["DATABASE_URL"] == NOWHERE.owner


def test_every_operation_is_asked_of_hand_written_routes_and_of_each_peer() -> None:
    everybody = contestants(NOWHERE, Peers(mercurius=("node", "m"), postgraphile=("node", "p")))
    for operation in OPERATIONS:
        asked = {one.server.name.split(",")[0].split(" ")[0] for one in everybody if one.ask(operation) is not None}
        assert asked == {OURS, "hand-written", "plain", "mercurius", "PostGraphile"}, operation.name


def test_this_server_is_measured_without_answers_kept_and_with_them_but_not_for_writes() -> None:
    cold, unchanged = contestants(NOWHERE, Peers())[:2]
    assert (cold.name, cold.server.environment["KPI_RESPONSE_CACHE_BYTES"]) == (OURS, "0")
    assert unchanged.name == UNCHANGED
    assert "KPI_RESPONSE_CACHE_BYTES" not in unchanged.server.environment
    mutation = next(operation for operation in OPERATIONS if operation.writes)
    assert cold.ask(mutation) is not None
    assert unchanged.ask(mutation) is None


def test_the_peers_versions_are_fixed() -> None:
    wanted = json.loads((PEERS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((PEERS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


KPI = {
    "key": "k",
    "name": "K",
    "current": {"text": "1", "value": 1.0, "period": "2024-01"},
    "previous": None,
    "target": {"text": "2", "value": 2.0},
    "owner": {"title": "CEO"},
    "status": "MISSED",
    "colour": "RED",
    "attainment": 0.5,
}
COLUMNS = {
    "key": "k", "name": "K", "currentText": "1", "currentValue": 1.0, "currentPeriod": "2024-01", "previousText": None,
    "previousValue": None, "previousPeriod": None, "targetText": "2", "targetValue": 2.0, "ownerTitle": "CEO",
    "status": "MISSED", "colour": "RED", "attainment": 0.5,
}  # fmt: skip
VERDICT = {"status": "MISSED", "colour": "RED", "attainment": 0.5}
PARTS = {**{name: part for name, part in KPI.items() if name not in VERDICT}, "verdict": VERDICT}


@pytest.mark.parametrize(("dialect", "node"), [(VIEW_CURRENT, COLUMNS), (FUNCTIONS, PARTS)])
def test_what_postgraphile_answers_reads_as_our_answer(dialect, node: dict[str, object]) -> None:
    answer = {"data": {"organization": {"slug": "s", "name": "S"}, "kpis": {"nodes": [node]}}}
    assert dialect.read(answer) == {"data": {"organization": {"slug": "s", "name": "S", "kpis": {"nodes": [KPI]}}}}


def test_what_postgraphile_answers_about_series_and_writes_reads_as_our_answer() -> None:
    series = {"key": "k", "series": {"periods": ["2024-01-01"], "values": [1.5]}}
    assert FUNCTIONS.read({"data": {"kpi": series}}) == {"data": {"organization": {"kpi": series}}}
    receipt = {"recorded": 0, "corrected": 2, "unchanged": 0}
    answer = {"data": {"recordObservations": {"result": receipt}}}
    assert FUNCTIONS.read(answer) == {"data": {"recordObservations": receipt}}


def test_a_mutation_records_five_hundred_values_that_differ_from_call_to_call() -> None:
    observations = call()["observations"]
    assert len({(one["kpi"], one["period"]) for one in observations}) == 500
    assert all(one["value"] == one["text"] and one["value"].startswith(f"{PLACE}.") for one in observations)
    for one in (contestant for contestant in contestants(NOWHERE, Peers()) if contestant.ask(OPERATIONS[-1])):
        request = one.ask(OPERATIONS[-1])
        assert request is not None
        assert request.body is not None
        assert recording.numbered(request.body, 1_712_345_678_901).count(b"1712345678901.") == 1_000
        assert len(recording.numbered(request.body, 1)) == len(request.body)


async def test_our_own_client_gives_every_call_a_number_of_its_own() -> None:
    seen: list[bytes] = []

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(1_000):
            seen.append(request[-13:])
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour")

    outcome = await _outcome(noting, expected=4, body=PLACE.encode(), number=41)
    assert outcome.wrong == 0
    assert sorted(seen) == [b"%013d" % number for number in range(42, 42 + len(seen))]


def test_the_cpu_of_processes_that_ended_is_counted() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    before = cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", burn], check=True)
    after = cpu_seconds(os.getpid())
    if before is not None and after is not None:  # there is a /proc
        assert after - before >= 0.25


async def test_a_small_run_finds_equal_answers_and_measures_everybody_before_and_after_growth() -> None:
    said: list[str] = []
    growing = Growing(years=1, segments=2)
    plan = Plan(repetitions=1, seconds=0.1, connections=(1, 64), warm_s=0, warm_node_s=0, growth=growing)
    with own_cluster() as cluster:
        premises = await furnish(cluster, seeds=False)
        everybody = contestants(premises, Peers())
        several = [one for one in contestants(premises, Peers(), processes=2) if one.name in (OURS, JSON_CURRENT)]
        measured = await measure(premises, everybody, OPERATIONS, plan, said.append, several=several, processes=2)
        with pytest.raises(NotWritten, match="the last 500 observations"):
            await check_written(premises.owner, premises.recording_id, 7)
    ours, handwritten = [OURS, UNCHANGED], [ROWS_NORMALISED, JSON_NORMALISED]
    current = [ROWS_CURRENT, JSON_CURRENT]
    asked = {
        "board": [*ours, *handwritten, *current, PLAIN],
        "tiny": [*ours, *handwritten, *current, PLAIN],
        "series": [*ours, *handwritten, PLAIN],
        "mutation": [OURS, RECORDING, PLAIN],
    }
    assert [(one.operation, one.connections, one.server) for one in measured.samples] == [
        (operation, connections, name)
        for operation, names in asked.items()
        for connections in ((1,) if operation == "mutation" else (1, 64))
        for name in names
    ]
    assert {one.server for one in measured.grown} == {*ours, *handwritten, JSON_CURRENT}
    assert {one.operation for one in measured.grown} == {"board", "tiny", "series"}
    assert [one for one in measured.samples + measured.grown if one.wrong] == []
    assert all(one.finished > 0 for one in measured.samples + measured.grown)
    assert [(one.operation, one.us_a_field > 0) for one in measured.projections] == [("board", True)]
    # 50 KPIs of eighteen fields, their list, and the organization's two with its page.
    assert measured.projections[0].fields in (900, 902)
    assert measured.skipped == []
    assert [(one.operation, one.connections, one.server, one.wrong) for one in measured.samples_of_many] == [
        ("board", 16, OURS, 0),
        ("board", 16, JSON_CURRENT, 0),
    ]
    assert all(one.finished > 0 for one in measured.samples_of_many)
    assert set(measured.memory_mib) == {*ours, "hand-written, normalised", "hand-written, current", PLAIN}
    assert "growing figures and recorded values to 2 times as many" in said


async def test_the_parts_import_calculate_and_roll_up_what_they_say() -> None:
    said: list[str] = []
    with own_cluster() as cluster:
        measured = Measured([], [], {}, [])
        await parts.measure_parts(cluster, parts.PARTS, measured, rows=15_000, say=said.append)
    figures = measured.figures
    assert measured.broken == []
    assert [figure.name for figure in figures] == list(BOUNDS)[2:4] + list(BOUNDS)[:2] + list(BOUNDS)[4:]
    words = {figure.name: figure.words for figure in figures}
    assert words["recompute"].startswith("73,000 values in ")
    assert words["late"].startswith("4 of 73,000 values, in ")
    # Two segments are 14,600 values of twenty measures on 365 days.
    assert words["import"].startswith("14,600 rows, ")
    assert words["months"].startswith("14,600 values, ")
    assert all(figure.value > 0 for figure in figures)
    assert next(figure.value for figure in figures if figure.name == "late") == 1


async def test_a_part_that_breaks_off_costs_itself_alone(monkeypatch) -> None:
    async def breaks(_: parts.Ground) -> list[Figure]:
        raise NotCalculated("3 values were calculated")

    async def measures(_: parts.Ground) -> list[Figure]:
        return [Figure("import", 0.5, "some rows")]

    monkeypatch.setattr(parts, "PARTS", {"recompute": breaks, "import": measures})
    with own_cluster() as cluster:
        measured = Measured([], [], {}, [])
        await parts.measure_parts(cluster, parts.PARTS, measured, rows=15_000, say=[].append)
    assert measured.figures == [Figure("import", 0.5, "some rows")]
    assert measured.broken == ["recompute: 3 values were calculated"]


async def test_a_small_run_of_subscriptions_delivers_everything() -> None:
    plan = LivePlan(subscribers=3, writes=2, missed=20, idle=4, values=10)
    skipped: list[str] = []
    with own_cluster() as cluster:
        premises = await furnish(cluster, seeds=False)
        samples = await measure_live(premises, Peers(), plan, skipped, [].append)
    assert [(one.server, one.scenario, one.subscribers, one.events, one.expected) for one in samples] == [
        (OURS, "light load", 1, 2, 2),
        (OURS, "fan-out", 3, 6, 6),
        (OURS, "resuming", 1, 20, 20),
        (OURS, "idle", 4, 4, 4),
        (STRAWBERRY, "light load", 1, 2, 2),
        (STRAWBERRY, "fan-out", 3, 6, 6),
        (STRAWBERRY, "idle", 4, 4, 4),
    ]
    assert skipped == []
