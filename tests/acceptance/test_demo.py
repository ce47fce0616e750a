"""The demo as a newcomer meets it: one program, an answer, and nothing left behind."""

import fcntl
import json
import re
import shlex
import signal
import socket
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.families

ROLES = {"EXECUTIVE", "DEPARTMENT", "SUPPORT", "EXTERNAL", "ADMIN", "INTEGRATOR", "SERVICE"}
COMPANIES = {"ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co"}
VIEWER = "{ viewer { grants { role organization { slug } } } }"


def is_free(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_one_line_of_json_says_all_that_a_script_needs(start, data, free_port, ask, processes_of):
    demo = start("demo", "--json", "--data", data, "--port", str(free_port))
    ready = demo.ready()
    assert ready.keys() == {"url", "tokens", "data", "pid"}
    assert ready["url"] == f"http://127.0.0.1:{free_port}"
    assert ready["pid"] == demo.process.pid
    assert ready["tokens"].keys() == ROLES
    for role, token in ready["tokens"].items():
        grants = ask(ready["url"], token, VIEWER).json()["data"]["viewer"]["grants"]
        assert {(grant["organization"]["slug"], grant["role"]) for grant in grants} == {(c, role) for c in COMPANIES}
    assert demo.stop(signal.SIGTERM) == (0, "")
    assert processes_of(ready["data"]) == []
    assert [lock.name for lock in Path(ready["data"]).glob("*.lock") if not is_free(lock)] == []


def test_what_it_suggests_works_as_it_is_printed(start, data, free_port):
    demo = start("demo", "--data", data, "--port", str(free_port))
    demo.read_until(lambda line: line.startswith("Ctrl-C stops it"), "stdout")
    assert any(line.startswith("The data lies in /") for line in demo.lines)
    *queries, follow, record = [shlex.split(line) for line in demo.lines if line.startswith("  curl ")]
    # AI Marketing Platform's CLV is printed on line 116 of document 002; 000 says that MAU and revenue were missed.
    clv, missed, viewer = (sent(query)["data"] for query in queries)
    assert clv["organization"]["kpi"]["key"] == "financial.clv"
    assert clv["organization"]["kpi"]["current"] == {"text": "€18,500", "source": {"document": "002", "line": 116}}
    assert {kpi["name"] for kpi in missed["organization"]["kpis"]["nodes"]} == {
        "Monthly Active Users",
        "Revenue (ARR)",
    }
    assert {grant["organization"]["slug"] for grant in viewer["viewer"]["grants"]} == COMPANIES
    assert follow[:2] == ["curl", "-sN"]
    shown = shown_by_the_readme()
    assert watched(follow, record, shown) == shown
    assert demo.stop(signal.SIGINT)[0] == 0


def watched(follow: list[str], record: list[str], shown: list[dict[str, object]]) -> list[dict[str, object]]:
    """The events that one command shows when the other was given, but for what is calculated and not `shown`.

    A demo that has just begun still calculates its history, and tells of that as well.
    """
    with httpx.stream("POST", follow[2], content=body_of(follow), headers=headers_of(follow), timeout=60) as followed:
        batches = (json.loads(line[6:]) for line in followed.iter_lines() if line.startswith("data: {"))
        assert next(batches)["data"]["changes"]["events"] == []
        assert sent(record)["data"]["recordObservations"]["errors"] == []
        events: list[dict[str, object]] = []
        while len(events) < len(shown):
            told = next(batches)["data"]["changes"]["events"]
            events += [one for one in told if one["kind"] != "RECOMPUTED" or one in shown]
        return events


def shown_by_the_readme() -> list[dict[str, object]]:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    shown = re.search(r"^```text\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert shown is not None
    return [json.loads(line) for line in shown[1].splitlines()]


def headers_of(curl: list[str]) -> dict[str, str]:
    return dict(curl[index + 1].split(": ", 1) for index, word in enumerate(curl) if word == "-H")


def body_of(curl: list[str]) -> bytes:
    return curl[curl.index("-d") + 1].encode()


def sent(curl: list[str]) -> dict[str, dict[str, object]]:
    """The answer to a curl command: its words, without the program, which not every machine has."""
    assert curl[:2] == ["curl", "-s"]
    answer = httpx.post(curl[2], content=body_of(curl), headers=headers_of(curl))
    assert answer.status_code == 200
    parsed: dict[str, dict[str, object]] = answer.json()
    assert "errors" not in parsed
    return parsed


def test_a_killed_demo_loses_nothing_and_its_tokens_end(start, program, data, free_port, ask):
    arguments = ("demo", "--json", "--data", data, "--port", str(free_port))
    killed = start(*arguments)
    before = killed.ready()
    made = program("token", "create", "survivor", "auterity:EXECUTIVE", "--json", "--data", data)
    kept = json.loads(made.stdout)["token"]
    assert killed.stop(signal.SIGKILL) == (-signal.SIGKILL, "")

    demo = start(*arguments)
    after = demo.ready()
    answer = ask(after["url"], kept, VIEWER).json()
    assert answer["data"]["viewer"]["grants"] == [{"role": "EXECUTIVE", "organization": {"slug": "auterity"}}]
    assert ask(after["url"], before["tokens"]["ADMIN"], VIEWER).status_code == 401
    assert set(before["tokens"].values()) & set(after["tokens"].values()) == set()
    assert demo.stop(signal.SIGTERM) == (0, "")


def test_two_demos_share_the_data_and_the_last_one_stops_it(start, data, ask, processes_of):
    first = start("demo", "--json", "--data", data, "--port", "0")
    directory = first.ready()["data"]
    second = start("demo", "--json", "--data", data, "--port", "0")
    ready = second.ready()
    assert first.stop(signal.SIGHUP) == (0, "")  # its terminal was closed
    assert ask(ready["url"], ready["tokens"]["SUPPORT"], VIEWER).status_code == 200
    assert len(processes_of(directory)) > 0
    assert second.stop(signal.SIGINT) == (0, "")
    assert processes_of(directory) == []


def test_reset_starts_over(start, program, data, ask):
    """A new cluster has a new password."""
    place = cluster_of(program, data)
    before = (place / "password").read_text()
    demo = start("demo", "--reset", "--json", "--data", data, "--port", "0")
    ready = demo.ready()
    assert (Path(ready["data"]) / "password").read_text() != before
    assert ask(ready["url"], ready["tokens"]["EXECUTIVE"], VIEWER).status_code == 200


def test_reset_removes_nothing_that_a_demo_did_not_make(program, tmp_path):
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "diary.txt").write_text("dear diary")
    answer = program("demo", "--reset", "--data", tmp_path, "--port", "0")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"{tmp_path / 'cluster'} was not made by a demo, so --reset does not remove it: move it away.\n"
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["cluster", "diary.txt"]


def test_reset_leaves_a_database_of_somebody_elses_alone(program, tmp_path):
    address = "postgresql://somebody@127.0.0.1:1/theirs"
    answer = program("demo", "--reset", "--data", tmp_path, "--port", "0", DATABASE_URL=address)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "--reset removes an embedded database only: DATABASE_URL names another one.\n"


def test_a_busy_port_is_one_sentence_before_anything_is_made(program, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = program("demo", "--json", "--data", tmp_path / "data", "--port", str(port))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"Port {port} is in use: stop what uses it, or choose another one with --port.\n"
    assert not (tmp_path / "data").exists()


def test_a_directory_that_cannot_be_made_is_one_sentence(program, tmp_path):
    (tmp_path / "file").write_text("in the way")
    place = tmp_path / "file" / "data"
    answer = program("demo", "--data", place, "--port", "0")
    assert (answer.returncode, answer.stdout) == (1, "")
    reason = f"({place}: Not a directory): mend its rights or choose another one."
    assert answer.stderr == f"The data directory {place} cannot be used {reason}\n"


def test_a_database_that_does_not_answer_is_one_sentence(program, tmp_path, free_port):
    address = f"postgresql://somebody:secret@127.0.0.1:{free_port}/kpi"
    answer = program("demo", "--data", tmp_path, "--port", "0", DATABASE_URL=address)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        f"No PostgreSQL answers at 127.0.0.1:{free_port}/kpi: start it, or set DATABASE_URL to one that runs.\n"
    )


def test_ending_it_while_it_starts_leaves_no_process(start, program, data, processes_of):
    place = cluster_of(program, data)
    demo = start("demo", "--json", "--data", data, "--port", "0")
    while not set(processes_of(place)) - {demo.process.pid}:
        assert demo.process.poll() is None
    demo.process.send_signal(signal.SIGTERM)
    demo.process.communicate()
    assert demo.process.returncode in (0, 128 + signal.SIGTERM)  # it may have been ready already
    assert processes_of(place) == []


def cluster_of(program, data: Path) -> Path:
    """Where the data of a directory really lies, once there is some: as root it may be elsewhere."""
    words = program("migrate", "--data", data).stdout
    return Path(words.removeprefix("The database in ").partition(" is at revision ")[0])
