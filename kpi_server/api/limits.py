"""How much a document may ask for, counted before anything runs.

Every definition is walked once and every fragment counted where it is spread, so counting is linear in the document
while the counts are those of the document with all fragments written out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    VariableDefinitionNode,
    VariableNode,
    parse,
)

from kpi_server.settings import Settings

Spread = Callable[[str], "Size"]


class LimitExceeded(Exception):
    """A document beyond a limit; the message names the limit."""


@dataclass(frozen=True)
class Limits:
    """The most that one document may ask for."""

    document_bytes: int
    tokens: int
    depth: int
    aliases: int
    directives: int
    root_fields: int
    breadth: int
    fields: int
    values: int
    mutation_values: int
    value_depth: int
    cost: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(**{field.name: getattr(settings, f"max_{field.name}") for field in fields(cls)})


@dataclass(frozen=True)
class Size:
    """What a selection asks for with its fragments written out; `width` counts its own level, `breadth` the widest."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    width: int = 0
    breadth: int = 0

    def beside(self, other: "Size") -> "Size":
        """Both in one selection."""
        width = self.width + other.width
        return Size(
            depth=max(self.depth, other.depth),
            fields=self.fields + other.fields,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
            width=width,
            breadth=max(self.breadth, other.breadth, width),
        )

    def under(self, field: FieldNode) -> "Size":
        """As the selection of a field."""
        return Size(
            depth=self.depth + 1,
            fields=self.fields + 1,
            aliases=self.aliases + (field.alias is not None),
            directives=self.directives,
            width=1,
            breadth=max(self.breadth, 1),
        )


NOTHING = Size()


def parse_within(text: str, limits: Limits) -> DocumentNode:
    """The document, unless it is longer than it may be.

    Raises:
        LimitExceeded: too many bytes or tokens, or nested too deeply to be read.
        GraphQLSyntaxError: it is not GraphQL.
    """
    if len(text) > limits.document_bytes or len(text.encode()) > limits.document_bytes:
        raise LimitExceeded(f"The document is longer than {limits.document_bytes} bytes.")
    try:
        return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    except GraphQLError as error:
        if error.message.endswith("Parsing aborted."):
            sentence = error.message.removeprefix("Syntax Error: ").removesuffix(" Parsing aborted.")
            raise LimitExceeded(sentence) from error
        raise


def measure(document: DocumentNode) -> list[tuple[OperationDefinitionNode | FragmentDefinitionNode, Size]] | None:
    """The size of every operation and fragment, or None when fragments spread each other in a circle.

    A fragment that does not exist counts as nothing: validation reports it.
    """
    fragments = fragments_of(document)
    order = calling_order(fragments)
    if order is None:
        return None
    sizes: dict[str, Size] = {}
    for name in order:
        sizes[name] = _size(fragments[name], lambda spread: sizes.get(spread, NOTHING))
    return [
        (definition, _size(definition, lambda spread: sizes.get(spread, NOTHING)))
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode)
    ]


def check_size(definition: OperationDefinitionNode | FragmentDefinitionNode, size: Size, limits: Limits) -> None:
    """Nothing, for a definition within the limits.

    Raises:
        LimitExceeded: the sentence names the first limit that is exceeded.
    """
    root = size.width if isinstance(definition, OperationDefinitionNode) else 0
    for counted, most, words in (
        (size.depth, limits.depth, "levels deep"),
        (root, limits.root_fields, "fields at its root"),
        (size.breadth, limits.breadth, "fields in one selection"),
        (size.aliases, limits.aliases, "aliases"),
        (size.directives, limits.directives, "directives"),
        (size.fields, limits.fields, "fields"),
    ):
        if counted > most:
            raise LimitExceeded(f"The operation has {_shown(counted)} {words}, fragments included; {most} are allowed.")


_NESTED: Final = (dict, list)


def check_values(
    variables: Mapping[str, Any], limits: Limits, uses: Mapping[str, int], *, mutates: bool = False
) -> None:
    """Nothing, for variables with no more values in them than they may have, and none nested deeper.

    A value counts as often as the document uses its variable, for it is read each time; filters inside filters are read
    by functions that call themselves.

    Raises:
        LimitExceeded: the sentence names the limit.
    """
    most = limits.mutation_values if mutates else limits.values
    count = sum(max(1, uses.get(name, 1)) for name in variables)
    for name, value in variables.items():
        inside, depth = [value] if isinstance(value, _NESTED) else [], 0
        while any(inside) and count <= most:
            if depth >= limits.value_depth:
                raise LimitExceeded(f"A variable is nested more than {limits.value_depth} levels deep.")
            count += max(1, uses.get(name, 1)) * sum(map(len, inside))
            inside, depth = [one for outer in inside for one in _parts(outer) if isinstance(one, _NESTED)], depth + 1
    if count > most:
        raise LimitExceeded(f"The variables hold more than {most} values, counted at each use.")


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def uses_of_variables(document: DocumentNode) -> Mapping[str, int]:
    """How often each variable stands in a document, definitions aside."""
    nodes = list(nodes_of(document))
    named = Counter(node.name.value for node in nodes if isinstance(node, VariableNode))
    defined = Counter(node.variable.name.value for node in nodes if isinstance(node, VariableDefinitionNode))
    return {name: times - defined[name] for name, times in named.items()}


def check_literals(document: DocumentNode, limits: Limits) -> None:
    """Nothing, for a document whose values are not nested deeper than they may be.

    Raises:
        LimitExceeded: the sentence names the limit.
    """
    stack: list[tuple[Node, int]] = [(document, 0)]
    while stack:
        node, depth = stack.pop()
        inner = depth + isinstance(node, ObjectValueNode | ListValueNode)
        if inner > limits.value_depth:
            raise LimitExceeded(f"A value of the document is nested more than {limits.value_depth} levels deep.")
        stack.extend((child, inner) for child in _children(node))


def fragments_of(document: DocumentNode) -> Mapping[str, FragmentDefinitionNode]:
    """The fragments by name; the first of a name, as graphql-core has it."""
    found: dict[str, FragmentDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            found.setdefault(definition.name.value, definition)
    return found


def calling_order(fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...] | None:
    """The names of the fragments, each after those it spreads; None when there is a circle."""
    graph = {
        name: {spread for spread in _spreads(fragment) if spread in fragments} for name, fragment in fragments.items()
    }
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError:
        return None


def has_nul(document: DocumentNode) -> bool:
    """Whether a string of the document holds the character that PostgreSQL cannot store."""
    return any(isinstance(node, StringValueNode) and "\0" in node.value for node in nodes_of(document))


def _spreads(fragment: FragmentDefinitionNode) -> Iterator[str]:
    return (node.name.value for node in nodes_of(fragment) if isinstance(node, FragmentSpreadNode))


def nodes_of(root: Node) -> Iterator[Node]:
    """Every node below, without recursion."""
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(_children(node))


def _children(node: Node) -> Iterator[Node]:
    for key in node.keys:
        child = getattr(node, key, None)
        if isinstance(child, Node):
            yield child
        elif isinstance(child, tuple | list):
            yield from child


def _size(definition: OperationDefinitionNode | FragmentDefinitionNode, spread: Spread) -> Size:
    return _with_directives(_selected(definition.selection_set, spread), definition)


def _selected(selection_set: SelectionSetNode | None, spread: Spread) -> Size:
    total = NOTHING
    for selection in selection_set.selections if selection_set else ():
        total = total.beside(_with_directives(_selection(selection, spread), selection))
    return total


def _selection(selection: SelectionNode, spread: Spread) -> Size:
    if isinstance(selection, FieldNode):
        return _selected(selection.selection_set, spread).under(selection)
    if isinstance(selection, InlineFragmentNode):
        return _selected(selection.selection_set, spread)
    if isinstance(selection, FragmentSpreadNode):
        return spread(selection.name.value)
    raise TypeError(f"unknown selection: {selection.kind}")


def _with_directives(size: Size, node: Node) -> Size:
    count = len(getattr(node, "directives", None) or ())
    return Size(**{**vars(size), "directives": size.directives + count}) if count else size


def _shown(count: int) -> str:
    """A count that doubling fragments can make too long to print."""
    return str(count) if count < 1_000_000 else "millions of"
