"""The families that come with the server keep what they promise: golden vectors, missing and zero inputs."""

from collections import Counter

import pytest

from kpi_server.registry import Registry
from kpi_server.testing import failures

FAMILIES = ("course", "customer", "financial", "market", "people", "product", "technical")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_keeps_what_it_promises(registry: Registry, family: str) -> None:
    assert failures(family, registry) == []


def test_every_family_calculates_something(registry: Registry) -> None:
    assert {key.partition(".")[0] for key in registry.calculators} == set(FAMILIES)


def test_every_calculator_is_proved_by_two_vectors_and_says_where_it_is_from(registry: Registry) -> None:
    proofs = Counter(f"{one.family.name}.{vector.metric}" for one in registry.families for vector in one.vectors)
    assert [key for key in registry.calculators if proofs[key] < 2] == []
    assert [key for key in registry.calculators if not registry.metrics[key].source] == []
