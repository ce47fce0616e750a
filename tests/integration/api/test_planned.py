"""Planned execution gives the published answers, and says the same as graphql-core."""

import json
import re
from pathlib import Path

import orjson
import pytest
from graphql import parse
from graphql.execution import get_variable_values

from kpi_server.api.answer import Outcome
from kpi_server.api.context import Context
from kpi_server.api.execution.leaves import as_json
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.plans import Plans
from kpi_server.api.execution.running import PlannedRun
from kpi_server.api.executor import Executor
from kpi_server.api.graph import build_graph
from kpi_server.domain.access import Role
from kpi_server.settings import Settings
from tests.integration.api import measured
from tests.integration.api.conftest import ALL, NOW, scope_over

FOLDER = Path(__file__).parents[3] / "schema" / "operations"

pytestmark = pytest.mark.families


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))


PUBLISHED = sorted(FOLDER.glob("*.graphql"))
MUTATIONS = [path for path in PUBLISHED if re.search(r"^mutation\b", path.read_text(encoding="utf-8"), re.MULTILINE)]


PRINTED = [path for path in PUBLISHED if path not in MUTATIONS and path.stem not in measured.OPERATIONS]


@pytest.mark.parametrize("path", PRINTED, ids=lambda path: path.stem)
async def test_a_planned_operation_answers_as_published(path, schema, registry, read_database):
    await _check(path, schema, registry, read_database, ALL)


@pytest.mark.parametrize("name", measured.OPERATIONS)
async def test_a_planned_operation_on_measures_answers_as_published(name, schema, registry, measured_database):
    await _check(FOLDER / f"{name}.graphql", schema, registry, measured_database, ALL)


@pytest.mark.parametrize("path", MUTATIONS, ids=lambda path: path.stem)
async def test_a_planned_mutation_answers_as_published(path, schema, registry, seeded_database):
    await _check(path, schema, registry, seeded_database, scope_over("snapshot-co", role=Role.SERVICE))


async def _check(path, schema, registry, database, scope):
    expected = _json(path.with_suffix(".expected.json"))
    graph = build_graph(schema)
    document = parse(path.read_text(encoding="utf-8"))
    plans = Plans(graph, document)
    (node,) = (definition for definition in document.definitions if definition.kind == "operation_definition")
    variables = _json(path.with_suffix(".variables.json"))
    values = get_variable_values(graph.schema, node.variable_definitions or (), variables)
    plan = plans.of(node, values.coerced)
    assert isinstance(plan, Plan)
    async with database.read(scope.organization_ids) as connection:
        context = Context(scope=scope, connection=connection, registry=registry, now=NOW, database=database)
        run = PlannedRun(graph, node, plans.fragments, values, context)
        data = await run.data(plan)
    assert run.errors == []
    assert json.loads(orjson.dumps(data, default=as_json)) == expected["data"]
    if "planned" in expected:  # one list under several names: each is planned by itself
        assert context.statements == expected["planned"] > expected["statements"]
    else:
        assert context.statements <= expected["statements"]


@pytest.mark.parametrize(
    "selection", ["current(segment: $segment) { __typename }", "current(segment: $segment) { unit { kind } }"]
)
@pytest.mark.parametrize("place", ['kpi(key: "ARR") {{ {} }}', "kpis(first: 2) {{ nodes {{ {} }} }}"])
async def test_an_argument_of_which_no_column_is_read_does_no_harm(
    schema, registry, read_database, ask_seeds, place, selection
):
    """PostgreSQL refuses to be given a parameter that its statement does not name."""
    executor = Executor(schema, registry, read_database, Settings(_env_file=None))
    document = f'query Q($segment: String) {{ organization(slug: "datainsight-pro") {{ {place.format(selection)} }} }}'
    variables = {"segment": "plan=none"}
    answer = orjson.loads((await executor.execute(ALL, document, variables)).body)
    assert "errors" not in answer
    assert answer["data"] == (await ask_seeds(document, variables=variables)).data


async def test_an_operation_of_which_nothing_is_included_answers_nothing(schema, registry, read_database):
    executor = Executor(schema, registry, read_database, Settings(_env_file=None))
    answer = orjson.loads((await executor.execute(ALL, "{ viewer @include(if: false) { __typename } }")).body)
    assert (answer["data"], "errors" in answer) == ({}, False)


async def test_a_choice_that_a_variable_may_leave_empty_is_no_choice(schema, registry, read_database):
    executor = Executor(schema, registry, read_database, Settings(_env_file=None))
    document = 'query Q($time: DateTime) { organization(slug: "auterity", asOf: {time: $time}) { slug } }'
    answer = orjson.loads((await executor.execute(ALL, document, {})).body)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


def test_several_mutations_are_planned_to_run_one_after_the_other(schema):
    one = 'recordObservations(input: {organization: "x", source: "y", observations: []}) { recorded }'
    document = parse(f"mutation {{ a: {one} b: {one} }}")
    plan = Plans(build_graph(schema), document).of(document.definitions[0], {})
    assert isinstance(plan, Plan)
    assert plan.fields.one_by_one


async def test_errors_stand_under_the_selection_of_a_list_that_has_them(schema, registry, read_database):
    """Two selections of the same page share its rows, and nothing else."""
    executor = Executor(schema, registry, read_database, Settings(_env_file=None))
    document = "{ organizations { names: nodes { slug } courses: nodes { course { kpis(first: 0) { totalCount } } } } }"
    answer = orjson.loads((await executor.execute(ALL, document)).body)
    paths = sorted(error["path"] for error in answer["errors"])
    assert paths == [["organizations", "courses", place, "course", "kpis"] for place in range(4)]
    assert [node["slug"] for node in answer["data"]["organizations"]["names"]] == [
        "ai-marketing-platform", "auterity", "datainsight-pro", "snapshot-co"
    ]  # fmt: skip


async def test_a_request_ends_in_time_though_no_connection_is_free(schema, registry, read_database):
    hasty = Executor(schema, registry, read_database, Settings(_env_file=None, request_timeout_s=0.05))
    patient = Executor(schema, registry, read_database, Settings(_env_file=None))
    document = '{ organization(slug: "datainsight-pro") { slug } }'
    lent = [await read_database.connections.borrow() for _ in range(read_database.connections.size)]
    late = await hasty.execute(ALL, document)
    for connection in lent:
        read_database.connections.give_back(connection, intact=True)
    answered = await patient.execute(ALL, document)
    assert late.outcome is Outcome.TIMEOUT
    assert orjson.loads(late.body)["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert orjson.loads(answered.body)["data"] == {"organization": {"slug": "datainsight-pro"}}
