"""One run of a plan: its variables, its connection, and the errors of its fields."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    located_error,
)
from graphql.execution import VariableValues
from graphql.pyutils import Path as CorePath

from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.selecting import Selected
from kpi_server.api.execution.shape import FAILED, Path, places_of, steps_of

Fetch = Callable[..., Awaitable[Sequence[Any]]]


@dataclass
class PlannedRun:
    """What a plan's steps share while it runs."""

    graph: Graph
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    variables: VariableValues
    context: Any
    has_snapshot: bool = True
    suggestions: bool = False
    errors: list[GraphQLError] = field(default_factory=list)
    memory: dict[Any, Any] = field(default_factory=dict)
    """What runs of the same operation by the same rights found out before, and what this one does."""

    @property
    def fetch(self) -> Fetch:
        """Runs a statement."""
        fetch: Fetch = self.context.fetch
        return fetch

    @property
    def now(self) -> datetime:
        """The request's moment."""
        now: datetime = self.context.now
        return now

    async def data(self, plan: Plan) -> Any:
        """The answer's data; null when an error reached the root."""
        alone = plan.alone
        if alone is not None:
            key, root = alone
            value = await root.one(self, ((), key))
            return None if value is FAILED else {key: value}
        (made,) = await plan.fields.of(self, [None], [()])
        return None if made is FAILED else made

    def info(self, parent: GraphQLObjectType, definition: GraphQLField, selected: Selected, path: Path) -> Any:
        """What resolvers are told; of a level's objects the path is that of the first."""
        return GraphQLResolveInfo(
            selected.name,
            list(selected.nodes),
            definition.type,
            parent,
            _core_path(path),
            self.graph.schema,
            self.fragments,
            None,
            self.operation,
            self.variables,
            self.context,
            _is_awaitable,
            None,
            None,  # type: ignore[arg-type]  # helpers of graphql-core's executor, which is not at work
        )

    def report(self, error: Exception, nodes: Sequence[FieldNode], path: Path) -> None:
        """Note an error of a field, in every place where it stands."""
        self.errors += [located_error(error, list(nodes), steps) for steps in places_of(path)]

    def type_of(self, value: Any, possible: Sequence[GraphQLObjectType]) -> GraphQLObjectType:
        """Which of the possible types an object has.

        Raises:
            TypeError: none of them.
        """
        name = self.graph.name_of(value)
        for one in possible:
            if one.name == name:
                return one
        raise TypeError(f"an object of {type(value).__name__} is none of {', '.join(one.name for one in possible)}")


def _is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    return isinstance(value, Awaitable)


def _core_path(path: Path) -> Any:
    made: CorePath | None = None
    for step in steps_of(path):
        made = CorePath(made, step, None)
    return made
