"""One statement for several parents: where their lists bind different values, it binds an array of them."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

NUMBER: Final = "given.number"
"""In a statement for several parents: which of them a row is for, counted from 1."""


@dataclass(frozen=True)
class Parents:
    """Lists of one text: what each of them binds, and of the parameters that differ their numbers with their types."""

    bound: Sequence[Sequence[Any]]
    kinds: Mapping[int, str]

    @property
    def source(self) -> str:
        """The parents, a row each."""
        arrays = ", ".join(f"${number}::{kind}[]" for number, kind in self.kinds.items())
        names = ", ".join(f"p{number}" for number in self.kinds)
        return f"unnest({arrays}) with ordinality as given ({names}, number)"

    @property
    def values(self) -> list[Any]:
        """What the statement binds: for the parameters that differ an array of all values, for the others their own."""
        columns = zip(*self.bound, strict=True)
        return [list(values) if number in self.kinds else values[0] for number, values in enumerate(columns, 1)]

    def beside(self, sql: str) -> str:
        """A piece of SQL that stands beside the parents, with the values of the one it stands beside."""
        for number in self.kinds:
            sql = re.sub(_placeholder(number), f"given.p{number}", sql)
        return sql


def together(
    lists: Sequence[tuple[str, Hashable]], bound: Sequence[Sequence[Any]]
) -> Iterator[tuple[Sequence[int], Parents | None]]:
    """The positions of lists that one statement reads, with what they bind where they are several.

    A list is its select and whatever else must be equal for it to be read together with others.
    """
    alike: dict[tuple[str, Hashable], list[int]] = {}
    for position, one in enumerate(lists):
        alike.setdefault(one, []).append(position)
    for (sql, _), positions in alike.items():
        parents = parents_of(sql, [bound[position] for position in positions]) if len(positions) > 1 else None
        if parents is not None:
            yield positions, parents
        else:
            yield from (([position], None) for position in positions)


def parents_of(sql: str, bound: Sequence[Sequence[Any]]) -> Parents | None:
    """The parents of lists that are this piece of SQL with these values; None where each must be read by itself.

    >>> parents_of("select * from kpis where organization_id = $1::bigint and family = $2::text", [[7, "a"], [8, "a"]])
    Parents(bound=[[7, 'a'], [8, 'a']], kinds={1: 'bigint'})

    An array of arrays would lose where one ends:

    >>> parents_of("select * from alerts where cadence = any ($1::text[])", [[["DAILY"]], [["WEEKLY"]]])
    """
    first, *others = bound
    differing = [at + 1 for at, value in enumerate(first) if any(other[at] != value for other in others)]
    kinds = {number: _kind(sql, number) for number in differing or [1]}
    return Parents(bound, {number: kind for number, kind in kinds.items() if kind}) if all(kinds.values()) else None


def _kind(sql: str, number: int) -> str | None:
    """The type of a parameter; None where it is an array, or where it is not said each time what it is."""
    kinds = {found.group(1) for found in re.finditer(_placeholder(number), sql)}
    return kinds.pop() if len(kinds) == 1 else None


def _placeholder(number: int) -> str:
    return rf"\${number}(?!\d)(?:::(bigint|integer|numeric|text|date|boolean)(?!\w|\[))?"
