"""From a document's text to an operation that may run: parsed, measured and validated once, then remembered."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    NoFragmentCyclesRule,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    specified_rules,
    validate,
)

from kpi_server.api.cost import Costs
from kpi_server.api.errors import Code, error_entry, request_errors
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.plans import Plans
from kpi_server.api.limits import (
    LimitExceeded,
    Limits,
    check_literals,
    check_size,
    has_nul,
    measure,
    parse_within,
    uses_of_variables,
)
from kpi_server.api.memory import Memory

MOST_ERRORS = 20
COMPARISONS = 20_000  # of possibly conflicting fields; about a tenth of a second
REMEMBERED_BYTES = 512 * 1024  # of text; a parsed document takes some hundred times its text
REFUSED_BYTES = 128 * 1024
LONG = 1_000  # characters: what is shorter takes twenty milliseconds at worst, what is longer up to ten times that

Refusal: TypeAlias = list[dict[str, Any]]
"""The entries of `errors` that say why a document cannot be executed."""


class RequestRefused(Exception):
    """A request that cannot be executed, with the entries of `errors` that say why."""

    def __init__(self, errors: Sequence[dict[str, Any]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)


@dataclass(frozen=True)
class Prepared:
    """A valid document within the limits, with what is worked out of it only once."""

    text: str
    document: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    uses: Mapping[str, int]
    plans: Plans
    costs: Costs
    ready: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation of that name, or the only one.

        Raises:
            RequestRefused: there is none of that name, or several and no name.
        """
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        if name is None:
            message = "The document has several operations: say which one with operationName."
            raise RequestRefused([error_entry(Code.OPERATION_RESOLUTION_FAILED, message)])
        for operation in self.operations:
            if operation.name is not None and operation.name.value == name:
                return operation
        message = f"The document has no operation named {name[:100]!r}."
        raise RequestRefused([error_entry(Code.OPERATION_RESOLUTION_FAILED, message)])


class BoundedOverlap(OverlappingFieldsCanBeMergedRule):
    """The rule with a smaller budget: its work grows with the square of equally named fields."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = COMPARISONS


class Documents:
    """The documents of one schema, remembered as they were read, also those that were refused."""

    def __init__(self, graph: Graph, limits: Limits, *, introspection: bool, suggestions: bool) -> None:
        self._graph = graph
        self._schema = graph.schema
        self._limits = limits
        self._suggestions = suggestions
        self._rules = _rules(introspection=introspection)
        self._valid: Memory[str, Prepared] = Memory(REMEMBERED_BYTES)
        self._refused: Memory[str, Refusal] = Memory(REFUSED_BYTES)
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")

    def prepare(self, text: str) -> Prepared:
        """The document of that text.

        Raises:
            RequestRefused: it cannot be parsed, is beyond a limit or not valid.
        """
        known = self._valid.of(text)
        if known is not None:
            return known
        read = self._refused.of(text) or self._read(text)
        self._keep(text, read)
        if isinstance(read, Prepared):
            return read
        raise RequestRefused(read)

    def takes_long(self, text: str) -> bool:
        """Whether others would be kept waiting: the document is long, and new."""
        return len(text) > LONG and text not in self._valid and text not in self._refused

    async def read_beside(self, text: str) -> None:
        """Read a document in a thread, one after the other: others go on meanwhile, at half their pace at worst."""
        read = await asyncio.get_running_loop().run_in_executor(self._beside, self._read, text)
        self._keep(text, read)

    def _keep(self, text: str, read: Prepared | Refusal) -> None:
        if isinstance(read, Prepared):
            self._valid.keep(text, read, len(text))
        else:
            self._refused.keep(text, read, len(text))

    def _read(self, text: str) -> Prepared | Refusal:
        try:
            document = parse_within(text, self._limits)
            check_literals(document, self._limits)
            self._check(document)
        except RequestRefused as refused:
            return refused.errors
        except LimitExceeded as error:
            return [error_entry(Code.LIMIT_EXCEEDED, str(error))]
        except GraphQLError as error:
            return request_errors([error], Code.GRAPHQL_PARSE_FAILED)
        operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        uses = uses_of_variables(document)
        plans, costs = Plans(self._graph, document), Costs(self._schema, document)
        return Prepared(text, document, tuple(operations), uses, plans, costs)

    def _check(self, document: DocumentNode) -> None:
        sizes = measure(document)
        if sizes is None:
            raise RequestRefused(self._invalid(validate(self._schema, document, [NoFragmentCyclesRule])))
        for definition, size in sizes:
            check_size(definition, size, self._limits)
        if has_nul(document):
            raise RequestRefused([error_entry(Code.BAD_USER_INPUT, "A string of the document holds a NUL character.")])
        errors = validate(
            self._schema, document, self._rules, max_errors=MOST_ERRORS, hide_suggestions=not self._suggestions
        )
        if any(error.message == "Validation aborted." for error in errors):
            raise LimitExceeded("The operation repeats too many fields in one selection.")
        if errors:
            raise RequestRefused(self._invalid(errors))
        if not any(isinstance(node, OperationDefinitionNode) for node in document.definitions):
            message = "The document has no operation."
            raise RequestRefused([error_entry(Code.OPERATION_RESOLUTION_FAILED, message)])

    def _invalid(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        return request_errors(errors, Code.GRAPHQL_VALIDATION_FAILED)


def _rules(*, introspection: bool) -> tuple[type[ASTValidationRule], ...]:
    rules = tuple(BoundedOverlap if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    return rules if introspection else (*rules, NoSchemaIntrospectionCustomRule)
