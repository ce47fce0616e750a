"""Pages of lists: one statement reads the page's rows, whatever is selected of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from graphql import FieldNode, GraphQLObjectType, get_named_type

from kpi_server.api.execution.asking import Raised
from kpi_server.api.execution.filling import Filler, made_parameters, numbered
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.model import TENANT
from kpi_server.api.execution.objects import absent
from kpi_server.api.execution.row_plan import RowsPlan
from kpi_server.api.execution.rows import RowPlanner
from kpi_server.api.execution.selecting import Selected
from kpi_server.api.execution.shape import FAILED, Path, Shape
from kpi_server.api.execution.statement import Statement, TablePlace
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import COLUMNS, order_by, page_statement

MOST_TEXTS: Final = 64

_READ: Final = """
select {columns}
from {source}
{joins}
{order}
"""
_INFO: Final = {
    "hasNextPage": "has_next_page",
    "hasPreviousPage": "has_previous_page",
    "startCursor": "start_cursor",
    "endCursor": "end_cursor",
}
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
    """What is selected of a page, and the statement for it but for the list itself; `alias` is what a row is called."""

    rows: RowsPlan
    parts: Sequence[Part]
    alias: str

    @cached_property
    def reads_rows(self) -> bool:
        return any(part.kind in ("nodes", "edges", "pageInfo") for part in self.parts)

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
        return PagePlan(plan, [self._shaped(plan, part) for part in objects], alias)

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
    """A page's statement with what it binds; `failures` are parameters that could not be made."""

    sql: str
    values: Sequence[Any]
    failures: Mapping[object, Exception]


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

    def asked(self, page: Any, beside: Beside | None = None) -> Asked:
        """The statement for a page, and for a row beside it."""
        values, failures = made_parameters(self.plan.rows.statement, self.run)
        sql, bound = self._known(page.listing, page.part, beside)
        return Asked(sql, [*bound, *values], failures)

    def width(self, page: Any) -> int:
        """How many columns are the page's own."""
        return len(self.plan.rows.statement.columns) + (len(page.listing.keys) if self.plan.tells_places else 0)

    def _known(self, listing: Any, part: Any, beside: Beside | None) -> tuple[str, Sequence[Any]]:
        """The statement, remembered unless it is for a place that comes once, and what it binds of the list."""
        if part.after is not None or part.before is not None:
            return self._text(listing, part, beside)
        key, texts = (listing.rows, listing.keys, part.backward, beside is None), self.plan.rows.texts
        known = texts.get(key)
        if known is None:
            known, _ = self._text(listing, part, beside)
            if len(texts) < MOST_TEXTS:
                texts[key] = known
        bound = listing.clauses.parameters
        return known, bound if self.plan.rows.is_single else [*bound, part.limit + 1]

    def _text(self, listing: Any, part: Any, beside: Beside | None) -> tuple[str, list[Any]]:
        """The statement: the page's rows are chosen first, then joined with what is read of each."""
        plan, alias, clauses = self.plan.rows, self.plan.alias, Clauses(list(listing.clauses.parameters))
        rows = f"select {alias}.*, {alias}{listing.rows.partition(COLUMNS)[2]}"
        if not plan.is_single:
            rows = page_statement(rows, clauses, keys=listing.keys, part=part)
        source, columns = f"({rows}) as {alias}", [*plan.statement.columns]
        if self.plan.tells_places:
            columns += [f"{alias}.{key.column}" for key in listing.keys]
        if beside is not None:
            sql = beside.sql(len(clauses.parameters) + len(plan.statement.parameters))
            source = f"({sql}) as root\nleft join {source} on true"
            columns += [f"{alias}.id", *(f"root.r{position}" for position in range(beside.width))]
        sql = _READ.format(
            columns=", ".join(columns) or "null",
            source=source,
            joins=self._joins(listing.clauses.organization),
            order="" if plan.is_single else f"order by {order_by(listing.keys, part, alias)}",
        )
        return numbered(sql, plan.statement.parameters, after=len(clauses.parameters)), clauses.parameters

    def _joins(self, organization: str | None) -> str:
        """The joins; a row chosen first does not tell that its organization is given, and they are reached by it."""
        joins = "\n".join(self.plan.rows.statement.joins)
        return joins if organization is None else joins.replace(f"{self.plan.alias}.{TENANT} ", f"{organization} ")

    async def read(self, page: Any, path: Path) -> Any:
        """The page's object, read and shaped."""
        asked = self.asked(page)
        wanted = self.plan.reads_rows and page.part.limit > 0
        found = await self.run.fetch(asked.sql, *asked.values) if wanted else ()
        return await self.shaped(page, found, path, asked.failures)

    async def shaped(self, page: Any, found: Sequence[Any], path: Path, failures: Mapping[object, Exception]) -> Any:
        """The page's object of the rows that its statement gave, one more than the page where the list goes on."""
        rows = list(found[: page.part.limit])
        if page.part.backward:
            rows.reverse()
        has_more, keys_at = len(found) > page.part.limit, len(self.plan.rows.statement.columns)
        here = _Here(page, rows, has_more, keys_at, path, failures)
        made = {part.key: await self._part(part, here) for part in self.plan.parts}
        return FAILED if any(value is FAILED for value in made.values()) else made

    async def _part(self, part: Part, here: "_Here") -> Any:
        match part.kind:
            case "__typename":
                return part.typename
            case "nodes":
                return await self._nodes(part, here, lambda position: ((here.path, part.key), position))
            case "edges":
                return await self._edges(part, here)
            case "pageInfo":
                return {inside.key: here.info(inside) for inside in part.inside}
            case _:
                return await self._counted(part, here)

    async def _nodes(self, part: Part, here: "_Here", path_of: Any) -> Any:
        filler = Filler(self.graph, self.run)
        if part.shape is None:
            return FAILED
        made = await filler.shaped(self.plan.rows, part.shape, here.rows, path_of, here.failures)
        return FAILED if FAILED in made else made

    async def _edges(self, part: Part, here: "_Here") -> Any:
        columns: dict[str, Any] = {}
        for inside in part.inside:
            if inside.kind == "node":
                key = inside.key
                columns[key] = await self._nodes(
                    inside, here, lambda position, key=key: (((here.path, part.key), position), key)
                )
            elif inside.kind == "cursor":
                columns[inside.key] = [here.cursor(position) for position in range(len(here.rows))]
            else:
                columns[inside.key] = [inside.typename] * len(here.rows)
        if any(column is FAILED for column in columns.values()):
            return FAILED
        return [{key: column[position] for key, column in columns.items()} for position in range(len(here.rows))]

    async def _counted(self, part: Part, here: "_Here") -> Any:
        try:
            return await here.page.counting()
        except Exception as error:  # the field's own
            return absent(self.run, Raised(error), (here.path, part.key), part.nodes, required=True)


@dataclass(slots=True)
class _Here:
    """A page that was read."""

    page: Any
    rows: list[Any]
    has_more: bool
    keys_at: int
    path: Path
    failures: Mapping[object, Exception] = field(default_factory=dict)

    def cursor(self, position: int) -> str:
        row = self.rows[position]
        values = [row[self.keys_at + place] for place in range(len(self.page.listing.keys))]
        cursor: str = self.page.cursor(values)
        return cursor

    def info(self, part: Part) -> Any:
        if part.kind == "__typename":
            return part.typename
        match _INFO[part.kind]:
            case "start_cursor":
                return self.cursor(0) if self.rows else None
            case "end_cursor":
                return self.cursor(len(self.rows) - 1) if self.rows else None
            case "has_next_page":
                return self.page.part.before is not None if self.page.part.backward else self.has_more
            case _:
                return self.has_more if self.page.part.backward else self.page.part.after is not None


@dataclass(frozen=True)
class PageCompletion:
    """Pages that resolvers describe, each read by one statement."""

    graph: Graph
    plan: PagePlan
    required: bool

    async def of(self, run: Any, values: Sequence[Any], paths: Sequence[Path], nodes: Sequence[FieldNode]) -> list[Any]:
        reader = PageReader(self.graph, run, self.plan)
        return [await self._one(run, reader, value, path, nodes) for value, path in zip(values, paths, strict=True)]

    async def _one(self, run: Any, reader: PageReader, value: Any, path: Path, nodes: Sequence[FieldNode]) -> Any:
        if value is None or isinstance(value, Raised):
            return absent(run, value, path, nodes, required=self.required)
        try:
            made = await reader.read(value, path)
        except Exception as error:  # of the statement: the field's own
            return absent(run, Raised(error), path, nodes, required=self.required)
        return None if made is FAILED and not self.required else made
