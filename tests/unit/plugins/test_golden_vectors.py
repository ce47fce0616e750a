"""The families that come with the server keep what they promise: golden vectors, missing and zero inputs."""

import pytest

from kpi_server.registry import Registry
from kpi_server.testing import failures

FAMILIES = ("course", "customer", "financial", "market", "people", "product", "technical")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_keeps_what_it_promises(registry: Registry, family: str) -> None:
    assert failures(family, registry) == []


def test_every_family_calculates_something(registry: Registry) -> None:
    assert {key.partition(".")[0] for key in registry.calculators} == set(FAMILIES)
