"""What the comparisons share."""

import pytest

from kpi_server.api.graph import build_graph


@pytest.fixture(scope="session")
def graph(schema):
    """What the planner knows of the schema."""
    return build_graph(schema)
