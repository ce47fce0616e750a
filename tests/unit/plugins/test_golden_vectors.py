"""Golden vectors of the families that come with the server: each calculator has some, and gives what they say."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.expression.calculator import Calculator
from kpi_server.domain.expression.decimals import Amount
from kpi_server.domain.expression.tracing import trace
from kpi_server.plugin import Metric, Vector
from kpi_server.registry import Registry


def _vectors(registry: Registry) -> Iterator[tuple[str, Vector]]:
    for loaded in registry.families:
        yield from ((f"{loaded.family.name}.{vector.metric}", vector) for vector in loaded.vectors)


def _calculated(registry: Registry) -> dict[str, Metric]:
    return {key: metric for key, metric in registry.metrics.items() if metric.calculator is not None}


def test_every_calculator_has_a_vector(registry: Registry) -> None:
    assert set(_calculated(registry)) == {key for key, _ in _vectors(registry)}


def test_a_vector_gives_exactly_the_inputs_of_its_calculator(registry: Registry) -> None:
    calculated = _calculated(registry)
    wrong = [
        (key, vector)
        for key, vector in _vectors(registry)
        if set(vector.given) != set(trace(calculated[key].calculator or repr).parameters)
    ]
    assert wrong == []


def test_every_quotient_is_proved_where_nothing_is_divided_by(registry: Registry) -> None:
    """Who divides has to have thought of no customers, no requests, no growth before the first sale."""
    quotients = {key for key, one in registry.calculators.items() if "÷" in one.formula}
    proved = {
        key
        for key, vector in _vectors(registry)
        if vector.expected is Absence.UNDEFINED or Decimal(0) in map(_read, vector.given.values())
    }
    assert quotients - proved == set()


def test_every_calculator_gives_what_its_vectors_say(registry: Registry) -> None:
    wrong = {
        (key, vector.source): found
        for key, vector in _vectors(registry)
        if (found := _found(registry.calculators[key], vector)) != _read(vector.expected)
    }
    assert wrong == {}


def _found(calculator: Calculator, vector: Vector) -> Decimal | str | Absence:
    outcome = calculator.evaluate({slot: _amount(vector, slot) for slot in calculator.inputs})
    return outcome.absence if isinstance(outcome, Absent) else outcome


def _amount(vector: Vector, slot: str) -> Amount:
    """A percentile is read from its histogram: what is given for that stands for it."""
    given = _read(vector.given[slot.partition("@")[0]])
    if isinstance(given, Decimal):
        return given
    assert isinstance(given, Absence), given
    return Absent(given)


def _read(value: str | int | Decimal | Absence) -> Decimal | str | Absence:
    if isinstance(value, Absence):
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        return str(value)
