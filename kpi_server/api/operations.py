"""From a request's document and variables to an operation that may run, and what it costs."""

import re
from asyncio import timeout
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution import VariableValues

from kpi_server.api.documents import MOST_ERRORS, Documents, Prepared, RequestRefused
from kpi_server.api.errors import Code, error_entry, request_errors
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.planning import Plan
from kpi_server.api.limits import LimitExceeded, Limits, check_values
from kpi_server.api.variables import variable_values
from kpi_server.settings import Settings

MOST_READY: Final = 256  # a document, of a few hundred bytes each
MOST_PLAIN: Final = 16
LONGEST_PLAIN: Final = 200
_PLAIN: Final = frozenset({str, int, bool, float, type(None)})
_BUSY: Final = "The document was not read in time, because others came before it; ask again."
_NUL: Final = re.compile(rb"\\u0000|\\x00")
"""How the character NUL is written, in JSON or by Python; other texts may look like it."""


@dataclass(frozen=True)
class Operation:
    """A request that may run; `question` tells it from every other operation of the schema with its variables."""

    prepared: Prepared
    node: OperationDefinitionNode
    variables: Mapping[str, Any]
    values: VariableValues
    cost: int
    plan: Plan | None
    question: tuple[str, str | None, str]

    @property
    def name(self) -> str | None:
        """The operation's name in its document."""
        return None if self.node.name is None else self.node.name.value

    @property
    def is_subscription(self) -> bool:
        """Whether it is answered by a stream."""
        return self.node.operation is OperationType.SUBSCRIPTION

    @property
    def writes(self) -> bool:
        """Whether it is a mutation."""
        return self.node.operation is OperationType.MUTATION

    @property
    def followed(self) -> tuple[Any, ...]:
        """The question but for where it begins: subscriptions that have come equally far go on as one."""
        begin = _variable_of(self.node, "after")
        if begin is None or self.prepared.uses.get(begin, 0) > 1:
            return self.question
        others = {name: value for name, value in self.variables.items() if name != begin}
        return _question(self.prepared.text, self.node, _written(others))

    @cached_property
    def root_fields(self) -> Sequence[FieldNode]:
        """The fields of the operation's root, those of fragments among them."""
        return [*_fields(self.node.selection_set, self.prepared.plans.fragments)]

    @property
    def can_be_kept(self) -> bool:
        """Whether the same question has the same answer for everybody with the same rights."""
        is_query = self.node.operation is OperationType.QUERY
        return is_query and self.plan is not None and not self.plan.is_passing


class Operations:
    """The operations of one schema."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self.limits = Limits.of(settings)
        self._schema = graph.schema
        self._suggestions = settings.suggestions
        self._patience_s = settings.request_timeout_s
        self._documents = Documents(
            graph, self.limits, introspection=settings.introspection, suggestions=settings.suggestions
        )

    async def read(self, document: str) -> None:
        """Have a document that is long and new read, so that nothing else has to wait; what is wrong, `of` says.

        Raises:
            RequestRefused: it was not its turn in time.
        """
        if self._documents.takes_long(document):
            try:
                async with timeout(self._patience_s):
                    await self._documents.read_beside(document)
            except TimeoutError as error:
                raise RequestRefused([error_entry(Code.TIMEOUT, _BUSY)]) from error

    def is_subscription(self, document: str, name: str | None) -> bool:
        """Whether the operation of that name is answered by a stream.

        Raises:
            RequestRefused: the document is not valid, or beyond a limit.
        """
        return self._documents.prepare(document).operation(name).operation is OperationType.SUBSCRIPTION

    def of(self, document: str, variables: Mapping[str, Any], name: str | None, *, allow_mutation: bool) -> Operation:
        """The operation of that name with these variables; what plain ones lead to is remembered with the document.

        Raises:
            QueriesOnly: it is a mutation, which is not allowed here.
            RequestRefused: the document or the variables are not valid, or beyond a limit.
        """
        prepared = self._documents.prepare(document)
        node = prepared.operation(name)
        if not allow_mutation and node.operation is not OperationType.QUERY:
            raise QueriesOnly
        key = plain(node, variables)
        known: Operation | None = None if key is None else prepared.ready.get(key)
        if known is None:
            known = self._checked(prepared, document, node, variables)
            if key is not None and len(prepared.ready) < MOST_READY:
                prepared.ready[key] = known
        return known

    def _checked(
        self, prepared: Prepared, document: str, node: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> Operation:
        try:
            mutates = node.operation is OperationType.MUTATION
            check_values(variables, self.limits, prepared.uses, mutates=mutates)
        except LimitExceeded as error:
            raise RequestRefused([error_entry(Code.LIMIT_EXCEEDED, str(error))]) from error
        written = _written(variables)
        if _NUL.search(written) and holds_nul(variables):
            raise RequestRefused([error_entry(Code.BAD_USER_INPUT, "A variable holds a NUL character.")])
        values = variable_values(
            self._schema,
            node.variable_definitions or (),
            variables,
            max_errors=MOST_ERRORS,
            suggestions=self._suggestions,
        )
        if isinstance(values, list):
            raise RequestRefused(request_errors(values, Code.BAD_USER_INPUT))
        plan = prepared.plans.of(node, values.coerced)
        return Operation(
            prepared,
            node,
            variables,
            values,
            cost=prepared.costs.of(node, variables),
            plan=plan if isinstance(plan, Plan) else None,
            question=_question(document, node, written),
        )


class QueriesOnly(Exception):
    """A mutation where only queries are allowed."""


def plain(node: OperationDefinitionNode, variables: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """A key for an operation with variables that are few, short and without parts; None for all others."""
    if len(variables) > MOST_PLAIN:
        return None
    key: list[Any] = [None if node.name is None else node.name.value]
    for name, value in variables.items():
        kind = type(value)
        if kind not in _PLAIN or (kind is str and len(value) > LONGEST_PLAIN):
            return None
        key += (name, kind, value)
    return tuple(key)


def _written(variables: Mapping[str, Any]) -> bytes:
    """Variables as text, which is the same for the same."""
    try:
        return orjson.dumps(variables)
    except TypeError:  # half a character, or a number of more than 64 bits
        return _encoded(repr(variables))


def _question(document: str, node: OperationDefinitionNode, written: bytes) -> tuple[str, str | None, str]:
    name = None if node.name is None else node.name.value
    return sha256(_encoded(document)).hexdigest(), name, sha256(written).hexdigest()


def _variable_of(node: OperationDefinitionNode, argument: str) -> str | None:
    """The variable that gives an argument of the operation's first field, if one does."""
    field = node.selection_set.selections[0]
    for given in field.arguments or () if isinstance(field, FieldNode) else ():
        if given.name.value == argument and isinstance(given.value, VariableNode):
            return str(given.value.name.value)
    return None


def _fields(selection: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """The fields of a selection, those of fragments among them; a fragment that is not there was refused before."""
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments)


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def holds_nul(variables: Mapping[str, Any]) -> bool:
    """Whether any text in JSON holds the character that PostgreSQL cannot store."""
    stack: list[Any] = [*variables, *variables.values()]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, dict):
            stack += value
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return False
