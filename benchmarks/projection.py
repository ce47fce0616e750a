"""What shaping costs: an operation's rows as the driver gives them, made into its answer by generated code alone."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from unittest.mock import patch

from benchmarks.database import Premises
from benchmarks.operations import Operation, field_count
from kpi_server.api.execution.shape import Shape
from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.registry import discover
from kpi_server.services.access import Authenticator
from kpi_server.settings import Settings
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST

MOST_US: Final = 0.3
"""The bar: microseconds a field."""
REPETITIONS: Final = 7
SHORTEST_S: Final = 0.1


@dataclass(frozen=True)
class Projection:
    """The cost of shaping an operation's answer, the median of several measurements."""

    operation: str
    fields: int
    us_a_field: float


@dataclass(frozen=True)
class Shaped:
    """A shape with the rows that it was run over."""

    shape: Shape
    rows: Sequence[Any]
    slots: Sequence[Any]

    def again(self) -> list[Any]:
        return self.shape.of(self.rows, self.slots)


async def measure_projection(premises: Premises, operation: Operation) -> Projection | None:
    """The cost of an operation's shapes in this process; None where nothing is shaped from rows."""
    shaped = await _shaped(premises, operation)
    fields = sum(field_count(one.again()) for one in shaped)
    if not fields:
        return None
    costs = [_seconds(shaped) for _ in range(REPETITIONS)]
    return Projection(operation.name, fields, median(costs) / fields * 1_000_000)


async def _shaped(premises: Premises, operation: Operation) -> list[Shaped]:
    """Every shape that ran while the operation was answered, with its rows; nothing but looking on is added."""
    settings, registry = Settings(response_cache_bytes=0), discover()
    database = await open_database(premises.server, revision=NEWEST)
    seen: list[Shaped] = []
    original = Shape.of

    def looked_on(shape: Shape, rows: Sequence[Any], slots: Sequence[Any]) -> list[Any]:
        seen.append(Shaped(shape, rows, slots))
        return original(shape, rows, slots)

    try:
        scope = await Authenticator(database).authenticate(premises.token)
        executor = Executor(build_schema(registry), registry, database, settings)
        with patch.object(Shape, "of", looked_on):
            await executor.execute(scope, operation.document, operation.variables)
    finally:
        await database.close()
    return seen


def _seconds(shaped: Sequence[Shaped]) -> float:
    """CPU seconds for all of them once, measured over so many times that the clock is fine enough."""
    rounds = 0
    began = time.process_time()
    while (spent := time.process_time() - began) < SHORTEST_S:
        for one in shaped:
            one.again()
        rounds += 1
    return spent / rounds
