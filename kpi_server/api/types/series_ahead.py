"""Series as columns, read along with their KPI where that can be said before anything is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import orjson
from orjson import Fragment

from kpi_server.api.arguments import segment_text, series_window
from kpi_server.api.execution.obtaining import LATER, Ahead
from kpi_server.api.types.value import unit_of
from kpi_server.domain.period import Grain, between, ordinal, period_of
from kpi_server.domain.selection import ValueBasis
from kpi_server.domain.series import MOST_POINTS, ends
from kpi_server.errors import BadInput
from kpi_server.store.sql import statement


def _given(arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is read ahead of a series whose two ends and grain are known; None for any other."""
    if any(arguments.get(name) for name in ("by", "comparison", "alignment", "basis")):
        return None
    return _ahead(*(arguments.get(name) for name in ("grain", "from_", "to", "last", "segment")))


@lru_cache(maxsize=256)
def _ahead(
    grain: Grain | None, start: str | None, end: str | None, last: int | None, segment: str | None
) -> Mapping[str, Any] | None:
    if grain is None or start is None or end is None:
        return None
    try:
        found = ends(grain, series_window(start, end, last), None)
    except BadInput:  # an organization with another calendar may have a week 53 then
        return None
    if found is None:
        return None
    return {
        "first": found[0].start,
        "last": found[1].start,
        # So many days are all days; longer periods may be those of a calendar given up, and are always told.
        "enough": ordinal(found[1]) - ordinal(found[0]) + 1 if grain is Grain.DAY else MOST_POINTS + 1,
        "pattern": _NAMES[grain],
        "segment": segment_text(segment),
        "grain": str(grain),
    }


@dataclass(frozen=True)
class _Spine:
    """Consecutive periods: their names as a column, and the first day of each."""

    names: Fragment
    starts: Sequence[date]


@lru_cache(maxsize=16)
def _spine(grain: Grain, first: date, last: date) -> _Spine:
    """The periods between two first days: the same few windows are asked for again and again."""
    periods = between(period_of(first, grain), period_of(last, grain))
    names = orjson.dumps([period.text for period in periods])
    return _Spine(Fragment(names), [period.start for period in periods])


@dataclass(frozen=True, slots=True)
class _Columns:
    """A series that was read along: its numbers are a list in JSON that PostgreSQL wrote, which nobody takes apart."""

    grain: Grain
    segment: str
    unit: str
    names: Fragment
    numbers: str

    @property
    def exact(self) -> Fragment:
        """The numbers as texts of their digits."""
        texts = self.numbers[1:-1].replace(_BETWEEN, f'"{_BETWEEN}"')
        return Fragment(f'["{texts}"]'.replace(f'"{_NULL}"', _NULL))


def _at_once(row: Mapping[str, Any], **arguments: Any) -> Any:
    """The series; later where nothing is recorded, since it may have to be computed."""
    given = None if row["known"] is None else _given(arguments)
    if given is None or not row["known"]:
        return LATER
    grain = Grain(given["grain"])
    spine = _spine(grain, given["first"], given["last"])
    return _Columns(grain, given["segment"], row["unit"], spine.names, _numbers(row, spine))


def _numbers(row: Mapping[str, Any], spine: _Spine) -> str:
    """The numbers of a spine, null for a gap: those that were read, where none is missing."""
    numbers: str = row["values"]
    if row["starts"] is None:
        return numbers
    found = dict(zip(row["starts"], numbers[1:-1].split(_BETWEEN), strict=True))
    return f"[{_BETWEEN.join(found.get(start, _NULL) for start in spine.starts)}]"


_BETWEEN: Final = ","
"""What the statement puts between the numbers."""
_NULL: Final = "null"

_NAMES: Final[Mapping[Grain, str]] = {
    Grain.DAY: "____-__-__",
    Grain.WEEK: "____-W__",
    Grain.MONTH: "____-__",
    Grain.QUARTER: "____-Q_",
    Grain.YEAR: "____",
}
"""How the names of periods look, by grain, for `like`."""

COLUMNS: Final = Ahead(
    statement("series_ahead"),
    ("known", "values", "starts"),
    _given,
    {
        "first": "date",
        "last": "date",
        "enough": "bigint",
        "pattern": "text",
        "segment": "text",
        "grain": "text",
    },
    {
        "grain": lambda read: read.grain.name,
        "segment": lambda read: read.segment,
        "unit": lambda read: unit_of(read.unit),
        "basis": lambda _: ValueBasis.REPORTED.name,
        "periods": lambda read: read.names,
        "values": lambda read: Fragment(read.numbers),
        "exact": lambda read: read.exact,
    },
    _at_once,
)
