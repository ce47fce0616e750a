"""A planned list is filtered, sorted and paged as graphql-core's is, with the same cursors."""

import pytest
from graphql import parse
from graphql.execution import get_variable_values

from kpi_server.api.context import Context
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.plans import Plans
from kpi_server.api.execution.running import PlannedRun
from kpi_server.api.graph import build_graph
from tests.integration.api.conftest import ALL, NOW

pytestmark = pytest.mark.families

LISTS = [
    ("kpis", "orderBy: [{field: ATTAINMENT, direction: DESC, nulls: FIRST}]"),
    (
        "kpis",
        'filter: {or: [{value: {gt: "100"}}, {owner: {isNull: true}}]}, orderBy: [{field: STATUS}]',
    ),
    ("kpis", "orderBy: [{field: PERIOD_START, direction: DESC}, {field: NORTH_STAR}]"),
    ("targets", "filter: {not: {placement: {eq: KPI_ROW}}}, orderBy: [{field: VALUE, direction: DESC}]"),
    ("kpiRows", 'filter: {owner: {in: ["cmo", "cto"]}}, orderBy: [{field: KPI}, {field: DOCUMENT}]'),
    ("actionItems", "orderBy: [{field: DUE_ON, nulls: FIRST}, {field: OWNER}]"),
]


async def _both(schema, registry, database, query):
    """The answer of the planner, and that of graphql-core."""
    graph, document = build_graph(schema), parse(query)
    node = document.definitions[0]
    values = get_variable_values(graph.schema, (), {})
    plans = Plans(graph, document)
    plan = plans.of(node, values.coerced)
    assert isinstance(plan, Plan)
    async with database.read(ALL.organization_ids) as connection:
        context = Context(scope=ALL, connection=connection, registry=registry, now=NOW, database=database)
        run = PlannedRun(graph, node, plans.fragments, values, context)
        planned = await run.data(plan)
        context = Context(scope=ALL, connection=connection, registry=registry, now=NOW, database=database)
        result = await schema.execute(query, context_value=context)
    assert (run.errors, result.errors) == ([], None)
    return planned, result.data


@pytest.mark.parametrize(("field", "arguments"), LISTS)
async def test_a_planned_page_is_graphql_cores(schema, registry, read_database, field, arguments):
    place, seen = "", 0
    while True:
        query = f"""{{ organization(slug: "ai-marketing-platform") {{ {field}(first: 7, {arguments}{place}) {{
          totalCount edges {{ cursor node {{ id }} }} pageInfo {{ endCursor hasNextPage }} }} }} }}"""
        planned, interpreted = await _both(schema, registry, read_database, query)
        assert planned == interpreted
        page = planned["organization"][field]
        seen += len(page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            break
        place = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert seen == page["totalCount"] > 7
