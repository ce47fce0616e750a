"""What the comparisons share."""

from functools import partial

import pytest

from kpi_server.api.context import Context
from kpi_server.api.graph import build_graph
from tests.integration.api.conftest import ALL, NOW
from tests.integration.execution.both_ways import BothWays


@pytest.fixture(scope="session")
def graph(schema):
    """What the planner knows of the schema."""
    return build_graph(schema)


@pytest.fixture
async def both(graph, registry, read_database):
    """Compares on the seeds, each operation on one snapshot."""
    async with read_database.read(ALL.organization_ids) as connection:

        def context():
            return Context(scope=ALL, connection=connection, registry=registry, now=NOW, database=read_database)

        yield BothWays(graph, context, partial(read_database.renew, connection, ALL.organization_ids))
