"""Series as columns, read along with their KPI where that can be said before anything is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from kpi_server.api.arguments import segment_text, series_window
from kpi_server.api.execution.obtaining import LATER, Ahead
from kpi_server.api.scalars import Period
from kpi_server.api.types.series import Series, SeriesColumns
from kpi_server.api.types.value import unit_of
from kpi_server.domain.period import Grain, between, ordinal, period_of
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
    """Consecutive periods: their names, and the place of each by its first day."""

    names: list[Period]
    places: Mapping[date, int]


@lru_cache(maxsize=16)
def _spine(grain: Grain, first: date, last: date) -> _Spine:
    """The periods between two first days: the same few windows are asked for again and again."""
    periods = between(period_of(first, grain), period_of(last, grain))
    return _Spine(
        [Period(period.text) for period in periods], {period.start: place for place, period in enumerate(periods)}
    )


def _at_once(row: Mapping[str, Any], **arguments: Any) -> Any:
    """The series; later where nothing is recorded, since it may have to be computed."""
    given = None if row["known"] is None else _given(arguments)
    if given is None or not row["known"]:
        return LATER
    grain = Grain(given["grain"])
    spine = _spine(grain, given["first"], given["last"])
    values = row["values"] if row["starts"] is None and row["known"] else _with_gaps(row, spine.places)
    columns = SeriesColumns(spine.names, values)
    return Series(grain=grain, segment=given["segment"], unit=unit_of(row["unit"]), found=columns)


def _with_gaps(row: Mapping[str, Any], places: Mapping[date, int]) -> list[float | None]:
    values: list[float | None] = [None] * len(places)
    for start, value in zip(row["starts"] or (), row["values"] or (), strict=True):
        if start in places:
            values[places[start]] = value
    return values


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
    frozenset({"grain", "segment", "unit", "periods", "values", "__typename"}),
    _at_once,
)
