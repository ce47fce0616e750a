"""What an operation would do: its cost, its plan field by field, its statements, and the code for its rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    VariableNode,
    Visitor,
    parse,
    visit,
)

from kpi_server.api.context import Context
from kpi_server.api.execution.describing import Description, described
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.running import PlannedRun
from kpi_server.api.graph import build_graph
from kpi_server.api.operations import Operation, Operations
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.registry import Registry
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of


@dataclass(frozen=True)
class Asked:
    """A statement with what it bound."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Explained:
    """One operation. Without a plan `reason` says why; `statements` are None where it was not tried out.

    Without a database they may not be all, but for operations of one: what is not found there leads no further.
    """

    name: str | None
    kind: str
    cost: int
    reason: str | None
    description: Description | None
    statements: Sequence[Asked] | None
    are_all: bool = True


@dataclass(frozen=True)
class Ready:
    """An operation that is valid, and for whom it is tried out."""

    operation: Operation
    scope: Scope


class Explainer:
    """Explains documents of one schema."""

    def __init__(self, schema: strawberry.Schema, registry: Registry, settings: Settings) -> None:
        self._graph = build_graph(schema)
        self._registry = registry
        self._operations = Operations(self._graph, settings)

    def ready(self, document: str, variables: Mapping[str, Any], organization: str | None) -> Sequence[Ready]:
        """Every operation of a document, for an executive of an organization, or else of those that it names.

        Raises:
            RequestRefused: the document or the variables are not valid, or beyond a limit.
        """
        found = []
        for name in _names(document):
            operation = self._operations.of(document, variables, name, allow_mutation=True)
            named = [organization] if organization else slugs_of(operation)
            grants = (Grant(id_of(slug), slug, Role.EXECUTIVE) for slug in named)
            found.append(Ready(operation, Scope(0, "explain", tuple(grants))))
        return found

    async def explained(self, ready: Ready, connection: Any = None) -> Explained:
        """What an operation does.

        Its statements are those that it asks of the connection; without one, those of a database in which every
        statement finds one row with 1 in every column. A mutation is not tried out.
        """
        operation = ready.operation
        plan = operation.prepared.plans.of(operation.node, operation.values.coerced)
        kind = operation.node.operation
        if not isinstance(plan, Plan):
            return Explained(operation.name, kind.value, operation.cost, str(plan), None, None)
        description = described(plan, self._graph)
        if kind is not OperationType.QUERY:
            return Explained(operation.name, kind.value, operation.cost, None, description, None)
        asked = await self._tried(ready, plan, connection)
        are_all = connection is not None or plan.is_one_statement
        return Explained(operation.name, kind.value, operation.cost, None, description, asked, are_all)

    async def _tried(self, ready: Ready, plan: Plan, connection: Any) -> Sequence[Asked]:
        operation = ready.operation
        watched = Watched(connection or Ones())
        context = Context(
            scope=ready.scope,
            connection=watched,
            registry=self._registry,
            now=datetime.now(UTC),
            database=None,  # type: ignore[arg-type]  # only mutations write, and none is tried out
        )
        fragments = operation.prepared.plans.fragments
        run = PlannedRun(self._graph, operation.node, fragments, operation.values, context)
        await run.data(plan)
        return watched.asked


async def analyzed(connection: Any, asked: Asked) -> Sequence[str]:
    """What PostgreSQL says of running a statement, line by line."""
    rows = await connection.fetch(f"explain (analyze, costs off, buffers off, summary off) {asked.sql}", *asked.values)
    return [row[0] for row in rows]


def _names(document: str) -> Sequence[str | None]:
    """The operations of a document; where it cannot be read, one without a name is refused with the place."""
    try:
        definitions = parse(document).definitions
    except GraphQLError:
        return [None]
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    return [node.name.value if node.name else None for node in operations] or [None]


@dataclass
class Watched:
    """A connection of which every statement is noted."""

    connection: Any
    asked: list[Asked] = field(default_factory=list)

    async def fetch(self, sql: str, *values: Any) -> Any:
        self.asked.append(Asked(sql, values))
        return await self.connection.fetch(sql, *values)


class Ones:
    """In place of a connection: every statement finds one row, of which every column is 1."""

    async def fetch(self, sql: str, *values: Any) -> Sequence[Any]:
        del sql, values
        return [_Ones()]


class _Ones:
    def __getitem__(self, key: Any) -> Any:
        return (1,) * key.stop if isinstance(key, slice) else 1

    def __len__(self) -> int:
        return 1


def slugs_of(operation: Operation) -> Sequence[str]:
    """The organizations that an operation names by an argument."""
    reading = _Slugs(operation.values.coerced)
    for definition in operation.prepared.document.definitions:
        visit(definition, reading)
    return [*dict.fromkeys(reading.found)]


class _Slugs(Visitor):
    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__()
        self._variables = variables
        self.found: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if argument.name.value not in ("slug", "organization"):
                continue
            if isinstance(argument.value, StringValueNode):
                self.found.append(argument.value.value)
            elif isinstance(argument.value, VariableNode):
                given = self._variables.get(argument.value.name.value)
                self.found += [given] if isinstance(given, str) else []
