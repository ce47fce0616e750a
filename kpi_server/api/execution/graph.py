"""What the planner knows of one schema: its types, its tables, and how each field is obtained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLField, GraphQLNamedType, GraphQLSchema

from kpi_server.api.execution.asking import DECLARED, Convert
from kpi_server.api.execution.leaves import Leaves
from kpi_server.api.execution.model import Model
from kpi_server.api.execution.obtaining import OBTAINED, Column, Obtained


@dataclass(frozen=True)
class Instance:
    """How a row becomes the object that resolvers expect.

    `names` are whole rows by path ("" is the row itself), and columns by path behind `=`.
    """

    names: Mapping[str, str]
    make: Callable[[Any, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Graph:
    """A schema with all that its declarations say."""

    schema: GraphQLSchema
    model: Model
    leaves: Leaves
    tables: Mapping[str, str]
    """The table of each type whose objects are rows."""
    instances: Mapping[str, Instance]
    pages: Mapping[str, str]
    """The type of the entries of each type that is a page of a list."""
    aliases: Mapping[str, str]
    """What the lists of a table call their rows, where it is not `entry`."""
    passing: frozenset[str]
    """Fields, as Type.name, that tell more than the rows of the last write: who asks, or what is done meanwhile."""
    order: str
    convert: Convert
    """How rows are sorted where nothing else is said, of `{entry}`."""

    def alias(self, table: str) -> str:
        """What the lists of a table call their rows."""
        return self.aliases.get(table, "entry")

    def obtained(self, type_: GraphQLNamedType, name: str) -> Obtained | None:
        """How a field is obtained from rows; None when only its resolver knows."""
        definition: GraphQLField = getattr(type_, "fields")[name]  # noqa: B009 - only types with fields are asked
        declared = definition.extensions.get(DECLARED)
        if declared is None:
            return None
        if OBTAINED in declared.metadata:
            obtained: Obtained = declared.metadata[OBTAINED]
            return obtained
        return None if declared.base_resolver else Column(declared.python_name)

    def attribute(self, type_: GraphQLNamedType, name: str) -> str | None:
        """The attribute that a field of objects is, or None where a resolver gives it."""
        definition: GraphQLField = getattr(type_, "fields")[name]  # noqa: B009 - only types with fields are asked
        declared = definition.extensions.get(DECLARED)
        return None if declared is None or declared.base_resolver else str(declared.python_name)

    def name_of(self, value: Any) -> str | None:
        """The name of an object's type."""
        definition = getattr(type(value), "__strawberry_definition__", None)
        return None if definition is None else str(definition.name)
