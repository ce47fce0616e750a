"""Golden vectors of the families that come with the server: each calculator has some, for exactly its inputs."""

from kpi_server.domain.expression.tracing import trace
from kpi_server.registry import LoadedFamily, Registry

PROVED = ("financial", "market", "people")


def _family(registry: Registry, name: str) -> LoadedFamily:
    loaded = registry.family(name)
    assert loaded is not None
    return loaded


def test_every_calculator_has_a_vector(registry: Registry) -> None:
    unproved = {
        f"{name}.{metric.key}"
        for name in PROVED
        for metric in _family(registry, name).metrics
        if metric.calculator is not None and metric.key not in {v.metric for v in _family(registry, name).vectors}
    }
    assert unproved == set()


def test_a_vector_gives_exactly_the_inputs_of_its_calculator(registry: Registry) -> None:
    wrong = [
        (name, vector)
        for name in PROVED
        for vector in _family(registry, name).vectors
        if (metric := registry.metric(f"{name}.{vector.metric}")) is None
        or metric.calculator is None
        or set(vector.given) != set(trace(metric.calculator).parameters)
    ]
    assert wrong == []
