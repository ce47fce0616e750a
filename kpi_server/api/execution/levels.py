"""Pages that were read together: where each of them lies in its list, and whose rows are whose."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from kpi_server.api.execution.shape import Path


@dataclass(slots=True)
class Level:
    """Pages that are read together: their rows stand one behind the other."""

    pages: Sequence["Here"]
    failures: Mapping[object, Exception]
    rows: Sequence[Any] = field(init=False)
    _ends: list[int] = field(init=False)

    def __post_init__(self) -> None:
        first, *others = self.pages
        self.rows = [row for here in self.pages for row in here.rows] if others else first.rows
        self._ends = list(accumulate(len(here.rows) for here in self.pages))

    def place(self, row: int) -> tuple["Here", int]:
        """The page of a row, and the row's position in it."""
        page = bisect(self._ends, row)
        return self.pages[page], row - (self._ends[page - 1] if page else 0)

    def split(self, made: Sequence[Any]) -> list[Sequence[Any]]:
        """What was made of all rows, page by page."""
        begins = [0, *self._ends]
        return [made[begin:end] for begin, end in zip(begins, self._ends, strict=False)]


@dataclass(slots=True)
class Here:
    """A page that was read; its rows are those of the page, in the list's own order."""

    page: Any
    rows: Sequence[Any]
    path: Path
    keys_at: int
    has_more: bool = False

    def __post_init__(self) -> None:
        limit = self.page.part.limit
        self.has_more = len(self.rows) > limit
        self.rows = self.rows[:limit]
        if self.page.part.backward:
            self.rows = self.rows[::-1]

    def cursor(self, position: int) -> str:
        """The place of one of its rows."""
        row = self.rows[position]
        values = [row[self.keys_at + place] for place in range(len(self.page.listing.keys))]
        cursor: str = self.page.cursor(values)
        return cursor

    def info(self, kind: str) -> Any:
        """A field of its `pageInfo`."""
        match kind:
            case "startCursor":
                return self.cursor(0) if self.rows else None
            case "endCursor":
                return self.cursor(len(self.rows) - 1) if self.rows else None
            case "hasNextPage":
                return self.page.part.before is not None if self.page.part.backward else self.has_more
            case _:
                return self.has_more if self.page.part.backward else self.page.part.after is not None
