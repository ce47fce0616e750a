"""Operations drawn at random from the schema are the same planned as by graphql-core."""

from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.api.context import Context
from tests.integration.api.conftest import ALL, NOW
from tests.integration.api.differential.generating import operations
from tests.integration.api.differential.pools import pools_of
from tests.integration.execution.both_ways import BothWays, valid

pytestmark = pytest.mark.families

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck], database=None, derandomize=True)
LONG = settings(QUICK, max_examples=5000, derandomize=False)


@pytest.fixture
async def compare(graph, registry, read_database):
    """Draws an operation and compares; all on one snapshot."""
    async with read_database.read(ALL.organization_ids) as connection:
        both = BothWays(graph, partial(Context, ALL, connection, registry, NOW))
        drawn = operations(graph.schema, await pools_of(connection))

        async def compared(data):
            operation = data.draw(drawn)
            outcome = await both.compared(valid(graph.schema, operation.text), operation.variables)
            assert "INTERNAL_ERROR" not in {code for _, code in outcome.errors}, (operation, outcome)

        yield compared


@QUICK
@given(data=st.data())
async def test_an_operation_is_the_same_both_ways(compare, data):
    await compare(data)


@pytest.mark.full
@LONG
@given(data=st.data())
async def test_thousands_of_operations_are_the_same_both_ways(compare, data):
    await compare(data)
