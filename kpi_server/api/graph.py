"""The planner's view of this schema: which types are rows of which tables, and what leads from one to another."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import strawberry
from graphql import GraphQLObjectType
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from kpi_server.api.execution.asking import Convert
from kpi_server.api.execution.graph import Graph, Instance
from kpi_server.api.execution.leaves import Leaves
from kpi_server.api.execution.model import ColumnKind, Computed, Relation, model_of
from kpi_server.api.nodes import ROW_KINDS
from kpi_server.api.types.organization import Organization
from kpi_server.store.sql import statement
from kpi_server.store.tables import METADATA

_SAME_TENANT: Final = "{there}.organization_id = {here}.organization_id"


_RELATIONS: Final[Mapping[tuple[str, str], Relation]] = MappingProxyType(
    {
        ("kpis", "standing"): Relation(
            "kpi_current",
            f"{_SAME_TENANT} and {{there}}.kpi_id = {{here}}.id and {{there}}.segment = {{value}}",
            default="''::text",
            there="kpi_id",
        ),
        ("organizations", "sequence"): Relation(
            "sequences", "{there}.organization_id = {here}.id", there="organization_id"
        ),
        **{
            ("kpi_current", name): Relation(
                table, f"{_SAME_TENANT} and {{there}}.id = {{here}}.{name}_id", key=f"{name}_id"
            )
            for name, table in (
                ("figure", "reported_figures"),
                ("previous_figure", "reported_figures"),
                ("target", "targets"),
            )
        },
        ("kpi_current", "previous_paper"): Relation(
            "documents", f"{_SAME_TENANT} and {{there}}.key = {{here}}.previous_document", key="previous_document"
        ),
        **{
            ("kpi_current", name): Relation(
                "batches", f"{_SAME_TENANT} and {{there}}.id = {{here}}.{name}_id", key=f"{name}_id"
            )
            for name in ("batch", "previous_batch")
        },
        **{
            (table.name, "paper"): Relation(
                "documents", f"{_SAME_TENANT} and {{there}}.key = {{here}}.document", key="document"
            )
            for table in METADATA.tables.values()
            if "document" in table.columns
        },
    }
)

_OF_ORGANIZATION: Final = "(select place.{name} from organizations as place where place.id = {organization_id})"

_COMPUTED: Final[Mapping[tuple[str, str], Computed]] = MappingProxyType(
    {
        ("kpi_current", "status_today"): Computed(statement("status_of"), ColumnKind("text", nullable=False)),
        ("targets", "bound"): Computed(statement("bound_of_target"), ColumnKind("numeric", nullable=True)),
        **{
            ("kpis", name): Computed(_OF_ORGANIZATION.replace("{name}", name), ColumnKind("text", nullable=False))
            for name in ("calendar", "time_zone")
        },
        ("organizations", "organization_id"): Computed("{id}", ColumnKind("bigint", nullable=False)),
        ("organizations", "feed_epoch"): Computed(
            "(select epoch from feed_epochs)", ColumnKind("text", nullable=False)
        ),
    }
)

_BOARD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "kpi": "",
        "standing": "standing",
        "figure": "standing.figure",
        "previous": "standing.previous_figure",
        "target": "standing.target",
        "owner": "owner",
        "department": "department",
        "category": "category",
        "classification": "classification",
        "status": "=standing.status_today",
    }
)
"""A KPI's row with all that its resolvers expect beside it, as in kpis.sql."""


def build_graph(schema: strawberry.Schema) -> Graph:
    """What the planner knows of a schema."""
    core = schema._schema
    kinds = {name: node for name, (_, node) in ROW_KINDS.items()}
    return Graph(
        schema=core,
        model=model_of(METADATA, _RELATIONS, _COMPUTED),
        leaves=Leaves(
            casts=MappingProxyType({"Float": "double precision", "Decimal": "text"}),
            written=frozenset({"Date", "DateTime", "Period", "Cursor"}),
            texts=frozenset({"Period", "Cursor"}),
        ),
        tables={
            **{name: table for name, (table, _) in ROW_KINDS.items()},
            "Kpi": "kpis",
            "Organization": "organizations",
            "Scorecard": "organizations",
        },
        instances={
            **{name: Instance(MappingProxyType({"row": ""}), _of(node)) for name, node in kinds.items()},
            "Kpi": Instance(_BOARD, lambda context, row: context.kpi(row)),
            "Organization": Instance(
                MappingProxyType({"row": "", "version": "=sequence.last", "feed_epoch": "=feed_epoch"}),
                lambda _, row: Organization.of(
                    {**row["row"], "version": row["version"], "feed_epoch": row["feed_epoch"]}
                ),
            ),
            "Scorecard": Instance(MappingProxyType({}), _never),
        },
        pages=_pages(core.type_map),
        aliases=MappingProxyType({"kpis": "kpi", "organizations": "organization"}),
        passing=frozenset({"Query.viewer", "Organization.imports", "Organization.aggregates"}),
        order="{entry}.position, {entry}.id",
        convert=_converting(schema),
    )


def _converting(schema: strawberry.Schema) -> Convert:
    """How Strawberry turns arguments into what resolvers take."""
    scalars, config = schema.schema_converter.scalar_registry, schema.config

    def convert(field: StrawberryField, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return convert_arguments(dict(given), field.arguments, scalar_registry=scalars, config=config)

    return convert


def _never(_context: Any, _row: Any) -> Any:
    raise TypeError("a scorecard is what was asked for, and not what a row holds")


def _of(node: Any) -> Any:
    return lambda _, row: node.of(row["row"])


def _pages(types: Mapping[str, Any]) -> Mapping[str, str]:
    """The entry type of each connection and edge type."""
    return {
        name: str(getattr(type_.fields["nodes"].type, "of_type").of_type.of_type.name)  # noqa: B009
        for name, type_ in types.items()
        if isinstance(type_, GraphQLObjectType) and name.endswith("Connection") and "nodes" in type_.fields
    }
