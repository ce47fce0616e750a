"""What is selected of an object: fragments written out, fields of one name merged, @skip and @include decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    is_abstract_type,
    visit,
)


@dataclass(frozen=True)
class Selected:
    """A field of the answer: its name there, and every place in the document that selects it."""

    key: str
    nodes: tuple[FieldNode, ...]

    @property
    def name(self) -> str:
        return self.nodes[0].name.value


@dataclass
class Selecting:
    """A document's selections for one operation and the variables that its directives read."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    decided: Mapping[str, Any]

    def of(self, sets: Sequence[SelectionSetNode | None], parent: GraphQLObjectType) -> tuple[Selected, ...]:
        """The fields selected of an object of this type, in the order in which the answer has them."""
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in sets:
            if selection_set is not None:
                for node in self._fields(selection_set, parent, visited):
                    found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return tuple(Selected(key, tuple(nodes)) for key, nodes in found.items())

    def under(self, selected: Selected, parent: GraphQLObjectType) -> tuple[Selected, ...]:
        """The fields selected of the object that a field gives."""
        return self.of([node.selection_set for node in selected.nodes], parent)

    def _fields(
        self, selection_set: SelectionSetNode, parent: GraphQLObjectType, visited: set[str]
    ) -> Iterator[FieldNode]:
        for selection in selection_set.selections:
            if not self._is_wanted(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                if self._applies(selection.type_condition, parent):
                    yield from self._fields(selection.selection_set, parent, visited)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
                visited.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self._applies(fragment.type_condition, parent):
                    yield from self._fields(fragment.selection_set, parent, visited)

    def _applies(self, condition: NamedTypeNode | None, parent: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == parent.name:
            return True
        named: GraphQLNamedType | None = self.schema.get_type(condition.name.value)
        return is_abstract_type(named) and self.schema.is_sub_type(named, parent)

    def _is_wanted(self, selection: SelectionNode) -> bool:
        return not any(
            (directive.name.value == "skip") is self._condition(directive)
            for directive in selection.directives or ()
            if directive.name.value in ("skip", "include")
        )

    def _condition(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()
        value = argument.value
        if isinstance(value, VariableNode):
            return bool(self.decided[value.name.value])
        return bool(getattr(value, "value", False))


def deciding(document: DocumentNode) -> tuple[str, ...]:
    """The variables that @skip and @include read anywhere in a document."""
    reading = _Directives()
    visit(document, reading)
    return tuple(sorted(reading.variables))


class _Directives(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in ("skip", "include"):
            self.variables |= {
                argument.value.name.value
                for argument in node.arguments or ()
                if isinstance(argument.value, VariableNode)
            }
