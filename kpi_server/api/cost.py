"""What an operation may have to do at most: one for every object and repeated value, a list times its page size."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    value_from_ast_untyped,
)

from kpi_server.api.arguments import DEFAULT_PAGE, LARGEST_PAGE
from kpi_server.api.limits import calling_order, fragments_of, nodes_of

UNPAGED = 10  # lists without a page size are short in this schema: aliases, steps, notes of one thing
INTROSPECTION = 10_000  # describes the whole schema, and again with every alias inside
INTROSPECTING = ("__schema", "__type")
PAGE_ARGUMENTS = ("first", "last", "batchSize")
KEY_ARGUMENTS = ("ids", "keys")
PAGED_FIELDS = ("edges", "nodes")
BATCHES = {"ChangeBatch": "events"}  # types of pages that are none of Relay's, with their lists
LARGEST_BATCH = 1_000
REMEMBERED = 64  # costs of one document


@dataclass(frozen=True)
class Weight:
    """Objects asked for once, and for every row of the page that the selection is read on; `aliases` are counted."""

    once: int = 0
    per_row: int = 0
    aliases: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.once + other.once, self.per_row + other.per_row, self.aliases + other.aliases)

    def on(self, rows: int) -> int:
        """The objects on a page of so many rows."""
        return self.once + rows * self.per_row


@dataclass(frozen=True)
class Weighing:
    """What the weight of a selection depends on."""

    schema: GraphQLSchema
    variables: Mapping[str, Any]
    fragment: Callable[[str], Weight]


def cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    *,
    variables: Mapping[str, Any],
) -> int:
    """The objects that a valid operation may ask for at most.

    Pages larger than allowed count as the largest: executing them is an error of its own.
    """
    weights: dict[str, Weight] = {}
    weighing = Weighing(schema, {**_defaults(operation), **variables}, lambda name: weights.get(name, Weight()))
    fragments = fragments_of(document)
    for name in calling_order(fragments) or ():
        weights[name] = _fragment_weight(fragments[name], weighing)
    return _weight(operation.selection_set, schema.get_root_type(operation.operation), weighing).on(DEFAULT_PAGE)


class Costs:
    """The costs of one document's operations, worked out once for each size that variables give to pages and lists."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._document = document
        self._sizing = sizing_variables(document)
        self._known: dict[tuple[object, ...], int] = {}

    def of(self, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
        """The objects that an operation may ask for at most with these variables."""
        name = operation.name.value if operation.name else None
        key = (name, *(_size_of(variables.get(variable)) for variable in self._sizing if variable in variables))
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = cost(self._schema, self._document, operation, variables=variables)
        return self._known[key]


def sizing_variables(document: DocumentNode) -> tuple[str, ...]:
    """The variables that say how long pages and lists are, wherever they stand in such an argument."""
    return tuple(
        sorted(
            {
                variable.name.value
                for node in nodes_of(document)
                if isinstance(node, ArgumentNode) and node.name.value in (*PAGE_ARGUMENTS, *KEY_ARGUMENTS)
                for variable in nodes_of(node)
                if isinstance(variable, VariableNode)
            }
        )
    )


def _size_of(value: Any) -> object:
    return len(value) if isinstance(value, list) else value if isinstance(value, int) else None


def _defaults(operation: OperationDefinitionNode) -> Mapping[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def _fragment_weight(fragment: FragmentDefinitionNode, weighing: Weighing) -> Weight:
    return _weight(fragment.selection_set, weighing.schema.get_type(fragment.type_condition.name.value), weighing)


def _weight(selection_set: SelectionSetNode, parent: GraphQLNamedType | None, weighing: Weighing) -> Weight:
    return sum(_weights(selection_set, parent, weighing), start=Weight())


def _weights(selection_set: SelectionSetNode, parent: GraphQLNamedType | None, weighing: Weighing) -> Iterator[Weight]:
    for selection in selection_set.selections:
        if isinstance(selection, FragmentSpreadNode):
            yield weighing.fragment(selection.name.value)
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            narrowed = weighing.schema.get_type(condition.name.value) if condition else parent
            yield _weight(selection.selection_set, narrowed, weighing)
        elif isinstance(selection, FieldNode):
            yield _field_weight(selection, parent, weighing)


def _field_weight(field: FieldNode, parent: GraphQLNamedType | None, weighing: Weighing) -> Weight:
    alias = int(field.alias is not None)
    if field.selection_set is None:
        # A type has few fields; by aliases and arguments one of them is asked for without end.
        return Weight(once=int(alias or bool(field.arguments)), aliases=alias)
    name = field.name.value
    definition: GraphQLField | None = getattr(parent, "fields", {}).get(name)
    named = None if definition is None else get_named_type(definition.type)
    inner = _weight(field.selection_set, named, weighing)
    aliases = alias + inner.aliases
    if name in INTROSPECTING:
        return Weight(once=INTROSPECTION * (1 + inner.aliases), aliases=aliases)
    if definition is None:
        return Weight(aliases=aliases)
    rows = _rows(field, definition, weighing)
    one = 1 + inner.on(DEFAULT_PAGE if rows is None else rows)
    if not is_list_type(get_nullable_type(definition.type)):
        return Weight(once=one, aliases=aliases)
    if parent is not None and _is_page(parent.name, name):
        return Weight(per_row=one, aliases=aliases)
    return Weight(once=one * (UNPAGED if rows is None else rows), aliases=aliases)


def _is_page(parent: str, field: str) -> bool:
    """Whether a list's length is what the field above it asks for."""
    return BATCHES.get(parent) == field or (parent.endswith("Connection") and field in PAGED_FIELDS)


def _rows(field: FieldNode, definition: GraphQLField, weighing: Weighing) -> int | None:
    """How many rows the arguments ask for, or None when neither they nor their defaults say."""
    largest = LARGEST_BATCH if get_named_type(definition.type).name in BATCHES else LARGEST_PAGE
    asked: list[int] = []
    for argument in field.arguments or ():
        value = value_from_ast_untyped(argument.value, dict(weighing.variables))
        if argument.name.value in PAGE_ARGUMENTS and isinstance(value, int) and not isinstance(value, bool):
            asked.append(min(max(value, 0), largest))
        elif argument.name.value in KEY_ARGUMENTS and isinstance(value, list):
            asked.append(len(value))
    if not asked:
        defaults = [definition.args[name].default_value for name in PAGE_ARGUMENTS if name in definition.args]
        asked = [default for default in defaults if isinstance(default, int)]
    return max(asked, default=None)
