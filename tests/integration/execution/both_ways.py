"""One operation executed both ways, and what must be the same of it."""

import asyncio
import gc
import json
import warnings
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    execute,
    parse,
    print_ast,
    validate,
)
from graphql.execution import get_variable_values

from kpi_server.api.errors import field_errors
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.leaves import as_json
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.plans import Plans
from kpi_server.api.execution.running import PlannedRun

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Outcome:
    """An answer as it is compared: its data on the wire, and where which errors are."""

    data: bytes
    errors: frozenset[tuple[Place, str]]

    @classmethod
    def of(cls, data: Any, errors: Sequence[GraphQLError] | None) -> "Outcome":
        entries = field_errors(errors or (), request_id=None)
        found = frozenset((tuple(entry["path"]), entry["extensions"]["code"]) for entry in entries)
        return cls(orjson.dumps(data, default=as_json), found)

    @property
    def regions(self) -> Mapping[Place, frozenset[tuple[Place, str]]]:
        """The errors by the null that stands for them in the data: at the field itself, or at one above it."""
        data = orjson.loads(self.data)
        found: defaultdict[Place, set[tuple[Place, str]]] = defaultdict(set)
        for path, code in self.errors:
            found[_null_on(path, data)].add((path, code))
        return {region: frozenset(errors) for region, errors in found.items()}


def _null_on(path: Place, data: Any) -> Place:
    for length, step in enumerate(path):
        if data is None:
            return path[:length]
        data = data[step]
    assert data is None, f"there is a value where an error is: {path}"
    return path


def is_same(planned: Outcome, interpreted: Outcome) -> bool:
    """Whether two answers say the same, as far as the specification fixes it.

    Data must be equal to the byte, but for how numbers are written. Where an error nulled its own field, all errors
    must be equal. Where a null spread upwards, several fields below it may have failed, and which of them are
    reported is free: then both must report one for the same null, and have one in common.
    """
    if planned.data != interpreted.data and _numbered(planned.data) != _numbered(interpreted.data):
        return False
    ours, theirs = planned.regions, interpreted.regions
    return ours.keys() == theirs.keys() and all(_agree(region, ours[region], theirs[region]) for region in ours)


def _numbered(data: bytes) -> str:
    """Data with its numbers written one way; the order of fields stays."""
    return json.dumps(json.loads(data, parse_int=float))


def _agree(region: Place, ours: frozenset[tuple[Place, str]], theirs: frozenset[tuple[Place, str]]) -> bool:
    if any(path != region for path, _ in ours | theirs):
        return bool(ours & theirs)
    return ours == theirs


def valid(schema: GraphQLSchema, text: str) -> DocumentNode:
    """A document, which must be valid."""
    document = parse(text)
    assert [error.message for error in validate(schema, document)] == [], text
    return document


async def _left(before: Collection[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """The tasks that still run, but for those that are about to end: loaders hand over their last rows and end."""
    for _ in range(3):
        await asyncio.sleep(0)
    return [task for task in asyncio.all_tasks() if task not in before]


@dataclass(frozen=True)
class BothWays:
    """Executes operations on one snapshot, planned and by graphql-core."""

    graph: Graph
    context: Callable[[], Any]
    """Makes the context of one execution."""
    renew: Callable[[], Awaitable[None]] | None = None
    """Begins a new snapshot: graphql-core stops statements of what it gives up, which ends the transaction."""

    async def compared(self, document: DocumentNode, variables: Mapping[str, Any]) -> Outcome:
        """The answer that both ways gave.

        Raises:
            AssertionError: they did not give the same.
        """
        before = asyncio.all_tasks()
        planned = await self._planned(document, variables)
        assert await _left(before) == [], "whoever runs a plan may return its connection: nothing may still use it"
        with warnings.catch_warnings():  # graphql-core never awaits what it gives up after an error
            warnings.filterwarnings("ignore", message="coroutine .* was never awaited", category=RuntimeWarning)
            interpreted = await self._interpreted(document, variables)
            await asyncio.gather(*await _left(before), return_exceptions=True)
            gc.collect(0)
        if self.renew is not None:
            await self.renew()
        if not is_same(planned, interpreted):
            told = f"{print_ast(document)}\n{variables}\nplanned     {planned}\ninterpreted {interpreted}"
            raise AssertionError(told)
        return planned

    async def _planned(self, document: DocumentNode, variables: Mapping[str, Any]) -> Outcome:
        plans = Plans(self.graph, document)
        (node,) = (definition for definition in document.definitions if definition.kind == "operation_definition")
        values = get_variable_values(self.graph.schema, node.variable_definitions or (), dict(variables))
        assert not isinstance(values, list), values
        plan = plans.of(node, values.coerced)
        assert isinstance(plan, Plan)
        run = PlannedRun(self.graph, node, plans.fragments, values, self.context())
        return Outcome.of(await run.data(plan), run.errors)

    async def _interpreted(self, document: DocumentNode, variables: Mapping[str, Any]) -> Outcome:
        running = execute(self.graph.schema, document, context_value=self.context(), variable_values=dict(variables))
        result: ExecutionResult = await running if isawaitable(running) else running
        return Outcome.of(result.data, result.errors)
