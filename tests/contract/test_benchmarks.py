"""The measurements measure what they say: equal answers, honest arithmetic, and a whole small run."""

import asyncio
import base64
import doctest
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from benchmarks import agreement, load, operations, packages, recording
from benchmarks.agreement import Disagreement, check_equal, differences
from benchmarks.catalog import KPIS, catalog
from benchmarks.contestants import chosen, contestants
from benchmarks.database import Growth as Growing
from benchmarks.database import Premises, furnish, own_cluster
from benchmarks.generators import OWN, WRK, generator_of, outcome_of
from benchmarks.load import Load, Outcome, percentile, send
from benchmarks.measuring import Measured, Plan, measure
from benchmarks.npm import PEERS, Peers
from benchmarks.operations import OPERATIONS, Request
from benchmarks.plot import svg
from benchmarks.postgraphile import FUNCTIONS, VIEW_CURRENT
from benchmarks.processes import cpu_seconds
from benchmarks.projection import Projection
from benchmarks.recording import PLACE, NotWritten, call, check_written
from benchmarks.report import Circumstances, Growth, Report, growths, markdown
from benchmarks.results import (
    BARS,
    JSON_CURRENT,
    JSON_NORMALISED,
    OURS,
    PLAIN,
    RECORDING,
    ROWS_CURRENT,
    ROWS_NORMALISED,
    UNCHANGED,
    Sample,
    ratios,
    summarise,
)

SVG = "{http://www.w3.org/2000/svg}"


def sample(server: str, answers: int, **changed: object) -> Sample:
    one = Sample(
        server=server,
        operation="board",
        connections=16,
        repetition=0,
        answers=answers,
        finished=answers,
        wrong=0,
        seconds=2.0,
        p50_ms=1.0,
        p99_ms=9.0,
        server_cpu_s=1.0,
        database_cpu_s=None,
    )
    return replace(one, **changed)  # type: ignore[arg-type]


def circumstances(**changed: object) -> Circumstances:
    quiet = Circumstances("2024-04-05", 2, 0.5, False, "own client", {"Python": "3.11.7"})
    return replace(quiet, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("module", [agreement, load, operations, packages, recording])
def test_the_examples_in_docstrings_hold(module) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0


def test_a_summary_holds_medians_and_the_spread_around_the_median_rate() -> None:
    samples = [
        sample(OURS, 200, p50_ms=1.0, p99_ms=5.0, server_cpu_s=0.5, finished=250, wrong=1),
        sample(OURS, 400, p50_ms=3.0, p99_ms=7.0, server_cpu_s=0.8, finished=400, wrong=2),
        sample(OURS, 300, p50_ms=2.0, p99_ms=6.0, server_cpu_s=0.9, finished=300),
    ]
    (summary,) = summarise(samples)
    # Rates 100, 200 and 150 a second; CPU 0.5 s / 250 = 2,000 µs, 0.8 / 400 = 2,000 and 0.9 / 300 = 3,000.
    assert (summary.rate, summary.lowest, summary.highest) == (150.0, 100 / 150, 200 / 150)
    assert (summary.p50_ms, summary.p99_ms) == (2.0, 6.0)
    assert summary.server_cpu_us == pytest.approx(2_000)
    assert summary.database_cpu_us is None
    assert summary.wrong == 3


def test_samples_of_other_connections_operations_and_servers_are_summarised_apart() -> None:
    samples = [sample(OURS, 10), sample(OURS, 20, connections=64), sample(OURS, 30, operation="tiny"), sample(PLAIN, 2)]
    summaries = [(one.server, one.operation, one.connections, one.rate) for one in summarise(samples)]
    assert summaries == [
        (OURS, "board", 16, 5.0),
        (OURS, "board", 64, 10.0),
        (OURS, "tiny", 16, 15.0),
        (PLAIN, "board", 16, 1.0),
    ]


def test_a_server_without_a_single_answer_has_a_rate_of_zero() -> None:
    (summary,) = summarise([sample(PLAIN, 0)])
    assert (summary.rate, summary.lowest, summary.highest, summary.server_cpu_us) == (0.0, 0.0, 0.0, None)


def test_the_better_route_over_kpi_current_is_what_we_are_compared_with() -> None:
    samples = [sample(OURS, 80), sample(ROWS_CURRENT, 50), sample(JSON_CURRENT, 100), sample(JSON_NORMALISED, 40)]
    found = {ratio.words[:3]: ratio for ratio in ratios(summarise(samples))}
    assert (found["d*:"].value, found["d*:"].is_reached) == (0.8, True)
    assert (found["d: "].value, found["d: "].is_reached) == (2.0, True)
    assert {ratio.value for words, ratio in found.items() if words not in ("d*:", "d: ")} == {None}


@pytest.mark.parametrize(("ours", "reached"), [(129, False), (130, True)])
def test_a_bar_is_reached_from_its_own_number_on(ours: int, reached: bool) -> None:
    found = ratios(summarise([sample(OURS, ours), sample(JSON_NORMALISED, 100)]))
    assert found[0].least == 1.3
    assert found[0].is_reached is reached


def test_what_is_kept_has_bars_of_its_own() -> None:
    found = ratios(summarise([sample(UNCHANGED, 250), sample(JSON_NORMALISED, 100)]))
    assert [(one.ours, one.value, one.least) for one in found if one.value] == [(UNCHANGED, 2.5, 3.0)]


def test_ratios_by_cpu_count_server_and_postgres() -> None:
    spent = [sample(OURS, 100, database_cpu_s=1.0), sample(JSON_NORMALISED, 100, database_cpu_s=4.0)]
    found = ratios(summarise(spent))[0]
    # One second of the server and four of Postgres for the other's hundred answers, one and one for ours.
    assert (found.value, found.by_cpu) == (1.0, 2.5)
    assert ratios(summarise([sample(OURS, 100), sample(JSON_NORMALISED, 100)]))[0].by_cpu is None


def test_ratios_are_of_sixteen_connections_and_of_measured_operations() -> None:
    apart = [sample(OURS, 10, connections=64), sample(JSON_NORMALISED, 10, connections=64)]
    assert ratios(summarise(apart)) == []
    assert ratios(summarise([sample(JSON_NORMALISED, 10)])) == []
    tiny = [sample(OURS, 10, operation="tiny")]
    assert {ratio.operation for ratio in ratios(summarise(tiny))} == {"tiny"}


def test_every_bar_is_of_an_operation_that_is_asked() -> None:
    assert {bar.operation for bar in BARS} <= {operation.name for operation in OPERATIONS}


def test_growth_is_what_is_left_of_the_rate_at_sixteen_connections() -> None:
    before = summarise([sample(OURS, 200), sample(OURS, 999, connections=64), sample(PLAIN, 10)])
    after = summarise([sample(OURS, 190), sample(ROWS_NORMALISED, 5)])
    assert growths(before, after) == [Growth(OURS, "board", 100.0, 95.0, 0.95)]


@pytest.mark.parametrize(
    ("expected", "answer", "found"),
    [
        ({"a": 1, "b": [True]}, {"b": [True], "a": 1}, []),
        (1.0, 1.0000000000001, []),
        (1, 1.0, []),
        (1.0, 1.00000000001, ["answer: 1.0, not 1.00000000001"]),
        (None, 0, ["answer: None, not 0"]),
        (1, True, ["answer: 1, not True"]),
        ("1", 1, ["answer: '1', not 1"]),
        ({"a": 1}, {"b": 1}, ["answer.a: only in one answer", "answer.b: only in one answer"]),
        ([1, 2], [1], ["answer: 2 entries, not 1", "answer[1]: 2, not None"]),
        ([1, 2], [2, 1], ["answer[0]: 1, not 2", "answer[1]: 2, not 1"]),
    ],
)
def test_answers_differ_in_values_types_and_missing_fields_but_not_in_their_last_digit(
    expected: object, answer: object, found: list[str]
) -> None:
    assert list(differences(expected, answer)) == found


def test_a_different_answer_is_refused_with_its_first_differences() -> None:
    with pytest.raises(Disagreement) as refusal:
        check_equal("board: other", list(range(7)), list(range(1, 8)))
    first = "answer[0]: 0, not 1; answer[1]: 1, not 2; answer[2]: 2, not 3; answer[3]: 3, not 4; answer[4]: 4, not 5"
    assert str(refusal.value) == f"board: other answers differently: {first} and 2 more"


def test_the_generated_organization_has_a_row_and_three_earlier_figures_for_each_kpi() -> None:
    rows = catalog("acme")
    assert KPIS == 200
    assert len({row["key"] for row in rows["kpis"]}) == 200
    assert [row["kpi"] for row in rows["kpi_rows"]] == [row["key"] for row in rows["kpis"]]
    assert len({(row["kpi"], row["period"]) for row in rows["figures"]}) == 600


@pytest.mark.parametrize(
    ("ascending", "share", "expected"),
    [
        ([5.0], 0.5, 5.0),
        ([1.0, 2.0], 0.5, 1.0),
        ([1.0, 2.0, 3.0], 0.5, 2.0),
        ([*map(float, range(1, 101))], 0.99, 99.0),
    ],
)
def test_percentiles_are_of_the_nearest_rank(ascending: list[float], share: float, expected: float) -> None:
    assert percentile(ascending, share) == expected


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


def test_the_plot_draws_bars_in_proportion_fastest_first() -> None:
    samples = [sample("a <slow> one", 50), sample(OURS, 200), sample(PLAIN, 900, connections=64)]
    drawing = ElementTree.fromstring(svg(summarise(samples)))  # noqa: S314 - drawn a moment ago
    bars = [bar for bar in drawing.iter(f"{SVG}rect") if bar.get("x")]
    assert [float(bar.get("width", "0")) for bar in bars] == [470.0, 117.5]
    texts = [text.text for text in drawing.iter(f"{SVG}text")]
    assert texts == ["board, 16 connections: answers per second", OURS, "100", "a <slow> one", "25"]


@pytest.mark.parametrize(
    ("changed", "official"),
    [({}, True), ({"load_average": 0.99}, True), ({"load_average": 1.0}, False), ({"is_quick": True}, False)],
)
def test_only_whole_runs_on_a_quiet_machine_are_official(changed: dict[str, object], official: bool) -> None:
    report = Report(circumstances(**changed), Measured([sample(OURS, 10)], [], {}, []))
    assert report.circumstances.is_official is official
    page = markdown(report, plot="plot.svg")
    assert ("These are no official numbers" in page) is not official
    assert "load average before the start" in page


def test_the_page_and_the_data_hold_every_number_and_what_was_skipped() -> None:
    measured = Measured(
        [sample(OURS, 2_600), sample(JSON_NORMALISED, 2_000)],
        [sample(OURS, 2_314)],
        {OURS: 80.0, PLAIN: 300.0},
        ["x"],
        100,
        [Projection("board", 900, 0.31)],
    )
    report = Report(circumstances(), measured)
    page = markdown(report, plot="plot.svg").splitlines()
    assert "| kpi-server | 16 | 1,300 | 100%–100% | 1.00 | 9.00 | 385 | – | 0 |" in page
    assert (
        "| board | kpi-server | d: one statement that builds JSON, normalised tables | 1.3 × | – | ≥ 1.3 | met |"
        in page
    )
    assert "| kpi-server | board | 1,300 | 1,157 | 89% |" in page
    assert "| kpi-server | 80 |" in page
    # 1,157 of 1,300 is less than nine tenths; 80 MiB are 84 MB.
    assert page[page.index("## Other bars") + 4 :][:3] == [
        "| board: its 900 fields shaped from rows by compiled code | 0.31 µs a field | ≤ 0.3 | NOT MET |",
        "| board: what is left with 100 times the figures and recorded values | 89% | ≥ 90% | NOT MET |",
        "| memory of kpi-server | 84 MB | ≤ 120 | met |",
    ]
    assert "- Skipped: x" in page
    data = json.loads(json.dumps(report.as_data()))
    assert (data["ratios"][0]["value"], data["ratios"][0]["is_reached"]) == (1.3, True)
    assert data["growth"][0]["share"] == 0.89
    assert data["skipped"] == ["x"]


NOWHERE = Premises(server="postgresql://s@h/d", owner="postgresql://o@h/d", token="t", recorder="r", postgres=1)


def test_peers_that_cannot_be_had_are_left_out() -> None:
    python_only = {one.server.name for one in contestants(NOWHERE, Peers())}
    assert python_only == {OURS, UNCHANGED, "hand-written, normalised", "hand-written, current", PLAIN}
    everybody = contestants(NOWHERE, Peers(mercurius=("node", "m"), postgraphile=("node", "p")))
    assert len(everybody) == 14
    assert len({one.name for one in everybody}) == 14


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
        measured = await measure(premises, everybody, OPERATIONS, plan, said.append)
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
    assert set(measured.memory_mib) == {*ours, "hand-written, normalised", "hand-written, current", PLAIN}
    assert "growing figures and recorded values to 2 times as many" in said
