"""From a statement's rows to shaped objects: children are read, resolvers asked, then generated code runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from kpi_server.api.execution.awaiting import together
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.row_plan import Child, Outside, RowsPlan, Wanted
from kpi_server.api.execution.shape import FAILED, Care, Path, Several, Shape
from kpi_server.api.execution.statement import Statement

PathOf = Callable[[int], Path]

_CHILDREN: Final = """
select {columns}, entry.{column}
from unnest($1::bigint[], $2::bigint[]) as wanted (organization_id, parent)
join {table} as entry on entry.organization_id = wanted.organization_id and entry.{column} = wanted.parent
{joins}
order by {order}
"""


@dataclass(slots=True)
class Filler:
    """Shapes the rows of one plan in a run; with a `parent` that is what resolvers are given of the one row."""

    graph: Graph
    run: Any
    parent: Any = None

    async def shaped(
        self, plan: RowsPlan, shape: Shape, rows: Sequence[Any], path_of: PathOf, failures: Mapping[object, Exception]
    ) -> list[Any]:
        """An object a row; FAILED where a field that is never null has an error."""
        used = shape.used
        filled = await together([self._filled(plan.slots[at], parts, rows, path_of) for at, parts in used.items()])
        slots: list[Any] = [()] * len(plan.slots)
        for position, values in zip(used, filled, strict=True):
            slots[position] = values
        if not failures and not any(_has_failed(slot) for slot in slots):
            try:
                return shape.of(rows, slots)
            except Exception:  # noqa: S110 - whatever it is, walking with care finds it and says where
                pass
        return shape.with_care(rows, slots, Care(failures, self.run.report), path_of)

    async def _filled(self, slot: Child | Outside, parts: frozenset[int], rows: Sequence[Any], path_of: PathOf) -> Any:
        if isinstance(slot, Child):
            return await self._children(slot, parts, rows, path_of)
        return await self._outside(slot, rows, path_of)

    async def _children(
        self, child: Child, parts: frozenset[int], rows: Sequence[Any], path_of: PathOf
    ) -> list[Mapping[Any, Any]]:
        """For each field that wants these rows, the objects by parent; nothing for fields of other shapes."""
        parents: dict[Any, list[int]] = {}
        for position, row in enumerate(rows):
            if row[child.parent] is not None:
                parents.setdefault(row[child.parent], []).append(position)
        if not parents:
            return [{} for _ in child.wanted]
        values, failures = made_parameters(child.rows.statement, self.run)
        organizations = [rows[positions[0]][child.organization] for positions in parents.values()]
        sql = child_statement(child, self.graph.order)
        found = sorted(await self.run.fetch(sql, organizations, list(parents), *values), key=_last)

        def path_of_parent(parent: Any) -> Path:
            first, *others = parents[parent]
            return Several([path_of(position) for position in parents[parent]]) if others else path_of(first)

        return [
            await self._wanted(child, wanted, found, path_of_parent, failures) if number in parts else {}
            for number, wanted in enumerate(child.wanted)
        ]

    async def _wanted(
        self,
        child: Child,
        wanted: Wanted,
        found: Sequence[Any],
        path_of_parent: Callable[[Any], Path],
        failures: Mapping[object, Exception],
    ) -> Mapping[Any, Any]:
        only = wanted.only
        rows = found if only is None else [row for row in found if row[only[0]] == only[1]]
        places = [
            (parent, position) for parent, of_parent in groupby(rows, key=_last) for position, _ in enumerate(of_parent)
        ]

        def path_of(place: int) -> Path:
            parent, position = places[place]
            return (_longer(path_of_parent(parent), wanted.keys), position)

        objects = await self.shaped(child.rows, wanted.shape, rows, path_of, failures)
        filled: dict[Any, Any] = {}
        for (parent, _), made in zip(places, objects, strict=True):
            filled.setdefault(parent, []).append(made)
        return {parent: FAILED if FAILED in made else made for parent, made in filled.items()}

    async def _outside(self, outside: Outside, rows: Sequence[Any], path_of: PathOf) -> list[Any]:
        there = [
            position for position, row in enumerate(rows) if outside.present is None or row[outside.present] is not None
        ]
        parents: list[Any] = [
            {name: rows[position][column] for name, column in outside.columns.items()} for position in there
        ]
        if self.parent is not None and outside.type is not None:
            parents = [self.parent] * len(there)
        elif outside.type is not None:
            make = self.graph.instances[outside.type].make
            parents = [make(self.run.context, columns) for columns in parents]
        paths = [_longer(path_of(position), outside.keys) for position in there]
        results = await outside.step.run(self.run, parents, [(path, outside.key) for path in paths])
        filled: list[Any] = [None] * len(rows)
        for position, result in zip(there, results, strict=True):
            filled[position] = result
        return filled


def made_parameters(statement: Statement, run: Any) -> tuple[list[Any], dict[object, Exception]]:
    """What the planned parameters are in a run, null for those that could not be made."""
    values: list[Any] = []
    failures: dict[object, Exception] = {}
    for key, parameter in zip(statement.keys, statement.parameters, strict=True):
        try:
            values.append(parameter(run))
        except Exception as error:  # the error of the fields that need it
            failures[key] = error
            values.append(None)
    return values, failures


def child_statement(child: Child, order: str) -> str:
    """The statement that reads the children of many parents."""
    statement = child.rows.statement
    return numbered(
        _CHILDREN.format(
            columns=", ".join(statement.columns) or "null",
            column=child.column,
            table=child.table,
            joins="\n".join(statement.joins),
            order=order.format(entry="entry"),
        ),
        statement.parameters,
        after=2,
    )


def numbered(sql: str, parameters: Sequence[Any], *, after: int) -> str:
    """The statement with its planned parameters numbered behind those that it has already."""
    for position in range(len(parameters), 0, -1):
        sql = sql.replace(f"$P{position}$", f"${after + position}")
    return sql


def _last(row: Any) -> Any:
    return row[len(row) - 1]


def _longer(path: Path, keys: Sequence[str]) -> Path:
    for key in keys:
        path = (path, key)
    return path


def _has_failed(slot: Any) -> bool:
    return any(FAILED in entry.values() if isinstance(entry, dict) else entry is FAILED for entry in slot)
