"""Variables, as GraphQL reads them; long lists of one known kind more quickly, and as what they are to become.

Reading ten thousand small objects field by field, each through its type, takes longer than storing them.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from graphql import GraphQLError, GraphQLSchema, NamedTypeNode, NonNullTypeNode, VariableDefinitionNode
from graphql.execution import VariableValues, get_variable_values

from kpi_server.domain.recording import Sent, read_number

_FIELDS: Final = ("kpi", "period", "value", "segment", "text", "externalId", "measure", "currency", "sketch")
"""Of an ObservationInput, in the order of what is sent."""

_TEXT: Final = frozenset({str})
_TEXT_OR_NOTHING: Final = frozenset({str, type(None)})


def observations(given: Any) -> list[Sent] | None:
    """What is sent by a list of ObservationInput, or None for one that GraphQL may refuse.

    Column by column: what one and the same built-in function asks of hundreds takes no time.
    """
    if type(given) is not list or not {dict}.issuperset(map(type, given)):
        return None
    named = set().union(*given)
    if not named.issubset(_FIELDS):
        return None
    columns: list[list[Any]] = [
        [one.get(name) for one in given] if name in named else [None] * len(given) for name in _FIELDS
    ]
    _, periods, values, *_ = columns
    if not all(_TEXT_OR_NOTHING.issuperset(map(type, column)) for column in columns):
        return None
    if not _TEXT.issuperset(map(type, chain(periods, values))):
        return None
    columns[2] = list(map(read_number, values))
    return list(map(Sent._make, zip(*columns, strict=True)))


_LONG_LISTS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = MappingProxyType(
    {"RecordObservationsInput": ("observations", observations)}
)
"""By input type the field that may be long, and what reads it: resolvers take either."""


def variable_values(
    schema: GraphQLSchema,
    definitions: Sequence[VariableDefinitionNode],
    variables: Mapping[str, Any],
    *,
    max_errors: int,
    suggestions: bool,
) -> VariableValues | list[GraphQLError]:
    """The variables' values, or what is wrong with them."""
    inputs, apart = dict(variables), {}
    for definition in definitions:
        name, given = definition.variable.name.value, variables.get(definition.variable.name.value)
        field, reader = _LONG_LISTS.get(_type_name(definition), ("", None))
        read = reader(given[field]) if reader and type(given) is dict and field in given else None
        if read is not None:
            inputs[name], apart[name] = {**given, field: []}, (field, read)  # type: ignore[dict-item]
    values = get_variable_values(schema, definitions, inputs, max_errors=max_errors, hide_suggestions=not suggestions)
    if isinstance(values, list):  # in the words for what was sent
        return get_variable_values(
            schema, definitions, dict(variables), max_errors=max_errors, hide_suggestions=not suggestions
        )
    for name, (field, read) in apart.items():
        values.coerced[name][field] = read
    return values


def _type_name(definition: VariableDefinitionNode) -> str:
    named = definition.type.type if isinstance(definition.type, NonNullTypeNode) else definition.type
    return named.name.value if isinstance(named, NamedTypeNode) else ""
