"""`kpi-server explain` as whoever writes an operation uses it: before there is a database, and on the data."""

import json
import re

import pytest

CAFE = """\
organization: {slug: cafe, source: "card:1", name: Café, currency: EUR}
documents:
  - {key: card, source: "card:1", title: Card, period: "2024-Q1"}
kpis:
  - {key: custom.cups, source: "card:2", name: Cups, unit: COUNT(cup), direction: UP}
"""
OPERATIONS = """\
query Cups($slug: String!, $first: Int = 5) {
  organization(slug: $slug) {
    name
    kpis(first: $first) { nodes { name current { text } aliases targets { text } } }
  }
}

query Types { __schema { queryType { name } } }
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "cups.graphql").write_text(OPERATIONS, encoding="utf-8")
    (tmp_path / "cups.json").write_text('{"slug": "cafe"}', encoding="utf-8")
    return tmp_path / "cups.graphql"


def test_variables_are_those_beside_the_operation_unless_others_are_named(command, file):
    lacking = command("explain", file)
    assert lacking.returncode == 1
    assert "Variable '$slug' has invalid value" in lacking.stderr
    file.with_suffix(".variables.json").write_text('{"slug": "cafe"}', encoding="utf-8")
    assert command("explain", file).stdout == command("explain", file, "--variables", file.with_suffix(".json")).stdout


def test_every_operation_is_told_without_a_database(command, file):
    answer = command("explain", file, "--variables", file.with_suffix(".json"))
    assert (answer.returncode, answer.stderr) == (0, "")
    lines = answer.stdout.splitlines()
    assert lines[0].startswith("query Cups: cost ")
    assert lines[0].endswith("; 9 of 10 fields without a resolver; at least 3 statements")
    told = {line.split()[0]: line.split()[1:] for line in lines[2:12]}
    assert told == {
        "organization": ["row", "organizations"],
        "organization.name": ["column", "name"],
        "organization.kpis": ["page", "kpis"],
        "organization.kpis.nodes": ["page", "nodes"],
        "organization.kpis.nodes.name": ["column", "name"],
        "organization.kpis.nodes.current": ["part"],
        "organization.kpis.nodes.current.text": ["column", "text"],
        "organization.kpis.nodes.aliases": ["resolver", "Kpi.aliases"],
        "organization.kpis.nodes.targets": ["children", "targets", "by", "kpi_id"],
        "organization.kpis.nodes.targets.text": ["column", "text"],
    }
    assert lines[-1].startswith("query Types: cost ")
    assert lines[-1].endswith("; not planned: it asks for the schema itself")


def test_the_number_of_statements_is_a_lower_bound_without_a_database_unless_it_is_one(command, tmp_path):
    file = tmp_path / "churn.graphql"
    file.write_text('{ organization(slug: "cafe") { kpi(key: "Churn") { key } } }', encoding="utf-8")
    assert command("explain", file).stdout.splitlines()[0].endswith("; 1 statement")
    file.write_text('{ organization(slug: "cafe") { kpi(key: "Churn") { targets { text } } } }', encoding="utf-8")
    assert "; at least " in command("explain", file).stdout.splitlines()[0]
    (told,) = json.loads(command("explain", file, "--json").stdout)
    assert told["statementsAreAll"] is False


def test_an_organization_that_a_root_field_names_may_be_seen(command, tmp_path):
    file = tmp_path / "changes.graphql"
    file.write_text('{ changes(organization: "cafe") { caughtUp } }', encoding="utf-8")
    assert "; at least 1 statement\n" in command("explain", file).stdout


def test_statements_and_code_are_printed_where_they_are_wanted(command, file):
    plain = command("explain", file, "--variables", file.with_suffix(".json")).stdout
    full = command("explain", file, "--variables", file.with_suffix(".json"), "--sql", "--code").stdout
    assert "statement 1" not in plain
    assert "def shape(" not in plain
    assert full.count("\nstatement ") == 3
    assert "code of organization.kpis.nodes\n" in full
    assert "def shape(rows, e0, e1):" in full


def test_json_holds_all_of_it(command, file):
    answer = command("explain", file, "--variables", file.with_suffix(".json"), "--json")
    cups, types = json.loads(answer.stdout)
    assert [cups["name"], cups["kind"], cups["notPlanned"]] == ["Cups", "query", None]
    assert cups["withoutResolver"] == len(cups["fields"]) - 1
    assert {"path": ["organization", "name"], "source": "column", "of": "name"} in cups["fields"]
    assert all(
        statement["sql"].startswith("select") and statement["analysis"] is None for statement in cups["statements"]
    )
    assert [types["name"], types["fields"], types["statements"]] == ["Types", None, None]


def test_analyzing_runs_it_on_the_data(command, file, addresses, tmp_path):
    (tmp_path / "cafe").mkdir()
    (tmp_path / "cafe" / "all.yaml").write_text(CAFE, encoding="utf-8")
    assert command("seed", tmp_path / "cafe", DATABASE_URL=addresses.server).returncode == 0
    file.write_text('{ organization(slug: "cafe") { kpis { nodes { name } } } }', encoding="utf-8")
    answer = command("explain", file, "--analyze", DATABASE_URL=addresses.server)
    assert answer.returncode == 0, answer.stderr
    assert "; 1 statement\n" in answer.stdout
    assert "(actual time=" in answer.stdout
    assert re.search(r"rows=1(\.00)? loops=1", answer.stdout)  # the one KPI, the one organization


def test_what_is_wrong_is_said_with_its_line(command, file, tmp_path):
    file.write_text("query A {\n  organization(slug: 7) { nam }\n}", encoding="utf-8")
    answer = command("explain", file)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert [line.split(": ", 1)[0] for line in answer.stderr.splitlines()] == [f"{file}:2", f"{file}:2"]

    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    answer = command("explain", file, "--variables", tmp_path / "list.json")
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "holds no JSON object" in answer.stderr
