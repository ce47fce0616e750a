"""One statement while it is planned: the columns it reads, the rows it joins, the parameters it binds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_server.api.execution.model import ColumnKind, Computed, Model, Relation, placeholders
from kpi_server.api.execution.obtaining import NOTHING

Parameter = Callable[[Any], Any]
"""What a run binds: from the run to the value."""


@dataclass(frozen=True)
class Expression:
    """A piece of SQL and what it gives."""

    sql: str
    kind: ColumnKind

    @property
    def nullable(self) -> bool:
        return self.kind.nullable


@dataclass
class Statement:
    """Columns and joins are named once each, however often they are asked for."""

    model: Model
    now: Parameter
    columns: dict[str, int] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    keys: list[object] = field(default_factory=list)
    _bound: dict[object, str] = field(default_factory=dict)
    _beside: dict[object, str] = field(default_factory=dict)

    def read(self, sql: str) -> int:
        """The position at which a run finds the value of this piece of SQL."""
        return self.columns.setdefault(sql, len(self.columns))

    def witness(self, table: str, alias: str) -> int:
        """The position of a column that no row of a table leaves null: one that is read already, or one more."""
        names = [f"{alias}.{name}" for name, kind in self.model.columns[table].items() if not kind.nullable]
        return self.read(next((name for name in names if name in self.columns), names[0]))

    def bind(self, parameter: Parameter, key: object = None) -> str:
        """A placeholder for a value that the run supplies; the same key, the same placeholder."""
        known = parameter if key is None else key
        if known not in self._bound:
            self.parameters.append(parameter)
            self.keys.append(known)
            self._bound[known] = f"$P{len(self.parameters)}$"
        return self._bound[known]

    def join(self, relation: Relation, here: str, value: str | None) -> str:
        """The alias of a row that this one leads to."""
        alias = f"j{len(self.joins) + 1}"
        condition = relation.condition.format(here=here, there=alias, value=value)
        self.joins.append(f"left join {relation.table} as {alias} on {condition}")
        return alias

    def beside(self, sql: str, key: object) -> str:
        """The alias of a piece of SQL that gives one row beside each."""
        alias = self._beside.get(key)
        if alias is None:
            alias = self._beside[key] = f"b{len(self._beside) + 1}"
            self.joins.append(f"left join lateral ({sql}) as {alias} on true")
        return alias


@dataclass
class TablePlace:
    """Where paths start: at a row, which is joined when a column of it is first asked for."""

    statement: Statement
    table: str
    alias: Callable[[], str]
    nullable: bool = False
    presence: Callable[[], Expression] | None = None
    _places: dict[tuple[str, str | None], "TablePlace"] = field(default_factory=dict)

    def column(self, path: str, bindings: Mapping[str, str] = NOTHING) -> Expression:
        """The value at the end of a path."""
        if path.startswith("$"):
            relation = self.statement.model.relation(self.table, path[1:])
            return Expression(f"{bindings.get(path[1:], relation.default)}", ColumnKind("text", nullable=False))
        head, _, tail = path.partition(".")
        if tail:
            return self.one(head, bindings).column(tail, bindings)
        computed = self.statement.model.computed.get((self.table, head))
        if computed is not None:
            return self._computed(computed, bindings)
        kind = self.statement.model.column(self.table, head)
        return Expression(f"{self.alias()}.{head}", ColumnKind(kind.type, kind.nullable or self.nullable))

    def one(self, path: str, bindings: Mapping[str, str] = NOTHING) -> "TablePlace":
        """The row at the end of a path."""
        head, _, tail = path.partition(".")
        relation = self.statement.model.relation(self.table, head)
        value = bindings.get(head, relation.default)
        place = self._places.get((head, value))
        if place is None:
            place = self._places[head, value] = self._related(relation, value)
        return place.one(tail, bindings) if tail else place

    def present(self) -> Expression | None:
        """What is null exactly when there is no such row; None where there always is one."""
        return self.presence() if self.presence else None

    def whole(self) -> str:
        """The row as one value."""
        return self.alias()

    def always_has(self, path: str) -> bool:
        """Whether every row of the table has a value there."""
        kind = self.statement.model.columns[self.table].get(path)
        return kind is not None and not kind.nullable

    def _related(self, relation: Relation, value: str | None) -> "TablePlace":
        joined: list[str] = []

        def alias() -> str:
            if not joined:
                here = self.alias()
                joined.append(self.statement.join(relation, here, value))
            return joined[0]

        def presence() -> Expression:
            sql = f"{alias()}.{relation.there}" if relation.key is None else f"{self.alias()}.{relation.key}"
            return Expression(sql, ColumnKind("bigint", nullable=True))

        return TablePlace(self.statement, relation.table, alias, nullable=True, presence=presence)

    def _computed(self, computed: Computed, bindings: Mapping[str, str]) -> Expression:
        sql = computed.sql
        for name in dict.fromkeys(placeholders(sql)):
            if name == "now":
                text = f"{self.statement.bind(self.statement.now, 'now')}::timestamptz"
            else:
                text = self.column(name, bindings).sql
            sql = sql.replace(f"{{{name}}}", text)
        return Expression(f"({sql})", computed.kind)


@dataclass(frozen=True)
class PartPlace:
    """Where some names stand for paths of another place; every other name stands for itself there."""

    outer: "Place"
    names: Mapping[str, str]
    bindings: Mapping[str, str]

    def column(self, path: str, bindings: Mapping[str, str] = NOTHING) -> Expression:
        return self.outer.column(self._outside(path), {**self.bindings, **bindings})

    def one(self, path: str, bindings: Mapping[str, str] = NOTHING) -> TablePlace:
        return self.outer.one(self._outside(path), {**self.bindings, **bindings})

    def whole(self) -> str:
        return self.outer.whole()

    def _outside(self, path: str) -> str:
        if path in self.names:
            return self.names[path]
        head, _, tail = path.partition(".")
        return f"{self.names.get(head, head)}.{tail}" if tail else path


@dataclass(frozen=True)
class KnownPlace:
    """A row of which some columns are at hand where it is named, so that it need not be joined for them."""

    inner: TablePlace
    outer: "Place"
    known: Mapping[str, str]
    bindings: Mapping[str, str]

    def column(self, path: str, bindings: Mapping[str, str] = NOTHING) -> Expression:
        if path in self.known:
            return self.outer.column(self.known[path], self.bindings)
        return self.inner.column(path, bindings)

    def one(self, path: str, bindings: Mapping[str, str] = NOTHING) -> TablePlace:
        return self.inner.one(path, bindings)

    def always_has(self, path: str) -> bool:
        return self.inner.always_has(path)

    def present(self) -> Expression | None:
        if "id" in self.known:
            return self.outer.column(self.known["id"], self.bindings)
        return self.inner.present()

    def whole(self) -> str:
        return self.inner.whole()


Place = TablePlace | PartPlace | KnownPlace
