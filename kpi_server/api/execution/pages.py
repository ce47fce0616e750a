"""Pages of lists: one statement reads the page's rows, whatever is selected of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from graphql import FieldNode, GraphQLObjectType, get_named_type

from kpi_server.api.execution.asking import Raised
from kpi_server.api.execution.awaiting import settled
from kpi_server.api.execution.filling import Filler, made_parameters, numbered
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.levels import Here, Level
from kpi_server.api.execution.model import TENANT
from kpi_server.api.execution.objects import absent
from kpi_server.api.execution.row_plan import RowsPlan
from kpi_server.api.execution.rows import RowPlanner
from kpi_server.api.execution.selecting import Selected
from kpi_server.api.execution.shape import FAILED, Path, Shape
from kpi_server.api.execution.statement import Statement, TablePlace
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import COLUMNS, SortKey, order_by, page_statement
from kpi_server.store.reads.parents import NUMBER, Parents, together

MOST_TEXTS: Final = 64

_READ: Final = """
select {columns}
from {source}
{joins}
{order}
"""
_CURSORS: Final = ("startCursor", "endCursor")


@dataclass(frozen=True)
class Part:
    """One field of a page: the entries, the edges with what is selected of each, where it lies, how many there are."""

    key: str
    kind: str
    nodes: Sequence[FieldNode]
    shape: Shape | None = None
    inside: Sequence["Part"] = ()
    typename: str = ""


@dataclass(frozen=True)
class PagePlan:
    """What is selected of a page of a table, and the statement for it but for the list itself; `alias` is what a row is
    called.
    """

    rows: RowsPlan
    parts: Sequence[Part]
    table: str
    alias: str
    witness: int
    """The position of a column that tells, where it is null, that there is no row."""

    @cached_property
    def reads_rows(self) -> bool:
        return any(part.kind in ("nodes", "edges", "pageInfo") for part in self.parts)

    @cached_property
    def tells_more(self) -> bool:
        """Whether it is told if the list goes on, which one row more shows."""
        return any(part.kind == "pageInfo" for part in self.parts)

    @cached_property
    def tells_places(self) -> bool:
        """Whether cursors are made, of what the rows are sorted by."""
        return any(inside.kind in ("cursor", *_CURSORS) for part in self.parts for inside in part.inside)

    @cached_property
    def is_one_statement(self) -> bool:
        """Whether the page is all that has to be read."""
        return self.rows.is_ahead and all(part.kind != "totalCount" for part in self.parts)


@dataclass(frozen=True)
class PagePlanner:
    """Plans selections of pages."""

    graph: Graph
    rows: RowPlanner
    now: Any

    def page(self, type_: GraphQLObjectType, fields: Sequence[Selected]) -> PagePlan | None:
        """The plan for a type that is a page of rows; None when its entries are no rows."""
        entry = self.graph.schema.get_type(self.graph.pages[type_.name])
        if not isinstance(entry, GraphQLObjectType) or entry.name not in self.graph.tables:
            return None
        plan = RowsPlan(Statement(self.graph.model, self.now))
        table = self.graph.tables[entry.name]
        alias = self.graph.alias(table)
        place = TablePlace(plan.statement, table, lambda: alias)
        objects = [self._part(plan, place, type_, entry, selected) for selected in fields]
        parts = [self._shaped(plan, part) for part in objects]
        return PagePlan(plan, parts, table, alias, plan.statement.witness(table, alias))

    def _part(
        self, plan: RowsPlan, place: TablePlace, type_: GraphQLObjectType, entry: GraphQLObjectType, selected: Selected
    ) -> Any:
        kind, inside = selected.name, []
        named = None if kind == "__typename" else get_named_type(type_.fields[kind].type)
        content = None
        if kind in ("nodes", "node"):
            fields = self.rows.selecting.under(selected, entry)
            content = self.rows.object_at(plan, place, entry, fields, ())
        elif isinstance(named, GraphQLObjectType):
            below = self.rows.selecting.under(selected, named)
            inside = [self._part(plan, place, named, entry, field) for field in below]
        return (selected, kind, content, inside, type_.name)

    def _shaped(self, plan: RowsPlan, part: Any) -> Part:
        selected, kind, content, inside, typename = part
        shape = None if content is None else Shape(content, plan)
        return Part(
            selected.key, kind, selected.nodes, shape, [self._shaped(plan, below) for below in inside], typename
        )


@dataclass(slots=True)
class Asked:
    """A page's statement with what it binds; `failures` are parameters that could not be made, `beside` those of a row
    beside it.
    """

    sql: str
    values: Sequence[Any]
    failures: Mapping[object, Exception]
    beside: Mapping[object, Exception] = field(default_factory=dict)


@dataclass(frozen=True)
class Beside:
    """A row that is read by the same statement as a page, and whether the page is empty or not.

    `sql` gives the row's columns as r0, r1 and so on; its parameters are numbered from behind a number on.
    """

    sql: Callable[[int], str]
    width: int


@dataclass(slots=True)
class PageReader:
    """Reads and shapes one page in a run."""

    graph: Graph
    run: Any
    plan: PagePlan

    def asked(self, page: Any, beside: Beside | Parents | None = None) -> Asked:
        """The statement for a page and a row beside it, or for the pages of several parents that are alike."""
        values, failures = made_parameters(self.plan.rows.statement, self.run)
        part = page.part if self.plan.tells_more else replace(page.part, limit=page.part.limit - 1)
        sql, bound = self._known(page.listing, part, beside)
        return Asked(sql, [*bound, *values], failures)

    def width(self, page: Any) -> int:
        """How many columns are the page's own."""
        return len(self.plan.rows.statement.columns) + (len(page.listing.keys) if self.plan.tells_places else 0)

    def _known(self, listing: Any, part: Any, beside: Beside | Parents | None) -> tuple[str, Sequence[Any]]:
        """The statement, remembered unless it is for a place that comes once, and what it binds of the list."""
        bound = beside.values if isinstance(beside, Parents) else listing.clauses.parameters
        if part.after is not None or part.before is not None:
            sql, more = self._text(listing, part, beside)
            return sql, [*bound, *more]
        how = tuple(beside.kinds.items()) if isinstance(beside, Parents) else beside is None
        key, texts = (listing.rows, listing.keys, part.backward, how), self.plan.rows.texts
        known = texts.get(key)
        if known is None:
            known, _ = self._text(listing, part, beside)
            if len(texts) < MOST_TEXTS:
                texts[key] = known
        return known, bound if self.plan.rows.is_single else [*bound, part.limit + 1]

    def _text(self, listing: Any, part: Any, beside: Beside | Parents | None) -> tuple[str, Sequence[Any]]:
        """The statement, and what it binds besides: the page's rows are chosen first, then joined with what is read."""
        plan, alias, clauses = self.plan.rows, self.plan.alias, Clauses(list(listing.clauses.parameters))
        columns, joins = [*plan.statement.columns], self._joins(listing.clauses.organization)
        if self.plan.tells_places:
            columns += [f"{alias}.{key.column}" for key in listing.keys]
        if isinstance(beside, Beside):
            columns += [f"root.r{position}" for position in range(beside.width)]
        rows = f"select {self._chosen(listing.keys, [*columns, joins])}{listing.rows.partition(COLUMNS)[2]}"
        if not plan.is_single:
            rows = page_statement(rows, clauses, keys=listing.keys, part=part)
        source, order = f"({rows}) as {alias}", order_by(listing.keys, part, alias)
        match beside:
            case Beside():
                sql = beside.sql(len(clauses.parameters) + len(plan.statement.parameters))
                source = f"({sql}) as root\nleft join {source} on true"
            case Parents():
                source = f"{beside.source}\ncross join lateral {beside.beside(source)}"
                columns, joins, order = [*columns, NUMBER], beside.beside(joins), f"{NUMBER}, {order}"
        sql = _READ.format(
            columns=", ".join(columns) or "null",
            source=source,
            joins=joins,
            order="" if plan.is_single else f"order by {order}",
        )
        own = len(listing.clauses.parameters)
        return numbered(sql, plan.statement.parameters, after=len(clauses.parameters)), clauses.parameters[own:]

    def _chosen(self, keys: Sequence[SortKey], texts: Sequence[str]) -> str:
        """What is chosen of a row: the columns that it is sorted by or that these pieces of SQL name, and no others."""
        alias, text = self.plan.alias, "\n".join(texts)
        named = {key.column for key in keys}.union(re.findall(rf"\b{alias}\.(\w+)", text))
        columns = [f"{alias}.{name}" for name in self.graph.model.columns[self.plan.table] if name in named]
        # The row as one value is a column of its name.
        return ", ".join(columns if columns and not re.search(rf"\b{alias}\b(?!\.)", text) else [*columns, alias])

    def _joins(self, organization: str | None) -> str:
        """The joins; a row chosen first does not tell that its organization is given, and they are reached by it."""
        joins = "\n".join(self.plan.rows.statement.joins)
        return joins if organization is None else joins.replace(f"{self.plan.alias}.{TENANT} ", f"{organization} ")

    async def read(self, pages: Sequence[Any], paths: Sequence[Path], parents: Parents | None) -> list[Any]:
        """The objects of one page, or of several that are alike but for their parents, read by one statement."""
        first = pages[0]
        asked = self.asked(first, parents)
        wanted = self.plan.reads_rows and first.part.limit > 0
        rows = await self.run.fetch(asked.sql, *asked.values) if wanted else ()
        if parents is None:
            return await self.shaped(pages, [rows], paths, asked.failures)
        found: list[list[Any]] = [[] for _ in pages]
        number = self.width(first)
        for row in rows:
            found[row[number] - 1].append(row)
        return await self.shaped(pages, found, paths, asked.failures)

    async def shaped(
        self,
        pages: Sequence[Any],
        found: Sequence[Sequence[Any]],
        paths: Sequence[Path],
        failures: Mapping[object, Exception],
    ) -> list[Any]:
        """The objects of the rows that were found for each page, one more than the page where the list goes on."""
        keys_at = len(self.plan.rows.statement.columns)
        level = Level(
            [Here(page, rows, path, keys_at) for page, rows, path in zip(pages, found, paths, strict=True)],
            failures,
        )
        columns = {part.key: await self._part(part, level) for part in self.plan.parts}
        made = [{key: column[at] for key, column in columns.items()} for at in range(len(pages))]
        return [FAILED if any(value is FAILED for value in entry.values()) else entry for entry in made]

    async def _part(self, part: Part, level: Level) -> Sequence[Any]:
        """A field of each page."""
        match part.kind:
            case "__typename":
                return [part.typename] * len(level.pages)
            case "nodes":
                return await self._nodes(part, level, lambda here, position: ((here.path, part.key), position))
            case "edges":
                return await self._edges(part, level)
            case "pageInfo":
                return [{inside.key: _info(inside, here) for inside in part.inside} for here in level.pages]
            case _:
                return await self._counted(part, level)

    async def _nodes(self, part: Part, level: Level, path_of: Any) -> Sequence[Any]:
        filler = Filler(self.graph, self.run)
        if part.shape is None:
            return [FAILED] * len(level.pages)

        def path_at(place: int) -> Path:
            return path_of(*level.place(place))

        made = await filler.shaped(self.plan.rows, part.shape, level.rows, path_at, level.failures)
        of_pages = level.split(made)
        # What has failed has an error: without any, nothing has to be looked through.
        return [FAILED if FAILED in nodes else nodes for nodes in of_pages] if self.run.errors else of_pages

    async def _edges(self, part: Part, level: Level) -> Sequence[Any]:
        columns: dict[str, Sequence[Any]] = {}
        for inside in part.inside:
            if inside.kind == "node":
                key = inside.key
                columns[key] = await self._nodes(
                    inside, level, lambda here, position, key=key: (((here.path, part.key), position), key)
                )
            elif inside.kind == "cursor":
                columns[inside.key] = [[here.cursor(at) for at in range(len(here.rows))] for here in level.pages]
            else:
                columns[inside.key] = [[inside.typename] * len(here.rows) for here in level.pages]
        return [
            _edges_of({key: column[at] for key, column in columns.items()}, len(here.rows))
            for at, here in enumerate(level.pages)
        ]

    async def _counted(self, part: Part, level: Level) -> Sequence[Any]:
        """How many each list has: the loader of the counts gathers them."""
        counts = await settled([here.page.counting() for here in level.pages])
        return [
            absent(self.run, count, (here.path, part.key), part.nodes, required=True)
            if isinstance(count, Raised)
            else count
            for here, count in zip(level.pages, counts, strict=True)
        ]


def _info(part: Part, here: Here) -> Any:
    return part.typename if part.kind == "__typename" else here.info(part.kind)


def _edges_of(columns: Mapping[str, Any], count: int) -> Any:
    if any(column is FAILED for column in columns.values()):
        return FAILED
    return [{key: column[position] for key, column in columns.items()} for position in range(count)]


@dataclass(frozen=True)
class PageCompletion:
    """Pages that resolvers describe: those of one list are read by one statement, however many parents they have."""

    graph: Graph
    plan: PagePlan
    required: bool

    async def of(self, run: Any, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]) -> list[Any]:
        made: list[Any] = [None] * len(values)
        there = []
        for position, value in enumerate(values):
            if value is None or isinstance(value, Raised):
                made[position] = absent(run, value, paths[position], nodes, required=self.required)
            else:
                there.append(position)
        listings = [values[position].listing for position in there]
        lists = [(listing.rows, (listing.keys, values[at].part)) for listing, at in zip(listings, there, strict=True)]
        for group, parents in together(lists, [listing.clauses.parameters for listing in listings]):
            positions = [there[at] for at in group]
            pages, places = [values[at] for at in positions], [paths[at] for at in positions]
            try:
                found = await PageReader(self.graph, run, self.plan).read(pages, places, parents)
            except Exception as error:  # of the statement: each field's own
                found = [absent(run, Raised(error), path, nodes, required=self.required) for path in places]
            for position, page in zip(positions, found, strict=True):
                made[position] = None if page is FAILED and not self.required else page
        return made
