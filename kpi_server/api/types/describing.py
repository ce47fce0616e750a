"""Enums with words: GraphQL shows a description for each value."""

from collections.abc import Mapping
from enum import EnumMeta

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition


def describe(enum: EnumMeta, description: str, values: Mapping[str, str]) -> None:
    """Make an enum known to the schema, with a description for each of its values."""
    described = strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = vars(described)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]
