"""Operations drawn at random from the schema are the same planned as by graphql-core."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.api.differential.generating import operations
from tests.integration.api.differential.pools import pools_of
from tests.integration.execution.both_ways import valid

pytestmark = pytest.mark.families

QUICK = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[*HealthCheck],
    database=None,
    derandomize=True,
    phases=[Phase.generate],
)
LONG = settings(QUICK, max_examples=400)


@pytest.fixture
async def compare(both):
    """Draws an operation and compares."""
    drawn = operations(both.graph.schema, await pools_of(both.context().connection))

    async def compared(data):
        operation = data.draw(drawn)
        outcome = await both.compared(valid(both.graph.schema, operation.text), operation.variables)
        assert "INTERNAL_ERROR" not in {code for _, code in outcome.errors}, (operation, outcome)

    return compared


@QUICK
@given(data=st.data())
async def test_an_operation_is_the_same_both_ways(compare, data):
    await compare(data)


# After an error graphql-core drops the coroutines of the fields beside it: Python says so when it collects them.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:coroutine .GraphQLCoreConverter:RuntimeWarning")
@pytest.mark.full
@LONG
@given(data=st.data())
async def test_hundreds_of_operations_are_the_same_both_ways(compare, data):
    await compare(data)
