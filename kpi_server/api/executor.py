"""One GraphQL request from document and variables to an answer: checked first, then run in one snapshot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from inspect import isawaitable
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLSchema, OperationDefinitionNode, OperationType, execute
from graphql.execution import VariableValues, get_variable_values

from kpi_server.api.context import Context
from kpi_server.api.documents import MOST_ERRORS, Documents, Prepared, RequestRefused
from kpi_server.api.errors import Code, error_entry, field_errors, masked, request_errors
from kpi_server.api.execution.planning import Plan
from kpi_server.api.execution.roots import NeedsSnapshot
from kpi_server.api.execution.running import PlannedRun
from kpi_server.api.graph import build_graph
from kpi_server.api.limits import LimitExceeded, Limits, check_values
from kpi_server.api.patience import Patience
from kpi_server.domain.access import Scope
from kpi_server.registry import Registry
from kpi_server.settings import Settings
from kpi_server.store.database import Database


class Outcome(StrEnum):
    """How far a request got; the web turns it into a status."""

    EXECUTED = "EXECUTED"
    REQUEST_ERROR = "REQUEST_ERROR"
    QUERIES_ONLY = "QUERIES_ONLY"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Answer:
    """A GraphQL response: without `data` unless the operation ran."""

    payload: dict[str, Any]
    outcome: Outcome


@dataclass(frozen=True)
class Operation:
    """A request that may run."""

    prepared: Prepared
    node: OperationDefinitionNode
    variables: Mapping[str, Any]
    values: VariableValues
    cost: int
    plan: Plan | None


_OUTCOMES = {Code.TIMEOUT: Outcome.TIMEOUT, Code.UNAVAILABLE: Outcome.UNAVAILABLE}


class Executor:
    """Executes documents on one schema and one database."""

    def __init__(self, schema: strawberry.Schema, registry: Registry, database: Database, settings: Settings) -> None:
        self._schema = core_schema(schema)
        self._registry = registry
        self._database = database
        self._settings = settings
        self._limits = Limits.of(settings)
        self._patience = Patience()
        self._graph = build_graph(schema)
        self._documents = Documents(
            self._graph, self._limits, introspection=settings.introspection, suggestions=settings.suggestions
        )

    async def execute(
        self,
        scope: Scope,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        allow_mutation: bool = True,
        request_id: str | None = None,
    ) -> Answer:
        """The answer to one request of a principal; whatever goes wrong is in it."""
        try:
            prepared = self._documents.prepare(document)
            node = prepared.operation(operation_name)
            if not allow_mutation and node.operation is not OperationType.QUERY:
                errors = [error_entry(Code.METHOD_NOT_ALLOWED, "GET is for queries: send this operation by POST.")]
                return Answer({"errors": errors}, Outcome.QUERIES_ONLY)
            operation = self._operation(prepared, node, variables or {})
        except RequestRefused as refused:
            return Answer({"errors": refused.errors}, Outcome.REQUEST_ERROR)
        extensions = {"cost": {"requested": operation.cost, "limit": self._limits.cost}}
        if operation.cost > self._limits.cost:
            message = f"The operation may ask for {operation.cost} objects; {self._limits.cost} are allowed."
            errors = [error_entry(Code.LIMIT_EXCEEDED, message)]
            return Answer({"errors": errors, "extensions": extensions}, Outcome.REQUEST_ERROR)
        answer = await self._answer(scope, operation, request_id)
        return Answer({**answer.payload, "extensions": extensions}, answer.outcome)

    def _operation(self, prepared: Prepared, node: OperationDefinitionNode, variables: Mapping[str, Any]) -> Operation:
        try:
            check_values(variables, self._limits)
        except LimitExceeded as error:
            raise RequestRefused([error_entry(Code.LIMIT_EXCEEDED, str(error))]) from error
        if holds_nul(variables):
            raise RequestRefused([error_entry(Code.BAD_USER_INPUT, "A variable holds a NUL character.")])
        values = get_variable_values(
            self._schema,
            node.variable_definitions or (),
            dict(variables),
            max_errors=MOST_ERRORS,
            hide_suggestions=not self._settings.suggestions,
        )
        if isinstance(values, list):
            raise RequestRefused(request_errors(values, Code.BAD_USER_INPUT))
        requested = prepared.costs.of(node, variables)
        plan = prepared.plans.of(node, values.coerced)
        return Operation(prepared, node, variables, values, requested, plan if isinstance(plan, Plan) else None)

    async def _answer(self, scope: Scope, operation: Operation, request_id: str | None) -> Answer:
        try:
            result = await self._patience.within(self._settings.request_timeout_s, self._run(scope, operation))
        except Exception as error:  # the API's edge: nothing unexpected leaves it unmasked
            return failure(masked(error, request_id=request_id))
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload = {"errors": field_errors(result.errors, request_id=request_id), **payload}
        return Answer(payload, Outcome.EXECUTED)

    async def _run(self, scope: Scope, operation: Operation) -> ExecutionResult:
        ids, patience = scope.organization_ids, self._settings.statement_timeout_s
        if operation.plan is not None and operation.plan.is_one_statement:
            try:
                async with self._database.glance(ids, statement_timeout_s=patience) as connection:
                    return await self._planned(self._context(scope, connection), operation, operation.plan)
            except NeedsSnapshot:
                pass
        async with self._database.read(ids, statement_timeout_s=patience) as connection:
            context = self._context(scope, connection)
            if operation.plan is not None:
                return await self._planned(context, operation, operation.plan, has_snapshot=True)
            return await self._interpreted(context, operation)

    def _context(self, scope: Scope, connection: Any) -> Context:
        return Context(scope=scope, connection=connection, registry=self._registry, now=datetime.now(UTC))

    async def _planned(
        self, context: Context, operation: Operation, plan: Plan, *, has_snapshot: bool = False
    ) -> ExecutionResult:
        run = PlannedRun(
            self._graph,
            operation.node,
            operation.prepared.plans.fragments,
            operation.values,
            context,
            has_snapshot=has_snapshot,
            suggestions=self._settings.suggestions,
        )
        data = await run.data(plan)
        return ExecutionResult(data, run.errors)

    async def _interpreted(self, context: Context, operation: Operation) -> ExecutionResult:
        """As graphql-core does it: what is not planned."""
        result = execute(
            self._schema,
            operation.prepared.document,
            context_value=context,
            variable_values=dict(operation.variables),
            operation_name=operation.node.name.value if operation.node.name else None,
            hide_suggestions=not self._settings.suggestions,
        )
        return await result if isawaitable(result) else result


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema inside a Strawberry schema; Strawberry's own `execute` parses and validates each time."""
    return schema._schema


def holds_nul(variables: Mapping[str, Any]) -> bool:
    """Whether any text in JSON holds the character that PostgreSQL cannot store."""
    stack: list[Any] = [variables]
    while stack:
        value = stack.pop()
        if isinstance(value, str) and "\0" in value:
            return True
        stack.extend(_inside(value))
    return False


def _inside(value: object) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def failure(entry: dict[str, Any]) -> Answer:
    """The answer to a request that a masked error ended."""
    outcome = _OUTCOMES.get(entry["extensions"]["code"], Outcome.FAILED)
    return Answer({"errors": [entry]}, outcome)
