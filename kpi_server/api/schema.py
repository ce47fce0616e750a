"""The schema: the core's types, and those that the families' declarations add."""

from collections.abc import Iterable

import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter

from kpi_server.api.families import organization_type
from kpi_server.api.mutation import Mutation, without_conversion
from kpi_server.api.nodes import ROW_KINDS
from kpi_server.api.query import query_type
from kpi_server.api.scalars import SCALARS
from kpi_server.api.subscription import Subscription
from kpi_server.api.types.decision import Risk
from kpi_server.api.types.kpi import Kpi
from kpi_server.api.types.problem import ITEM_ERRORS
from kpi_server.registry import Registry


def build_schema(registry: Registry) -> strawberry.Schema:
    """The schema over these families.

    Raises:
        PluginError: a family or a metric has the name of a field of the core.
    """
    organization = organization_type(registry)
    schema = strawberry.Schema(
        query=query_type(organization),
        mutation=Mutation,
        subscription=Subscription,
        types=[organization, Kpi, Risk, *ITEM_ERRORS, *(node for _, node in ROW_KINDS.values())],
        config=StrawberryConfig(scalar_map=dict(SCALARS)),
    )
    _drop_null_defaults(schema._schema)
    _mark_one_of(schema._schema)
    without_conversion(schema._schema)
    return schema


def _drop_null_defaults(schema: GraphQLSchema) -> None:
    """An argument that may be left out needs no default of null: the schema reads better without."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            inputs: Iterable[GraphQLArgument | GraphQLInputField] = kind.fields.values()
        elif isinstance(kind, GraphQLObjectType):
            inputs = [argument for field in kind.fields.values() for argument in field.args.values()]
        else:
            continue
        for entry in inputs:
            if entry.default_value is None:
                entry.default_value = Undefined


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Let graphql-core know the inputs that are one of several: it validates literals, and tells who introspects."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            definition = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
            kind.is_one_of = bool(getattr(definition, "is_one_of", False))
