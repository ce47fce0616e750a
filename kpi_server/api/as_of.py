"""Operations about the past: they ask for one organization, as it was at one of its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from graphql import GraphQLError
from graphql.execution.values import get_argument_values

from kpi_server.api.operations import Operation
from kpi_server.errors import BadInput
from kpi_server.services.past import When
from kpi_server.store.past import marked

_ROOT: Final = "organization"


@dataclass(frozen=True)
class Asked:
    """Which organization is asked for, and as of when."""

    slug: str
    when: When


def asked_past(operation: Operation, schema: Any) -> Asked | None:
    """What an operation wants to know of the past; None where it is about today.

    Raises:
        BadInput: it asks for anything else beside, or for two moments.
    """
    fields = operation.root_fields
    if not any(argument.name.value == "asOf" for field in fields for argument in field.arguments or ()):
        return None
    definition = schema.query_type.fields[_ROOT]
    try:
        found = {
            _key(get_argument_values(definition, field, operation.values)) if field.name.value == _ROOT else None
            for field in fields
            if field.name.value != "__typename"
        }
    except GraphQLError as error:  # what only the variables show: a moment that is none, or two
        raise BadInput(error.message) from error
    if found == {key for key in found if key is not None and key[1] is None}:
        return None  # a variable that was left out
    if len(found) != 1 or None in found:
        raise BadInput("an operation with `asOf` asks for one organization at one moment, and for nothing beside")
    ((slug, moment),) = (key for key in found if key is not None)
    return Asked(slug, When() if moment is None else When(*moment))


def _key(arguments: Mapping[str, Any]) -> tuple[str, tuple[int | None, datetime | None] | None]:
    as_of = arguments.get("asOf")
    return arguments["slug"], None if as_of is None else (as_of.get("version"), as_of.get("time"))


class PastConnection:
    """A connection of which every statement is about the past."""

    def __init__(self, connection: Any) -> None:
        self.fetch = marked(connection.fetch)
