"""Planning an object over rows: its fields as columns, joins and code, and what must be asked for besides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    print_ast,
)

from kpi_server.api.execution.asking import Asking
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.model import NoSuchPath, placeholders
from kpi_server.api.execution.objects import AheadStep, Attributes, BatchStep, Constant, Told
from kpi_server.api.execution.obtaining import (
    NOTHING,
    TYPE_NAME,
    Ahead,
    Batch,
    Bound,
    Column,
    Listed,
    Lookup,
    Many,
    Obtained,
    One,
    Part,
    Rule,
)
from kpi_server.api.execution.obtaining import (
    Entry as RootEntry,
)
from kpi_server.api.execution.row_plan import Child, Outside, RowsPlan, Wanted
from kpi_server.api.execution.selecting import Selected, Selecting
from kpi_server.api.execution.shape import Entry, Leaf, Made, Object, Shape, code_of
from kpi_server.api.execution.statement import (
    Expression,
    KnownPlace,
    Parameter,
    PartPlace,
    Place,
    Statement,
    TablePlace,
)

Bindings = Mapping[str, str]


class NotInRows(Exception):
    """A field that rows and rules do not give: its resolver is asked."""


StepOf = Callable[[GraphQLObjectType, Selected], Any]
"""Plans a field that its resolver gives."""


@dataclass(frozen=True)
class RowPlanner:
    """Plans selections of one document over rows."""

    graph: Graph
    selecting: Selecting
    step_of: StepOf
    batch_of: Callable[[GraphQLObjectType, Selected, Batch], Any]

    def object_at(
        self, plan: RowsPlan, place: Place, type_: GraphQLObjectType, fields: Sequence[Selected], keys: tuple[str, ...]
    ) -> Object:
        """The object of these fields at a place."""
        return Object([self._entry(plan, place, type_, selected, keys) for selected in fields])

    def _entry(
        self, plan: RowsPlan, place: Place, type_: GraphQLObjectType, selected: Selected, keys: tuple[str, ...]
    ) -> Entry:
        if selected.name == "__typename":
            return Entry(selected.key, Leaf(repr(type_.name), nullable=False), selected.nodes, required=True)
        definition = type_.fields[selected.name]
        required = isinstance(definition.type, GraphQLNonNull)
        obtained = self.graph.obtained(type_, selected.name)
        guard: object = None
        before = len(plan.slots)
        try:
            bindings, guard = self._bindings(plan, type_, definition, obtained, selected)
            content: Leaf | Made | Object = self._content(
                plan, place, type_, definition, obtained, selected, bindings, keys
            )
        except (NotInRows, NoSuchPath):
            del plan.slots[before:]
            content, guard = self._outside(plan, place, type_, selected, keys), None
        return Entry(selected.key, content, selected.nodes, required, guard)

    def _bindings(
        self,
        plan: RowsPlan,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        obtained: Obtained | None,
        selected: Selected,
    ) -> tuple[Bindings, object]:
        """The placeholders of the relations that the field's arguments give, and the name of the parameter."""
        arguments = selected.nodes[0].arguments or ()
        bound: Bound | None = getattr(obtained, "bound", None)
        if not arguments or isinstance(obtained, RootEntry | Listed | Lookup | Batch | None):
            return NOTHING, None
        if bound is None:
            raise NotInRows(selected.name)
        key = (bound.relation, print_ast(arguments[0].value))
        placeholder = plan.statement.bind(
            _Argument(Asking(type_, definition, selected, self.graph.convert), bound), key
        )
        text = f"{placeholder}::text"
        # Where nothing else comes to name it, the statement would be given a parameter that it does not have.
        plan.statement.read(text)
        return {bound.relation: text}, key

    def _content(
        self,
        plan: RowsPlan,
        place: Place,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        obtained: Obtained | None,
        selected: Selected,
        bindings: Bindings,
        keys: tuple[str, ...],
    ) -> Leaf | Made | Object:
        match obtained:
            case Column(path=path):
                return self._column(plan, definition, place.column(path, bindings))
            case Rule():
                return self._rule(plan, place, type_, definition, obtained, selected, bindings)
            case One():
                return self._one(plan, place, definition, obtained, selected, bindings, keys)
            case Part():
                return self._part(plan, place, definition, obtained, selected, bindings, keys)
            case Many():
                return self._many(plan, place, definition, obtained, selected, keys)
            case Batch():
                return self._batch(plan, place, type_, obtained, selected, keys)
            case None | RootEntry() | Listed() | Lookup():
                raise NotInRows(selected.name)
            case _:
                assert_never(obtained)

    def _column(self, plan: RowsPlan, definition: GraphQLField, found: Expression) -> Leaf:
        sql, coder = self.graph.leaves.column(definition.type, found, plan.constants)
        return Leaf(coder(f"r[{plan.statement.read(sql)}]"), nullable=found.nullable)

    def _rule(
        self,
        plan: RowsPlan,
        place: Place,
        type_: GraphQLObjectType,
        definition: GraphQLField,
        rule: Rule,
        selected: Selected,
        bindings: Bindings,
    ) -> Leaf | Made:
        needs = [
            repr(type_.name) if need == TYPE_NAME else f"r[{plan.statement.read(place.column(need, bindings).sql)}]"
            for need in rule.needs
        ]
        call = f"{plan.constants.name(rule.function)}({', '.join(needs)})"
        if is_leaf_type(get_named_type(definition.type)):
            code = self.graph.leaves.value(definition.type, plan.constants)(call)
            return Leaf(code, nullable=code == call or not isinstance(definition.type, GraphQLNonNull))
        made = _object_type(definition)
        shape = self._attributes(plan.statement.now, made, self.selecting.under(selected, made))
        source = f"lambda r: None if r is None else {code_of(shape.content)}"
        maker = plan.constants.name(eval(source, dict(shape.plan.constants.values)))  # noqa: S307 - written here
        return Made(f"{maker}({call})", call, shape, nullable=True)

    def _attributes(self, now: Parameter, type_: GraphQLObjectType, fields: Sequence[Selected]) -> Shape:
        """The shape of an object with plain attributes, which stands in the place of a row."""
        plan = RowsPlan(Statement(self.graph.model, now))
        entries: list[Entry] = []
        for selected in fields:
            if selected.name == "__typename":
                entries.append(
                    Entry(selected.key, Leaf(repr(type_.name), nullable=False), selected.nodes, required=True)
                )
                continue
            definition = type_.fields[selected.name]
            obtained = self.graph.obtained(type_, selected.name)
            if not isinstance(obtained, Column) or not is_leaf_type(get_named_type(definition.type)):
                raise NotInRows(selected.name)
            attribute = f"r.{obtained.path}"
            code = self.graph.leaves.value(definition.type, plan.constants)(attribute)
            required = isinstance(definition.type, GraphQLNonNull)
            leaf = Leaf(code, nullable=code == attribute or not required)
            entries.append(Entry(selected.key, leaf, selected.nodes, required))
        return Shape(Object(entries), plan)

    def _one(
        self,
        plan: RowsPlan,
        place: Place,
        definition: GraphQLField,
        one: One,
        selected: Selected,
        bindings: Bindings,
        keys: tuple[str, ...],
    ) -> Object:
        type_ = _object_type(definition)
        row = place.one(one.path, bindings)
        inner = KnownPlace(row, place, one.known, bindings) if one.known else row
        fields = self.selecting.under(selected, type_)
        made = self.object_at(plan, inner, type_, fields, (*keys, selected.key))
        return Object(made.entries, self._absent(plan, inner, type_, fields))

    def _absent(
        self, plan: RowsPlan, place: TablePlace | KnownPlace, type_: GraphQLObjectType, fields: Sequence[Selected]
    ) -> str | None:
        """The code that is true where there is no such row: a column tells that is read and that no row leaves null."""
        for selected in fields:
            found = None if selected.name == "__typename" else self.graph.obtained(type_, selected.name)
            if isinstance(found, Column) and place.always_has(found.path):
                return f"r[{plan.statement.read(place.column(found.path).sql)}] is None"
        present = place.present()
        return None if present is None else f"r[{plan.statement.read(f'{present.sql} is null')}]"

    def _part(
        self,
        plan: RowsPlan,
        place: Place,
        definition: GraphQLField,
        part: Part,
        selected: Selected,
        bindings: Bindings,
        keys: tuple[str, ...],
    ) -> Object:
        type_ = _object_type(definition)
        row = place.one(part.at, bindings) if part.at else place
        inner = PartPlace(row, part.names, bindings)
        fields = self.selecting.under(selected, type_)
        entries = [self._entry(plan, inner, type_, inside, (*keys, selected.key)) for inside in fields]
        there = row.present() if part.at and isinstance(row, TablePlace) else None
        asked = [inner.column(name) for name in part.present] if there is None else [there]
        if not asked:
            return Object(entries)
        tests = " and ".join(f"{found.sql} is null" for found in asked)
        return Object(entries, f"r[{plan.statement.read(tests)}]")

    def _many(
        self,
        plan: RowsPlan,
        place: Place,
        definition: GraphQLField,
        many: Many,
        selected: Selected,
        keys: tuple[str, ...],
    ) -> Leaf:
        type_ = _object_type_of_list(definition)
        number, child = self._child(plan, place, many)
        entry = child.place
        made = self.object_at(child.rows, entry, type_, self.selecting.under(selected, type_), ())
        only = None if many.only is None else (child.rows.statement.read(entry.column(many.only[0]).sql), many.only[1])
        child.wanted.append(Wanted(Shape(made, child.rows), (*keys, selected.key), only))
        return Leaf(f"e{number}[{len(child.wanted) - 1}].get(r[{child.parent}], ())", nullable=False)

    def _child(self, plan: RowsPlan, place: Place, many: Many) -> tuple[int, Child]:
        """The slot for the rows of a table that name this row by a column; fields with the same rows share it."""
        parent = plan.statement.read(place.column("id").sql)
        for number, slot in enumerate(plan.slots):
            if isinstance(slot, Child) and (slot.table, slot.column, slot.parent) == (many.table, many.column, parent):
                return number, slot
        rows = RowsPlan(Statement(self.graph.model, plan.statement.now))
        entry = TablePlace(rows.statement, many.table, lambda: "entry")
        organization = plan.statement.read(place.column("organization_id").sql)
        plan.slots.append(Child(many.table, many.column, rows, entry, parent, organization))
        return len(plan.slots) - 1, plan.slots[-1]  # type: ignore[return-value]

    def _batch(
        self,
        plan: RowsPlan,
        place: Place,
        type_: GraphQLObjectType,
        batch: Batch,
        selected: Selected,
        keys: tuple[str, ...],
    ) -> Leaf:
        columns = {need: plan.statement.read(place.column(need).sql) for need in batch.needs}
        later: BatchStep = self.batch_of(type_, selected, batch)
        step: BatchStep | AheadStep = later
        ahead = batch.ahead if plan.is_single and self._is_enough(batch, type_, selected) else None
        if ahead is not None:
            alias = self._ahead(plan, place, type_, ahead, selected)
            columns |= {name: plan.statement.read(f"{alias}.{name}") for name in ahead.columns}
            told = self._read_ahead(plan, _object_type(type_.fields[selected.name]), ahead, selected)
            step = AheadStep(later, ahead, told)
        present = None if isinstance(place, PartPlace) else place.present()
        at = None if present is None else plan.statement.read(present.sql)
        plan.slots.append(Outside(step, selected.key, None, columns, at, keys))
        return Leaf(f"e{len(plan.slots) - 1}[i]")

    def _is_enough(self, batch: Batch, type_: GraphQLObjectType, selected: Selected) -> bool:
        """Whether what is read ahead holds all that is selected."""
        named = get_named_type(type_.fields[selected.name].type)
        if batch.ahead is None or not isinstance(named, GraphQLObjectType):
            return False
        return {inside.name for inside in self.selecting.under(selected, named)} <= {*batch.ahead.fields, "__typename"}

    def _read_ahead(self, plan: RowsPlan, type_: GraphQLObjectType, ahead: Ahead, selected: Selected) -> list[Told]:
        """What is selected of the object that is made of what was read ahead."""
        told = []
        for inside in self.selecting.under(selected, type_):
            if inside.name == "__typename":
                of: Callable[[Any], Any] = Constant(type_.name)
            elif is_leaf_type(get_named_type(type_.fields[inside.name].type)):
                of = ahead.fields[inside.name]
            else:
                made = _object_type(type_.fields[inside.name])
                shape = self._attributes(plan.statement.now, made, self.selecting.under(inside, made))
                of = Attributes(shape, ahead.fields[inside.name])
            told.append(Told(inside.key, inside.name, of))
        return told

    def _ahead(self, plan: RowsPlan, place: Place, type_: GraphQLObjectType, ahead: Ahead, selected: Selected) -> str:
        asking = Asking(type_, type_.fields[selected.name], selected, self.graph.convert)
        sql = ahead.sql
        for name, kind in ahead.types.items():
            placeholder = plan.statement.bind(_Ahead(asking, ahead, name), (selected.key, name))
            sql = sql.replace(f"{{${name}}}", f"{placeholder}::{kind}")
        for path in dict.fromkeys(placeholders(sql)):
            sql = sql.replace(f"{{{path}}}", place.column(path).sql)
        return plan.statement.beside(sql, (id(ahead), selected.key))

    def _outside(
        self, plan: RowsPlan, place: Place, type_: GraphQLObjectType, selected: Selected, keys: tuple[str, ...]
    ) -> Leaf:
        instance = self.graph.instances.get(type_.name)
        if instance is None or isinstance(place, PartPlace):
            raise NotInRows(selected.name)
        columns = {name: plan.statement.read(_whole_or_column(place, path)) for name, path in instance.names.items()}
        present = place.present()
        plan.slots.append(
            Outside(
                self.step_of(type_, selected),
                selected.key,
                type_.name,
                columns,
                None if present is None else plan.statement.read(present.sql),
                keys,
            )
        )
        return Leaf(f"e{len(plan.slots) - 1}[i]")


@dataclass(frozen=True)
class _Argument:
    """What a relation's parameter is in a run."""

    asking: Asking
    bound: Bound

    def __call__(self, run: Any) -> Any:
        return self.bound.read(self.asking.given(run).coerced.get(self.bound.argument))


@dataclass(frozen=True)
class _Ahead:
    """What a piece of SQL that is read ahead is given in a run; null where the arguments cannot be served so."""

    asking: Asking
    ahead: Ahead
    name: str

    def __call__(self, run: Any) -> Any:
        try:
            given = self.ahead.given(self.asking.given(run).converted)
        except Exception:  # said when the field itself is asked for
            return None
        return None if given is None else given[self.name]


def _whole_or_column(place: Place, path: str) -> str:
    if not path:
        return place.whole()
    if path.startswith("="):
        return place.column(path[1:]).sql
    return place.one(path).whole()


def _object_type(definition: GraphQLField) -> GraphQLObjectType:
    bare = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
    if not isinstance(bare, GraphQLObjectType):
        raise NotInRows(str(definition.type))
    return bare


def _object_type_of_list(definition: GraphQLField) -> GraphQLObjectType:
    named = get_named_type(definition.type)
    if not isinstance(named, GraphQLObjectType):
        raise NotInRows(str(definition.type))
    return named
