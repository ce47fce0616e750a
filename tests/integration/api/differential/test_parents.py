"""Lists under several parents: one statement reads those of a level, and each parent has its own page."""

import re
from itertools import groupby

import orjson
import pytest
from graphql import parse
from graphql.execution import get_variable_values

from kpi_server.api.context import Context
from kpi_server.api.execution.plans import Plans
from kpi_server.api.execution.running import PlannedRun
from kpi_server.api.explaining import Watched
from kpi_server.cli.statements import formatted
from tests.integration.api.conftest import ALL, NOW
from tests.integration.execution.both_ways import valid

pytestmark = pytest.mark.families

NESTED = """
query Nested($organizations: Int!, $size: Int!) {
  organizations(first: $organizations) {
    nodes {
      slug
      owners(first: $size) { totalCount nodes { title people { name } } pageInfo { hasNextPage endCursor } }
      kpis(last: $size, filter: {status: {in: [MET, MISSED]}}, orderBy: [{field: ATTAINMENT, direction: DESC}]) {
        totalCount edges { cursor node { key targets { text } } } pageInfo { hasPreviousPage startCursor }
      }
    }
  }
}
"""


@pytest.fixture
def compared(both):
    """The answer that both ways give."""

    async def asked(text, **variables):
        outcome = await both.compared(valid(both.graph.schema, text), variables)
        return orjson.loads(outcome.data), outcome.errors

    return asked


@pytest.fixture
def statements(graph, registry, read_database):
    """The statements of a planned operation."""

    async def asked(text, **variables):
        document = parse(text)
        (node,) = document.definitions
        values = get_variable_values(graph.schema, node.variable_definitions or (), variables)
        plans = Plans(graph, document)
        async with read_database.read(ALL.organization_ids) as connection:
            watched = Watched(connection)
            context = Context(scope=ALL, connection=watched, registry=registry, now=NOW, database=read_database)
            run = PlannedRun(graph, node, plans.fragments, values, context)
            await run.data(plans.of(node, values.coerced))
        assert run.errors == []
        return [one.sql for one in watched.asked]

    return asked


@pytest.mark.parametrize("organizations", [1, 2, 4])
async def test_the_statements_do_not_grow_with_the_parents(statements, organizations):
    """Of organizations, owners and KPIs one each, the two counts, the owners' people and the KPIs' targets."""
    assert len(await statements(NESTED, organizations=organizations, size=3)) == 7


@pytest.mark.parametrize("organizations", [1, 4])
@pytest.mark.parametrize("field", ["owners", "risks"])
async def test_neither_do_those_of_resolvers_alone(ask_seeds, statements, organizations, field):
    """Of organizations, rows and counts: a risk is no row of one table, so that it is never planned."""
    inside = f"{field}(last: 2) {{ totalCount edges {{ cursor node {{ id }} }} }}"
    query = f"{{ organizations(first: {organizations}) {{ nodes {{ slug {inside} }} }} }}"
    answer = await ask_seeds(query)
    assert (answer.errors, answer.statements, len(await statements(query))) == ([], 3, 3)


async def test_the_documentation_prints_the_statement_of_its_operation(statements, repository):
    page = (repository / "docs" / "execution.md").read_text(encoding="utf-8")
    (operation,) = re.findall(r"^`(organizations \{.*?\})` ", page, re.MULTILINE)
    (printed,) = re.findall(r"^```sql\n(.*?)\n^```$", page, re.MULTILINE | re.DOTALL)
    assert formatted((await statements(f"{{ {operation} }}"))[1]) == printed


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_each_parent_has_its_own_page(compared, size):
    data, errors = await compared(NESTED, organizations=4, size=size)
    assert errors == frozenset()
    pages = [[edge["node"]["key"] for edge in one["kpis"]["edges"]] for one in data["organizations"]["nodes"]]
    assert len(pages) == 4
    assert sum(map(bool, pages)) == 3  # one of them judges nothing


async def test_each_page_holds_what_the_table_has(compared, read_database):
    data, _ = await compared(NESTED, organizations=4, size=3)
    async with read_database.read(ALL.organization_ids) as connection:
        rows = await connection.fetch(
            "select slug, title from owners join organizations on organizations.id = owners.organization_id "
            "order by slug, position, owners.id"
        )
    titles = {slug: [row["title"] for row in of_slug] for slug, of_slug in groupby(rows, key=lambda row: row["slug"])}
    for one in data["organizations"]["nodes"]:
        owners = one["owners"]
        expected = titles.get(one["slug"], [])
        assert [owner["title"] for owner in owners["nodes"]] == expected[:3]
        assert (owners["totalCount"], owners["pageInfo"]["hasNextPage"]) == (len(expected), len(expected) > 3)
    assert len(titles) == 2  # the other two have none


async def test_a_cursor_is_of_one_parents_list(compared):
    """Under the others it is an error of their field, and nobody else's."""
    data, _ = await compared(NESTED, organizations=4, size=2)
    cursors = [one["owners"]["pageInfo"]["endCursor"] for one in data["organizations"]["nodes"]]
    at = next(at for at, cursor in enumerate(cursors) if cursor is not None)
    query = "query After($after: Cursor!) { organizations { nodes { owners(after: $after) { nodes { title } } } } }"
    data, errors = await compared(query, after=cursors[at])
    assert data is None
    others = {0, 1, 2, 3} - {at}
    assert errors == {(("organizations", "nodes", other, "owners"), "BAD_USER_INPUT") for other in others}


@pytest.mark.parametrize("inside", ["totalCount", "__typename", "nodes { id @skip(if: true) }", "owners: __typename"])
async def test_pages_of_which_little_is_asked(compared, inside):
    data, errors = await compared(f"{{ organizations {{ nodes {{ owners(first: 2) {{ {inside} }} }} }} }}")
    assert errors == frozenset()
    assert len(data["organizations"]["nodes"]) == 4


async def test_pages_that_hold_no_entry(compared):
    asked = '{ organizations { nodes { owners(filter: {title: {eq: "Nobody"}}) { totalCount nodes { title } } } } }'
    data, _ = await compared(asked)
    assert data["organizations"]["nodes"] == [{"owners": {"totalCount": 0, "nodes": []}}] * 4
