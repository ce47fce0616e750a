"""From a valid operation to its plan: which statements it takes, which resolvers, and what code shapes the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from graphql import (
    FragmentDefinitionNode,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    is_leaf_type,
)

from kpi_server.api.execution.asking import Asking
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.objects import (
    AttributeStep,
    BatchStep,
    Completion,
    Fields,
    LeafCompletion,
    ObjectCompletion,
    ResolverStep,
    Step,
    TypenameStep,
    completion_of,
)
from kpi_server.api.execution.obtaining import Batch, Entry, Listed, Lookup
from kpi_server.api.execution.pages import PageCompletion, PagePlan, PagePlanner, Part
from kpi_server.api.execution.roots import Below, RootPlan, RootStep
from kpi_server.api.execution.row_plan import RowsPlan
from kpi_server.api.execution.rows import RowPlanner
from kpi_server.api.execution.selecting import Selected, Selecting
from kpi_server.api.execution.shape import Shape
from kpi_server.api.execution.statement import Statement, TablePlace
from kpi_server.store.reads.clauses import Moment

_INTROSPECTION: Final = frozenset({"__schema", "__type"})


class Unplanned(Exception):
    """An operation that is executed as graphql-core does; the message says why."""


@dataclass(frozen=True)
class Plan:
    """An operation that is planned."""

    fields: Fields
    is_passing: bool
    """Whether it tells more than the rows of the last write, so that it is not right for others, or later."""

    @cached_property
    def root(self) -> RootStep | None:
        """The row under which everything lies that is asked for, if there is one."""
        steps = [step for _, step in self.fields.steps if not isinstance(step, TypenameStep)]
        return steps[0] if len(steps) == 1 and isinstance(steps[0], RootStep) else None

    @cached_property
    def alone(self) -> tuple[str, RootStep] | None:
        """That row with its name in the answer, where nothing else is asked for, not even a type's name."""
        steps, root = self.fields.steps, self.root
        return (steps[0][0], root) if root is not None and len(steps) == 1 else None

    @cached_property
    def is_one_statement(self) -> bool:
        """Whether one statement reads everything, so that it needs no transaction around it."""
        return self.root is not None and self.root.plan.is_one_statement


@dataclass
class Planner:
    """Plans the operations of one document, for one decision of its directives."""

    graph: Graph
    fragments: Mapping[str, FragmentDefinitionNode]
    decided: Mapping[str, Any]
    passes: bool = False
    rows: RowPlanner = field(init=False)
    pages: PagePlanner = field(init=False)

    def __post_init__(self) -> None:
        self.selecting = Selecting(self.graph.schema, self.fragments, self.decided)
        self.rows = RowPlanner(self.graph, self.selecting, self.step_of, self.batch_of)
        self.pages = PagePlanner(self.graph, self.rows, _now)

    def plan(self, operation: OperationDefinitionNode) -> Plan:
        """The plan of an operation.

        Raises:
            Unplanned: it asks for the schema itself.
        """
        root = self.graph.schema.get_root_type(operation.operation)
        if root is None:
            raise Unplanned(f"there is no type for a {operation.operation.value}")
        selected = self.selecting.of([operation.selection_set], root)
        entries = [one for one in selected if isinstance(self._obtained(root, one), Entry)]
        if len(entries) == 1:
            steps = {entries[0].key: self._root(root, entries[0], self._obtained(root, entries[0]))}
        else:  # several rows are read together by their resolvers' loader: one statement each would be more
            steps = {}
        planned = [(one.key, steps.get(one.key) or self.step_of(root, one)) for one in selected]
        fields = Fields(root, planned, one_by_one=operation.operation is OperationType.MUTATION)
        return Plan(fields, self.passes)

    def step_of(self, type_: GraphQLObjectType, selected: Selected) -> Step:
        """How a field of objects is asked for."""
        if selected.name == "__typename":
            return TypenameStep(type_.name)
        if selected.name in _INTROSPECTION:
            raise Unplanned("it asks for the schema itself")
        self.passes = self.passes or f"{type_.name}.{selected.name}" in self.graph.passing
        definition = type_.fields[selected.name]
        attribute = self.graph.attribute(type_, selected.name)
        bare = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        if attribute is not None and is_leaf_type(bare):
            completion = self._leaf(bare, isinstance(definition.type, GraphQLNonNull))
            return AttributeStep(attribute, selected, completion)
        return ResolverStep(self._asking(type_, selected), self._completion(definition.type, selected))

    def batch_of(self, type_: GraphQLObjectType, selected: Selected, batch: Batch) -> BatchStep:
        """How a field that one call gives for many rows is asked for."""
        completion = self._completion(type_.fields[selected.name].type, selected)
        return BatchStep(self._asking(type_, selected), batch, completion)

    def _completion(self, type_: GraphQLOutputType, selected: Selected) -> Completion:
        return completion_of(type_, self._completing(selected), self._leaf)

    def _leaf(self, type_: GraphQLLeafType, required: bool) -> LeafCompletion:
        return LeafCompletion(type_, required, self.graph.leaves.plain(type_))

    def _fields(self, type_: GraphQLObjectType, selected: Iterable[Selected]) -> Fields:
        return Fields(type_, [(entry.key, self.step_of(type_, entry)) for entry in selected])

    def _completing(self, selected: Selected) -> Any:
        def completion(type_: Any, required: bool) -> Completion:
            if type_.name in self.graph.pages:
                page = self.pages.page(type_, self.selecting.under(selected, type_))
                if page is not None:
                    return PageCompletion(self.graph, page, required)
            possible = [type_] if isinstance(type_, GraphQLObjectType) else self.graph.schema.get_possible_types(type_)
            return ObjectCompletion(
                {one.name: self._fields(one, self.selecting.under(selected, one)) for one in possible}, required
            )

        return completion

    def _root(self, type_: GraphQLObjectType, selected: Selected, entry: Entry) -> RootStep:
        definition = type_.fields[selected.name]
        row_type: Any = get_named_type(definition.type)
        below: list[Below] = []
        own: list[Selected] = []
        fields = self.selecting.under(selected, row_type)
        lookups = sum(self._is_lookup(row_type, inside) for inside in fields)
        for inside in fields:
            # Several rows are found together by their resolver's loader: one statement each would be more.
            many = lookups > 1 and self._is_lookup(row_type, inside)
            if many or (found := self._below(row_type, inside)) is None:
                own.append(inside)
            else:
                below.append(found)
        rows = RowsPlan(Statement(self.graph.model, _now))
        place = TablePlace(rows.statement, entry.table, lambda: "entry")
        content = self.rows.object_at(rows, place, row_type, own, ())
        shape = Shape(content, rows)
        plan = RootPlan(entry, rows, shape, below, [inside.key for inside in fields])
        return RootStep(self.graph, self._asking(type_, selected), plan, isinstance(definition.type, GraphQLNonNull))

    def _asking(self, type_: GraphQLObjectType, selected: Selected) -> Asking:
        return Asking(type_, type_.fields[selected.name], selected, self.graph.convert)

    def _is_lookup(self, type_: GraphQLObjectType, selected: Selected) -> bool:
        return isinstance(self._obtained(type_, selected), Lookup)

    def _obtained(self, type_: GraphQLObjectType, selected: Selected) -> Any:
        return self.graph.obtained(type_, selected.name) if selected.name in type_.fields else None

    def _below(self, type_: GraphQLObjectType, selected: Selected) -> Below | None:
        """A page or a looked-up row under a root; None for its other fields."""
        if selected.name == "__typename":
            return None
        definition = type_.fields[selected.name]
        named: Any = get_named_type(definition.type)
        required = isinstance(definition.type, GraphQLNonNull)
        obtained, asking = self.graph.obtained(type_, selected.name), self._asking(type_, selected)
        if isinstance(obtained, Lookup):
            return Below(selected.key, asking, required, self._looked_up(named, selected), obtained, is_steady=True)
        found = (
            self.pages.page(named, self.selecting.under(selected, named)) if named.name in self.graph.pages else None
        )
        steady = isinstance(obtained, Listed)
        return None if found is None else Below(selected.key, asking, required, found, is_steady=steady)

    def _looked_up(self, type_: GraphQLObjectType, selected: Selected) -> PagePlan:
        rows = RowsPlan(Statement(self.graph.model, _now), is_single=True)
        table = self.graph.tables[type_.name]
        alias = self.graph.alias(table)
        place = TablePlace(rows.statement, table, lambda: alias)
        content = self.rows.object_at(rows, place, type_, self.selecting.under(selected, type_), ())
        shape = Shape(content, rows)
        part = Part(selected.key, "nodes", selected.nodes, shape)
        return PagePlan(rows, [part], table, alias, rows.statement.witness(table, alias))


def _now(run: Any) -> Any:
    del run
    return Moment.NOW
