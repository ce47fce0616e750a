"""A row that an operation starts from, with one page or one row below it in the same statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final, Literal

from kpi_server.api.execution.asking import Asking, Raised
from kpi_server.api.execution.awaiting import settled, together
from kpi_server.api.execution.filling import Filler, made_parameters, numbered
from kpi_server.api.execution.graph import Graph
from kpi_server.api.execution.objects import NeedsSnapshot, absent
from kpi_server.api.execution.obtaining import Entry, Lookup
from kpi_server.api.execution.pages import Asked, Beside, PagePlan, PageReader
from kpi_server.api.execution.row_plan import RowsPlan
from kpi_server.api.execution.shape import FAILED, Path, Shape

_ROOT: Final = "select {columns} from {table} as entry\n{joins}\nwhere entry.id = {key}"


@dataclass(frozen=True)
class Below:
    """A page, or a row looked up, under the root: `described` gives its list from the stand-in of the root."""

    key: str
    asking: Asking
    required: bool
    page: PagePlan
    lookup: Lookup | None = None
    is_steady: bool = False
    """Whether the same question is described the same list, whenever it is asked."""


@dataclass(slots=True)
class Described:
    """A page under a root; of a row looked up, whether it was looked for near only; its statement, once it is made."""

    page: Any
    is_near: bool = False
    asked: Asked | None = None


@dataclass(frozen=True)
class RootPlan:
    """A root with its own fields, shaped from its row, and what is read below it."""

    entry: Entry
    rows: RowsPlan
    shape: Shape
    below: Sequence[Below]
    keys: Sequence[str]

    @cached_property
    def is_one_statement(self) -> bool:
        """Whether one statement is enough."""
        if self.rows.slots or len(self.below) > 1:
            return False
        return all(below.page.is_one_statement for below in self.below)

    @cached_property
    def reads_own(self) -> bool:
        """Whether anything is asked of the row itself, if only what it is."""
        return bool(self.shape.content.entries)


@dataclass(frozen=True)
class RootStep:
    """A field that gives a row by its key."""

    graph: Graph
    asking: Asking
    plan: RootPlan
    required: bool
    is_instant: ClassVar[Literal[False]] = False

    def key(self, run: Any) -> int | None:
        """The row's key; None where the arguments name none, or are wrong."""
        try:
            return self.plan.entry.key(run.context, **self.asking.given(run).coerced)
        except Exception:  # said when the field is asked for
            return None

    async def run(self, run: Any, parents: Sequence[Any], paths: Sequence[Path]) -> list[Any]:
        return [await self.one(run, path) for _, path in zip(parents, paths, strict=True)]

    async def one(self, run: Any, path: Path) -> Any:
        """The row's object, once."""
        try:
            given = self.asking.given(run)
            key = self.plan.entry.key(run.context, **given.coerced)
            if key is not None:
                if self.plan.entry.check is not None:
                    await self.plan.entry.check(run.context, key, given.converted)
                parent = self.plan.entry.parent(key, given.converted)
                made = await _Reading(self.graph, run, self.plan, key, parent, path).made()
                return None if made is FAILED and not self.required else made
        except NeedsSnapshot:
            raise
        except Exception as error:  # an argument's, or the statement's
            return absent(run, Raised(error), path, self.asking.selected.nodes, required=self.required)
        return absent(run, None, path, self.asking.selected.nodes, required=self.required)


@dataclass(slots=True)
class _Reading:
    graph: Graph
    run: Any
    plan: RootPlan
    key: int
    parent: Any
    path: Path

    async def made(self) -> Any:
        """The root's object, or None when there is no such row."""
        described = await together([self._described(below) for below in self.plan.below])
        if self.plan.reads_own and self.plan.is_one_statement and described:
            (alone,) = described
            if isinstance(alone, Described) and alone.page.part.limit > 0:
                return await self._together(self.plan.below[0], alone)
        own: Any = {}
        if self.plan.reads_own:
            values, failures = made_parameters(self.plan.rows.statement, self.run)
            rows = await self.run.fetch(self._own_text(), self.key, *values)
            if not rows:
                return None
            own = await self._shaped_own(rows[0], failures)
        pairs = zip(self.plan.below, described, strict=True)
        return self._merged(own, {below.key: await self._below(below, found) for below, found in pairs})

    def _own_text(self) -> str:
        statement = self.plan.rows.statement
        sql = _ROOT.format(
            columns=", ".join(statement.columns),
            table=self.plan.entry.table,
            joins="\n".join(statement.joins),
            key="$1::bigint",
        )
        return numbered(sql, statement.parameters, after=1)

    async def _shaped_own(self, row: Any, failures: Mapping[object, Exception]) -> Any:
        filler = Filler(self.graph, self.run, self.parent if self.plan.entry.is_enough else None)
        (own,) = await filler.shaped(self.plan.rows, self.plan.shape, [row], lambda _: self.path, failures)
        return own

    def _merged(self, own: Any, below: dict[str, Any]) -> Any:
        if own is FAILED or any(value is FAILED for value in below.values()):
            return FAILED
        return {key: own[key] if key in own else below[key] for key in self.plan.keys}

    async def _described(self, below: Below) -> Described | Raised | None:
        """The page that a field describes, what was raised instead, or None where there is nothing to read.

        In a run of one statement, what the same question was described before still holds.
        """
        steady = below.is_steady and not self.run.has_snapshot
        place = (below.key, self.key)
        known: Described | None = self.run.memory.get(place) if steady else None
        if known is not None:
            return known
        described = await self._newly_described(below)
        if steady and isinstance(described, Described):
            self.run.memory[place] = described
        return described

    async def _newly_described(self, below: Below) -> Described | Raised | None:
        run = self.run
        try:
            if below.lookup is not None:
                given = below.asking.given(run).coerced
                near = below.lookup.near(run.context, self.parent, **given)
                return await self._far(below) if near is None else Described(near, is_near=True)
            parents = [self.parent]
            (page,) = await settled(below.asking.values(run, parents, (self.path, below.key)))
            return page if isinstance(page, Raised) else Described(page)
        except NeedsSnapshot:
            raise
        except Exception as error:  # the field's own
            return Raised(error)

    async def _far(self, below: Below) -> Described | None:
        """The row looked for by all ways there are; None where there is none."""
        if not self.run.has_snapshot:
            raise NeedsSnapshot
        given = below.asking.given(self.run).coerced
        lookup: Any = below.lookup
        page = await lookup.far(self.run.context, self.parent, **given)
        return None if page is None else Described(page)

    async def _together(self, below: Below, described: Described) -> Any:
        """The root and what is below it, by one statement."""
        asked = described.asked = described.asked or self._asked_together(below, described)
        rows = await self.run.fetch(asked.sql, *asked.values)
        if not rows:
            return None
        width = PageReader(self.graph, self.run, below.page).width(described.page)
        own = await self._shaped_own(_Shifted(rows[0], width), asked.beside)
        found = () if rows[0][below.page.witness] is None else rows
        return self._merged(own, {below.key: await self._value(below, described, found, asked)})

    def _asked_together(self, below: Below, described: Described) -> Asked:
        beside = Beside(self._text, len(self.plan.rows.statement.columns))
        asked = PageReader(self.graph, self.run, below.page).asked(described.page, beside)
        values, failures = made_parameters(self.plan.rows.statement, self.run)
        return Asked(asked.sql, [*asked.values, self.key, *values], asked.failures, failures)

    def _text(self, after: int) -> str:
        """The root's own columns, named, with parameters numbered behind others."""
        statement = self.plan.rows.statement
        root = _ROOT.format(
            columns=", ".join(f"{sql} as r{position}" for sql, position in statement.columns.items()),
            table=self.plan.entry.table,
            joins="\n".join(statement.joins),
            key=f"${after + 1}::bigint",
        )
        return numbered(root, statement.parameters, after=after + 1)

    async def _below(self, below: Below, described: Described | Raised | None) -> Any:
        path = (self.path, below.key)
        if described is None or isinstance(described, Raised):
            return absent(self.run, described, path, below.asking.selected.nodes, required=below.required)
        asked = described.asked = described.asked or PageReader(self.graph, self.run, below.page).asked(described.page)
        wanted = below.lookup is not None or (below.page.reads_rows and described.page.part.limit > 0)
        try:
            found = await self.run.fetch(asked.sql, *asked.values) if wanted else ()
        except Exception as error:  # of the statement: the field's own
            return absent(self.run, Raised(error), path, below.asking.selected.nodes, required=below.required)
        return await self._value(below, described, found, asked)

    async def _value(self, below: Below, described: Described, found: Sequence[Any], asked: Asked) -> Any:
        """What the field is, of the rows that were found."""
        path = (self.path, below.key)
        if below.lookup is None:
            reader = PageReader(self.graph, self.run, below.page)
            (made,) = await reader.shaped([described.page], [found], [path], asked.failures)
            return made
        if found:
            (part,) = below.page.parts
            shape: Any = part.shape
            filler = Filler(self.graph, self.run)
            (made,) = await filler.shaped(below.page.rows, shape, found[:1], lambda _: path, asked.failures)
            return None if made is FAILED and not below.required else made
        try:
            farther: Described | Raised | None = await self._far(below) if described.is_near else None
        except NeedsSnapshot:
            raise
        except Exception as error:  # the field's own
            farther = Raised(error)
        return await self._below(below, farther)


@dataclass(slots=True)
class _Shifted:
    """The columns of a row behind the first few."""

    row: Any
    by: int

    def __getitem__(self, position: int | slice) -> Any:
        if isinstance(position, slice):
            return self.row[self.by : self.by + position.stop]
        return self.row[self.by + position]
