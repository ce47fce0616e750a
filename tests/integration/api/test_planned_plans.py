"""Planned statements are reached by their keys: on tables of a million rows none is read from end to end."""

import asyncio
import json
import re
from dataclasses import replace

import asyncpg
import pytest
from graphql import GraphQLObjectType, get_named_type

from kpi_server.api.execution.obtaining import Many
from kpi_server.api.explaining import Asked, Explainer
from kpi_server.api.graph import build_graph
from kpi_server.settings import Settings
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from tests.integration.api.conftest import ALL, UNDECLARED

pytestmark = pytest.mark.families

SLUG = "datainsight-pro"
RESOLVED = "risks"
"""A risk is no row of one table: its list is its resolver's, in a statement of its own."""
LARGE = """
delete from pg_statistic where starelid in (select oid from pg_class where relnamespace = 'public'::regnamespace);
insert into exchange_rates (organization_id, id, key, position, base, quote, day, rate, origin, batch_id)
select organization_id, 1, 'USD/EUR 2026-01-02', 1, 'USD', 'EUR', '2026-01-02', 0.85, origin, batch_id
from kpis limit 1;
update pg_class set reltuples = 1000000, relpages = 1
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> 'alembic_version';
"""
"""As if each table held a million rows of many organizations, of which nothing is known but the indexes.

What PostgreSQL takes for large has at least a page; of exchange rates no document prints any.
"""


@pytest.fixture(scope="session")
def large_address(clone, seeded_template):
    """The seeds in tables that pass for large ones; made once, only read."""

    async def make():
        addresses = await clone(seeded_template, "large")
        owner = await asyncpg.connect(addresses.owner)
        await owner.execute(LARGE)
        await owner.close()
        return addresses.server

    return asyncio.run(make())


@pytest.fixture
async def plans_of(large_address, schema, registry):
    """The generic plans of the statements that an operation asks for."""
    database = await open_database(large_address, revision=NEWEST, connections=1)
    explainer = Explainer(schema, registry, Settings(_env_file=None))

    async def planned(operation, scope=None):
        (ready,) = explainer.ready(operation, {}, SLUG)
        ready = ready if scope is None else replace(ready, scope=scope)
        async with database.read(ready.scope.organization_ids) as connection:
            explained = await explainer.explained(ready, connection)
            return [await _generic_plan(connection, asked) for asked in explained.statements]

    yield planned
    await database.close()


async def _generic_plan(connection, asked):
    """As the server has it: `read` forces generic plans, and EXECUTE shows the one of a prepared statement."""
    await connection.execute(f"prepare explained as {asked.sql}")
    values = f"({', '.join(['null'] * len(asked.values))})" if asked.values else ""
    row = await connection.fetchrow(f"explain (format json) execute explained{values}")
    await connection.execute("deallocate explained")
    return [*_nodes(json.loads(row[0])[0]["Plan"])]


def _nodes(plan):
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


_KEYED = re.compile(r"\b(organization_id|id) = (?!ANY)")
"""A key that the statement itself gives; what row-level security adds is `= ANY` of what may be seen."""


def read_whole(plans):
    """The tables that are read from end to end, or as far as row-level security lets anybody see; one has one row."""
    read = [node for plan in plans for node in plan if "Relation Name" in node]
    return {node["Relation Name"] for node in read if not _KEYED.search(_condition(node))} - {"feed_epochs"}


def _condition(node):
    return node.get("Index Cond", node.get("Recheck Cond", ""))


async def test_a_board_is_read_by_keys(plans_of, repository):
    board = (repository / "schema/operations/board.graphql").read_text("utf-8")
    inlined = board.replace("query Board($organization: String!, $first: Int!)", "query Board")
    inlined = inlined.replace("$organization", f'"{SLUG}"').replace("$first", "50")
    (plan,) = plans = await plans_of(inlined)
    assert read_whole(plans) == set()
    found = [(node["Relation Name"], _condition(node)) for node in plan if "Relation Name" in node]
    assert {"organizations", "kpis", "kpi_current", "reported_figures", "owners"} <= {table for table, _ in found}
    assert {table for table, condition in found if "organization_id" not in condition} == {"organizations"}


async def test_a_statement_that_is_not_reached_by_keys_would_be_noticed(large_address):
    database = await open_database(large_address, revision=NEWEST, connections=1)
    async with database.read([1]) as connection:
        plan = await _generic_plan(connection, Asked("select from kpi_notes where points = $1::int or $1 is null", [1]))
    await database.close()
    assert read_whole([plan]) == {"kpi_notes"}


async def test_one_kpi_is_found_by_its_key(plans_of):
    plans = await plans_of(f'{{ organization(slug: "{SLUG}") {{ kpi(key: "financial.arr") {{ name }} }} }}')
    assert len(plans) == 1
    assert read_whole(plans) == set()
    (kpis,) = [node for node in plans[0] if node.get("Relation Name") == "kpis"]
    assert "organization_id" in kpis["Index Cond"]
    assert "key" in kpis["Index Cond"]


def pages(schema):
    organization = schema._schema.get_type("Organization")
    named = {name: get_named_type(field.type).name for name, field in organization.fields.items()}
    return [name for name, kind in named.items() if kind.endswith("Connection") and name not in UNDECLARED]


async def test_the_first_page_of_every_list_is_read_by_keys(plans_of, schema):
    names = pages(schema)
    assert len(names) > 25
    for name in names:
        plans = await plans_of(f'{{ organization(slug: "{SLUG}") {{ {name}(first: 5) {{ nodes {{ id }} }} }} }}')
        assert len(plans) == 1 + (name == RESOLVED), name
        assert read_whole(plans) == set(), name


async def test_lists_under_several_parents_are_read_by_keys(plans_of, schema):
    """What the first statement reads is the organizations, of which all are asked for that may be seen."""
    for name in pages(schema):
        selected = f"{name}(first: 5) {{ totalCount nodes {{ id }} }}"
        plans = await plans_of(f"{{ organizations {{ nodes {{ {selected} }} }} }}", ALL)
        assert len(plans) == 3, name
        assert read_whole(plans[1:]) == set(), name


async def test_children_are_found_by_their_parents(plans_of, schema):
    """Every list of children that a node of a page has, one statement each."""
    graph = build_graph(schema)
    asked = 0
    for name in pages(schema):
        if name == RESOLVED:
            continue
        page = schema._schema.get_type("Organization").fields[name]
        node = get_named_type(get_named_type(page.type).fields["nodes"].type)
        for child, field in node.fields.items():
            inside = get_named_type(field.type)
            if isinstance(inside, GraphQLObjectType) and isinstance(graph.obtained(node, child), Many):
                selected = f"{name}(first: 50) {{ nodes {{ {child} {{ __typename source {{ line }} }} }} }}"
                plans = await plans_of(f'{{ organization(slug: "{SLUG}") {{ {selected} }} }}')
                assert read_whole(plans) == set(), f"{name}.{child}"
                many = graph.obtained(node, child)
                steps = [step for plan in plans[1:] for step in plan if step.get("Relation Name") == many.table]
                assert all(many.column in _condition(step) for step in steps), f"{name}.{child}"
                asked += bool(steps)
    assert asked > 10
