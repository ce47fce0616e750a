"""The other commands as an operator uses them: exit codes, one sentence a failure, real processes where they matter."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from kpi_server.cli.entry import COMMANDS

SHOP = """\
organization: {slug: shop, source: "menu:1", name: Shop, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
owners:
  - {key: baker, source: "menu:2", title: Baker}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
kpi_rows:
  - {kpi: custom.loaves, source: "menu:6", name: Loaves, current: "1,200", target: "1,500", owner: baker}
"""
BAD = """\
organization: {slug: stall, source: "menu:1", name: Stall, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: SIDEWAYS}
  - {key: custom.waste, source: "menu:6", name: Waste, unit: RATIO, direction: DOWN}
kpi_rows:
  - {kpi: custom.waste, source: "menu:7", name: Waste, current: "3 %", target: "less", owner: boss}
"""
PATIENCE_S = 60
WHO = "62ef2e91a4b66331946184bd9cbec70da6110c98ac983865c726bfebcf2fd486"  # printf 'query Who{viewer{name}}' | sha256sum
VIEWER = "{ viewer { grants { role organization { slug } } } }"


@pytest.fixture
def catalogs(tmp_path: Path) -> Path:
    """A folder of two catalogs, a good one and a bad one."""
    for name, text in (("shop", SHOP), ("stall", BAD)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_help_names_every_command_and_imports_none():
    words = "import sys; from kpi_server.cli.entry import commands; commands(['--help'], standalone_mode=False)"
    check = "; print([name for name in ('alembic', 'strawberry', 'sqlalchemy') if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", words + check], capture_output=True, text=True, check=True)
    *shown, imported = answer.stdout.splitlines()
    assert [line.split()[0] for line in shown[shown.index("Commands:") + 1 :]] == [*COMMANDS]
    assert imported == "[]"


def test_an_unknown_command_or_option_is_a_usage_error(command):
    for arguments in (["nonsense"], ["plugins", "--nonsense"], ["demo", "--port", "many"], ["seed", "no/such/folder"]):
        answer = command(*arguments)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith("Usage: kpi-server")


@pytest.mark.families
def test_the_families_are_listed_with_where_they_are_from(command):
    answer = command("plugins", "--json")
    listed = json.loads(answer.stdout)
    assert answer.returncode == 0
    assert [family["name"] for family in listed["families"]] == [
        "course", "customer", "financial", "market", "people", "product", "technical",
    ]  # fmt: skip
    assert {family["distribution"] for family in listed["families"]} == {
        f"kpi-server-{family['name']}" for family in listed["families"]
    }
    assert all(Path(family["location"]).is_file() and family["metrics"] > 0 for family in listed["families"])
    assert listed["quarantined"] == []


@pytest.mark.families
def test_the_families_keep_what_they_promise(command, running_data):
    answer = command("plugins", "verify", "--json", "--data", running_data)
    verified = json.loads(answer.stdout)
    assert {name: found["failed"] for name, found in verified.items()} == {name: [] for name in verified}
    assert answer.returncode == 0
    assert len(verified) == 7
    rules = {"LOADED", "PROVED", "VECTORS", "NULLS", "ZEROS", "FOLDS", "ROLL_UP", "STATEMENTS", "SCHEMA"}
    assert all(rules <= found["checked"].keys() for found in verified.values())


CARELESS = """
from kpi_server.plugin import Across, Direction, Family, Measure, OverTime, Vector, hookimpl, metric, parse_unit

@metric(unit="RATIO", direction=Direction.UP, source="almanac")
def spring_share(springs, floods):
    "Share of floods that are spring tides."
    return springs / floods

@hookimpl
def kpi_family():
    return Family(name="tides", title="Tides", description="What rises.", api_version=1)

@hookimpl
def kpi_metrics():
    return [spring_share]

@hookimpl
def kpi_measures():
    names = {"springs", "floods", *(f"gauge_{letter}" for letter in "abcdefghijklmnop")}
    common = {"unit": parse_unit("COUNT(tide)"), "across": Across.SUM, "over_time": OverTime.SUM}
    return [Measure(key=n, name=n, description="They rise.", source="almanac", **common) for n in names]

@hookimpl
def kpi_vectors():
    return [Vector(metric="spring_share", given={"springs": 1, "floods": 3}, expected="0.33", source="almanac")]
"""


def test_what_a_careless_family_does_not_keep_is_named(command, running_data, tmp_path, monkeypatch):
    """A wrong vector, no vector without a flood, and measures in the order of a set."""
    (tmp_path / "kpi_server_tides.py").write_text(CARELESS)
    metadata = tmp_path / "kpi_server_tides-2.5.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.4\nName: kpi-server-tides\nVersion: 2.5\n")
    (metadata / "entry_points.txt").write_text("[kpi_server]\ntides = kpi_server_tides\n")
    monkeypatch.syspath_prepend(tmp_path)
    answer = command("plugins", "verify", "tides", "--data", running_data, PYTHONPATH=str(tmp_path))
    assert answer.returncode == 1
    *_, row, _, unproved, wrong, unsteady = answer.stdout.splitlines()
    assert [cell.strip() for cell in row.split("│")[1:4]] == ["tides", "1", "1 of 1 fail"]
    assert (unproved, wrong, unsteady) == (
        "tides.spring_share: PROVED: divides, and no golden vector has a zero",
        "tides.spring_share: VECTORS: almanac: gives 0.333333333333, not 0.33",
        "registry: SCHEMA: in another process the families' hooks answer something else",
    )
    del sys.modules["kpi_server_tides"]  # for good: monkeypatch would put it back


@pytest.mark.families
def test_only_an_installed_family_can_be_verified(command, running_data):
    answer = command("plugins", "verify", "energy", "--data", running_data)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("no family 'energy' is installed; there are course, customer, financial,")


def test_a_family_is_begun_where_it_was_asked_for(command, tmp_path):
    answer = command("plugins", "new", "tides", "--into", tmp_path)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert (tmp_path / "kpi-server-tides" / "kpi_server_tides" / "metrics.py").is_file()
    again = command("plugins", "new", "tides", "--into", tmp_path)
    assert (again.returncode, again.stderr) == (
        1,
        f"{tmp_path}/kpi-server-tides exists already; nothing was written.\n",
    )
    strange = command("plugins", "new", "Two_Words", "--into", tmp_path)
    assert (strange.returncode, [entry.name for entry in tmp_path.iterdir()]) == (1, ["kpi-server-tides"])


def test_a_broken_family_is_named_with_its_distribution_and_version(program, tmp_path):
    metadata = tmp_path / "kpi_server_tides-2.5.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.4\nName: kpi-server-tides\nVersion: 2.5\n")
    (metadata / "entry_points.txt").write_text("[kpi_server]\ntides = kpi_server_tides\n")
    answer = program("plugins", "--json", PYTHONPATH=str(tmp_path))
    (broken,) = json.loads(answer.stdout)["quarantined"]
    assert answer.returncode == 1
    assert (broken["name"], broken["distribution"], broken["version"]) == ("tides", "kpi-server-tides", "2.5")
    assert "No module named 'kpi_server_tides'" in broken["reason"]
    refused = program("seed", "--data", tmp_path / "data", PYTHONPATH=str(tmp_path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("1 problem in the installed families:\n")
    assert "kpi-server-tides 2.5" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_bad_catalog_is_reported_whole_and_keeps_no_other_from_loading(command, catalogs, running_data):
    answer = command("seed", catalogs, "--json", "--data", running_data)
    shop, stall = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert (shop["slug"], shop["loaded"], shop["problems"]) == ("shop", True, [])
    assert (stall["slug"], stall["loaded"], stall["sequence"]) == ("stall", False, None)
    assert {(problem["place"], problem["field"]) for problem in stall["problems"]} == {
        ("stall/all.yaml:5", "direction"),
        ("stall/all.yaml:8", "owner"),
        ("stall/all.yaml:8", "target"),
    }
    printed = answer.stderr.splitlines()
    assert printed[0] == "stall: nothing is loaded, 3 problems:"
    assert printed[1:] == [f"  {p['place']}: {p['field']}: {p['message']}" for p in stall["problems"]]


def test_loading_again_changes_nothing_and_the_report_counts(command, catalogs, running_data):
    command("seed", catalogs / "shop", "--data", running_data)
    again = json.loads(command("seed", catalogs / "shop", "--json", "--data", running_data).stdout)
    assert [(r["created"], r["updated"], r["deleted"], r["sequence"]) for r in again] == [(0, 0, 0, None)]
    answer = command("seed", catalogs / "shop", "--report", "--json", "--data", running_data)
    shop = json.loads(answer.stdout)["organizations"]["shop"]
    assert (answer.returncode, shop["name"], shop["sequence"]) == (0, "Shop", 1)
    counted = {kind: shop["counts"][kind] for kind in ("documents", "owners", "kpis", "kpi_rows", "targets", "risks")}
    assert counted == {"documents": 1, "owners": 1, "kpis": 1, "kpi_rows": 1, "targets": 1, "risks": 0}


def test_history_is_generated_for_what_is_loaded_and_withdrawn(command, catalogs, running_data):
    """The shop's only KPI is computed from nothing, so that there is nothing to generate."""
    generated = command("seed", catalogs / "shop", "--demo-history", "--data", running_data)
    assert (generated.returncode, generated.stderr) == (
        0,
        "shop: generated 0 values of 0 measures, 0 of them corrected.\n",
    )
    withdrawn = command("seed", catalogs / "shop", "--withdraw-demo-history", "--data", running_data)
    assert (withdrawn.returncode, withdrawn.stderr) == (0, "shop: withdrew 0 generated values.\n")
    assert command("seed", "--demo-history", "--withdraw-demo-history").returncode == 2


def test_a_folder_without_a_catalog_is_said_to_be_one(command, running_data, tmp_path):
    (tmp_path / "nothing").mkdir()
    answer = command("seed", tmp_path / "nothing", "--data", running_data)
    assert answer.returncode == 1
    assert "no catalog here: expected a folder with .yaml files" in answer.stderr


def test_tokens_open_and_close_a_served_database(start, command, catalogs, running_data, ask):
    command("seed", catalogs / "shop", "--data", running_data)
    kept, ended = (
        json.loads(command("token", "create", name, "shop:DEPARTMENT:sales", "--json", "--data", running_data).stdout)
        for name in ("kept", "ended")
    )
    revoked = command("token", "revoke", str(ended["id"]), "--data", running_data)
    assert (revoked.returncode, revoked.stdout) == (0, f"The token {ended['id']} is revoked.\n")
    listed = json.loads(command("token", "list", "--json", "--data", running_data).stdout)
    states = {row["principal"]: (row["grants"], row["hint"], row["state"]) for row in listed}
    assert states["kept"] == (["shop:DEPARTMENT:sales"], kept["token"][-4:], "open")
    assert states["ended"] == (["shop:DEPARTMENT:sales"], ended["token"][-4:], "revoked")

    server = start("serve", "--port", "0", "--data", running_data)
    line = server.read_until(lambda line: line.startswith("Serving "), "stderr")
    url = line.rpartition(" on ")[2].removesuffix("/graphql.\n")
    opened = ask(url, kept["token"], VIEWER)
    assert opened.json()["data"]["viewer"]["grants"] == [{"role": "DEPARTMENT", "organization": {"slug": "shop"}}]
    closed = ask(url, ended["token"], VIEWER)
    assert (closed.status_code, closed.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert server.stop(signal.SIGTERM) == (0, "")


def test_a_grant_that_means_nothing_is_refused(command, running_data):
    unknown = command("token", "create", "somebody", "nowhere:ADMIN", "--data", running_data)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "There is no organization nowhere: `kpi-server seed` loads one.\n"
    misspelt = command("token", "create", "somebody", "shop:BOSS", "--data", running_data)
    assert misspelt.returncode == 1
    assert misspelt.stderr.startswith("'shop:BOSS' is no grant: write organization:ROLE")
    missing = command("token", "revoke", "1", "--data", running_data)
    assert missing.returncode == 1
    assert missing.stderr.startswith("There is no open token with the id 1")


@pytest.mark.full  # six interpreters
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_several_workers_serve_one_database_and_end_with_their_parent(number, code, start, ask, addresses):
    server = start("serve", "--port", "0", "--workers", "2", DATABASE_URL=addresses.server)
    line = server.read_until(lambda line: line.startswith("Serving "), "stderr")
    url = line.removeprefix("Serving on ").partition("/graphql ")[0]
    assert ask(url, "kpi_nothing", VIEWER).status_code == 401
    workers = [os.pidfd_open(worker) for worker in workers_of(server.process.pid)]
    assert len(workers) == 2
    assert server.stop(number) == (code, "")
    for worker in workers:
        ended, _, _ = select.select([worker], [], [], PATIENCE_S)
        assert ended == [worker]
        os.close(worker)


@pytest.mark.full  # three interpreters
def test_workers_send_their_sockets_to_another_server_when_they_end(start, ask, addresses):
    server = start("serve", "--port", "0", "--workers", "2", DATABASE_URL=addresses.server)
    line = server.read_until(lambda line: line.startswith("Serving "), "stderr")
    url = line.removeprefix("Serving on ").partition("/graphql ")[0]
    assert ask(url, "kpi_nothing", VIEWER).status_code == 401
    address = url.replace("http", "ws") + "/graphql"
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(connect(address, subprotocols=["graphql-transport-ws"])) for _ in range(4)]
        for opened in sockets:
            opened.send('{"type": "ping"}')
            assert opened.recv(PATIENCE_S) == '{"type":"pong"}'
        assert server.stop(signal.SIGTERM) == (0, "")
        for opened in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                opened.recv(PATIENCE_S)
            assert closed.value.rcvd.code == 1012


def workers_of(pid: int) -> list[int]:
    """The processes that multiprocessing made to work: it also makes one that keeps account."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(n) for n in children if b"spawn_main" in Path(f"/proc/{n}/cmdline").read_bytes()]


def test_serve_says_in_one_sentence_why_it_does_not_start(command, addresses, running_data):
    cases = [
        (["--workers", "2"], {}, "Several workers need a database that is not one of them: set DATABASE_URL."),
        ([], {"DATABASE_URL": "postgresql://a:b@127.0.0.1:1/kpi"}, "No PostgreSQL answers at 127.0.0.1:1/kpi: "),
        ([], {"DATABASE_URL": addresses.owner}, "DATABASE_URL connects to 127.0.0.1:"),
        ([], {"DATABASE_URL": addresses.server.rpartition("/")[0] + "/postgres"}, "The database at 127.0.0.1:"),
        (["--host", "203.0.113.9"], {"DATABASE_URL": addresses.server}, "The server cannot listen on 203.0.113.9, "),
        ([], {"KPI_PORT": "many"}, "The environment has values that cannot be used:\nKPI_PORT: "),
    ]
    for options, environment, sentence in cases:
        answer = command("serve", "--port", "0", "--data", running_data, *options, **environment)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert answer.stderr.startswith(sentence)
        assert "Traceback" not in answer.stderr


def test_migrate_needs_the_owner_and_may_be_repeated(command, addresses):
    answer = command("migrate", DATABASE_URL=addresses.server)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("DATABASE_ADMIN_URL is not set: ")
    answer = command("migrate", DATABASE_URL=addresses.server, DATABASE_ADMIN_URL=addresses.owner)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("The database in 127.0.0.1:")


@pytest.mark.families
def test_the_published_schema_is_what_the_program_does(command):
    answer = command("schema", "--check")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "schema.graphql and catalog.schema.json are what this program does.\n"


def test_the_catalog_schema_is_printed_as_json(command):
    printed = json.loads(command("schema", "--catalog").stdout)
    assert printed["$id"] == "catalog.schema.json"


def test_schema_does_one_thing_at_a_time(command):
    assert command("schema", "--check", "--write").returncode == 2


def test_the_trusted_documents_are_listed_and_their_manifest_gives_the_same_ones(command, tmp_path):
    (tmp_path / "who.graphql").write_text("query Who {\n  viewer { name }\n}\n")
    listed = command("documents", tmp_path, "--json")
    (document,) = json.loads(listed.stdout)
    assert (listed.returncode, document["id"]) == (0, f"sha256:{WHO}")
    assert document["operations"] == [{"name": "Who", "kind": "query", "cost": 1}]
    printed = command("documents", KPI_TRUSTED_DOCUMENTS=str(tmp_path), COLUMNS="80")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert f"sha256:{WHO}" in printed.stdout
    (tmp_path / "manifest.json").write_text(command("documents", tmp_path, "--manifest").stdout)
    assert json.loads((tmp_path / "manifest.json").read_text()) == {WHO: "query Who{viewer{name}}"}
    again = json.loads(command("documents", tmp_path / "manifest.json", "--json").stdout)
    assert [one["id"] for one in again] == [f"sha256:{WHO}"]


def test_bad_trusted_documents_are_reported_whole_and_no_server_starts_with_them(command, addresses, tmp_path):
    (tmp_path / "a.graphql").write_text("{\n  nothing\n}")
    (tmp_path / "b.graphql").write_text("{")
    report = (
        "The trusted documents cannot be used as they are:\n"
        f"  {tmp_path}/a.graphql:2: Cannot query field 'nothing' on type 'Query'.\n"
        f"  {tmp_path}/b.graphql:1: Syntax Error: Expected Name, found <EOF>.\n"
    )
    answers = [command("documents", tmp_path)]
    for workers in ("1", "2"):
        environment = {"DATABASE_URL": addresses.server, "KPI_TRUSTED_DOCUMENTS": str(tmp_path)}
        answers.append(command("serve", "--port", "0", "--workers", workers, **environment))
    assert [(answer.returncode, answer.stdout, answer.stderr) for answer in answers] == [(1, "", report)] * 3
    assert command("documents").stderr.startswith("There are no trusted documents: set KPI_TRUSTED_DOCUMENTS")
    assert command("documents", tmp_path, "--json", "--manifest").returncode == 2


@pytest.mark.full  # serves once more; what such a token may ask is tested without a process of its own
def test_a_token_for_trusted_documents_only_is_held_to_them(start, command, catalogs, running_data, ask, tmp_path):
    command("seed", catalogs / "shop", "--data", running_data)
    (tmp_path / "who.graphql").write_text("query Who {\n  viewer { name }\n}\n")
    arguments = ["token", "create", "kiosk", "shop:EXECUTIVE", "--trusted-only", "--json", "--data", running_data]
    made = json.loads(command(*arguments).stdout)
    listed = json.loads(command("token", "list", "--json", "--data", running_data).stdout)
    assert made["trusted_only"] is True
    assert [row["trusted_only"] for row in listed if row["id"] == made["id"]] == [True]

    server = start("serve", "--port", "0", "--data", running_data, KPI_TRUSTED_DOCUMENTS=str(tmp_path))
    line = server.read_until(lambda line: line.startswith("Serving "), "stderr")
    url = line.rpartition(" on ")[2].removesuffix("/graphql.\n")
    asked = {
        "params": {"documentId": "sha256:" + WHO},
        "headers": {"Authorization": f"Bearer {made['token']}"},
    }
    assert httpx.get(f"{url}/graphql", **asked, timeout=PATIENCE_S).json()["data"] == {"viewer": {"name": "kiosk"}}
    refused = ask(url, made["token"], VIEWER)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (403, "TRUSTED_DOCUMENTS_ONLY")
    assert server.stop(signal.SIGTERM) == (0, "")
