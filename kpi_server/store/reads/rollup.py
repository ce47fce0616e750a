"""Measures rolled up in PostgreSQL: one statement for any number of cells of any number of measures."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate, count, pairwise, repeat
from typing import Any, Final, NamedTuple

from kpi_server.domain.absence import Absence
from kpi_server.domain.currency import Lacking
from kpi_server.domain.frame import Completeness, Frame
from kpi_server.domain.measure import OverTime
from kpi_server.domain.period import Grain
from kpi_server.domain.precision import divide
from kpi_server.domain.rollup import (
    Additivity,
    Rolled,
    across_refused,
    nothing_recorded,
    over_time_refused,
    read_sketch,
    unconvertible,
)
from kpi_server.domain.segment import read_segment
from kpi_server.domain.sketch.sparse import Sparse
from kpi_server.store.reads import Fetch, Record
from kpi_server.store.sql import array_text, statement

_MOST_CELLS: Final = 16
"""How many cells share a span: each is compared with all that is known of its span."""


class Column(NamedTuple):
    """A measure in any number of frames of one segment."""

    segment: str
    frames: Sequence[Frame]
    how: Additivity


class MeasureCell(NamedTuple):
    """A measure in one cell."""

    segment: str
    frame: Frame
    how: Additivity


_Placed = tuple[date, int, Frame]
"""A frame with its first day and its place among all that are asked for."""


class _Read(NamedTuple):
    """What is read at once: frames of a column that lie side by side, up to a day."""

    column: Column
    cells: Sequence[_Placed]
    day_after: date


async def roll_up_columns(
    fetch: Fetch, organization_id: int, columns: Sequence[Column], *, generated: bool = True
) -> list[list[Rolled]]:
    """For each column what the measure is in each of its frames, with what is generated or without."""
    with_sketches = any(column.how.sketch for column in columns)
    sql = rollup_statement(with_sketches=with_sketches, generated=generated)
    found = await _rows(fetch, organization_id, columns, sql)
    foreign = [_foreign(column, rows) for column, rows in zip(columns, found, strict=True)]
    if any(foreign):
        again = [
            Column(column.segment, [column.frames[place] for place in places], column.how)
            for column, places in zip(columns, foreign, strict=True)
        ]
        sql = conversion_statement(generated=generated)
        converted = await _rows(fetch, organization_id, again, sql, converts=True)
        for rows, places, others in zip(found, foreign, converted, strict=True):
            for place, row in zip(places, others, strict=True):
                rows[place] = row
    return [
        [_rolled(column, frame, row) for frame, row in zip(column.frames, rows, strict=True)]
        for column, rows in zip(columns, found, strict=True)
    ]


def _foreign(column: Column, rows: Sequence[Record | None]) -> list[int]:
    """Where amounts of other currencies are among them; no sketch holds any."""
    if column.how.sketch is not None:
        return []
    return [place for place, row in enumerate(rows) if row is not None and row["foreign_money"]]


async def _rows(
    fetch: Fetch, organization_id: int, columns: Sequence[Column], sql: str, *, converts: bool = False
) -> list[list[Record | None]]:
    """A row for each frame of each column of which anything is recorded."""
    ends = list(accumulate((len(column.frames) for column in columns), initial=0))
    found: list[Record | None] = [None] * ends[-1]
    if found:
        asked = _Asked.of(organization_id, columns)
        for row in await fetch(sql, *asked.parameters, *(asked.flows if converts else ())):
            found[asked.order[row["place"] - 1]] = row
    return [found[first:end] for first, end in pairwise(ends)]


async def observations_of_cells(
    fetch: Fetch, organization_id: int, cells: Sequence[MeasureCell], *, most: int, generated: bool = True
) -> list[list[Record]]:
    """For each cell the first observations that its value is made of; `count` of each row says of how many."""
    if not cells:
        return []
    places: defaultdict[tuple[str, Additivity], list[int]] = defaultdict(list)
    for place, cell in enumerate(cells):
        places[cell.segment, cell.how].append(place)
    columns = [Column(segment, [cells[one].frame for one in ones], how) for (segment, how), ones in places.items()]
    asked, own = _Asked.of(organization_id, columns), [one for ones in places.values() for one in ones]
    select = statement("rollup_observations").format(held=_held(generated=generated), most=int(most), rates=_rates())
    rows = await fetch(_rollup(select, segments=True, generated=generated), *asked.parameters)
    found: list[list[Record]] = [[] for _ in cells]
    for row in rows:
        found[own[asked.order[row["place"] - 1]]].append(row)
    return found


class _Asked(NamedTuple):
    """The parameters of a roll-up, and which frame of all columns is at each place of them."""

    parameters: Sequence[Any]
    order: Sequence[int]
    flows: Sequence[Any]

    @classmethod
    def of(cls, organization_id: int, columns: Sequence[Column]) -> "_Asked":
        reads = list(_reads(columns))
        cells = [cell for read in reads for cell in read.cells]
        order, ends = [place for _, place, _ in cells], [frame.end for _, _, frame in cells]
        how = [read.column.how for read in reads]
        parameters = [
            *(organization_id, min(start for start, _, _ in cells), max(ends)),
            [one.key for one in how],
            [read.column.segment for read in reads],
            [read.cells[0][0] for read in reads],
            [read.day_after for read in reads],
            [read.cells[0][2].spelled for read in reads],
            [one.across.value for one in how],
            [one.weight for one in how],
            array_text(number for number, read in enumerate(reads, 1) for _ in read.cells),
            [start for start, _, _ in cells],
            ends,
            array_text(folding for read in reads for folding in repeat(read.column.how.folding, len(read.cells))),
        ]
        return cls(parameters, order, ([one.is_flow for one in how], [one.weight_is_flow for one in how]))


def rollup_statement(*, with_sketches: bool, generated: bool = True) -> str:
    """The statement: with the merging of sketches or without, with what is generated or without."""
    merged = statement("merged_sketches").format(sketches="sketched")
    select = statement("rollup_values").format(
        columns=", merged.places, merged.amounts" if with_sketches else "",
        joins=statement("rollup_sketches").format(held=_held(generated=generated), merged=merged)
        if with_sketches
        else "",
    )
    return _rollup(select, segments=with_sketches, generated=generated)


def conversion_statement(*, generated: bool = True) -> str:
    """The statement for cells with amounts of other currencies: these are converted. No sketch holds any."""
    select = statement("rollup_values").format(columns="", joins="")
    return _rollup(select, segments=False, generated=generated, converts=True)


def _held(*, generated: bool) -> str:
    return statement("rollup_held").format(facts=_facts("observation", generated=generated))


def _rollup(select: str, *, segments: bool, generated: bool, converts: bool = False) -> str:
    return statement("rollup").format(
        inside=statement("rollup_inside").format(facts=_facts("observation", generated=generated)),
        days=statement("rollup_days"),
        weight_facts=_facts("weighed", generated=generated),
        segments="source.segments" if segments else "null::text[]",
        select=select,
        converted=statement("rollup_converted").format(rates=_rates()) if converts else "",
        **(_BY_CURRENCY if converts else _ANY_CURRENCY),
    )


def _rates() -> str:
    return statement("rates_of_periods").format(periods="foreign_money")


def _facts(row: str, *, generated: bool) -> str:
    """What leaves out generated observations, where they are not wanted."""
    return "" if generated else f" and {row}.origin <> 'GENERATED'"


_ANY_CURRENCY: Final = {
    "money": "bool_or(observation.currency is not null) as foreign_money, null::text[] as lacking",
    "weighed_money": "bool_or(observation.currency is not null or weight.currency is not null), null::text[]",
    "currency": "",
    "currencies": "",
    "together": "put_together",
}
_BY_CURRENCY: Final = {
    "money": "observation.currency, null::text as weight_currency",
    "weighed_money": "observation.currency, weight.currency",
    "currency": ", observation.currency",
    "currencies": ", observation.currency, weight.currency",
    "together": "converted",
}


def _reads(columns: Sequence[Column]) -> Iterator[_Read]:
    """Neighbouring frames of a column are read together, those that are far apart or of other grains apart."""
    places = count()
    for column in columns:
        alike: defaultdict[str, list[_Placed]] = defaultdict(list)
        for frame, place in zip(column.frames, places, strict=False):  # counted on and on
            alike[frame.spelled].append((frame.start, place, frame))
        for cells in alike.values():
            cells.sort()  # places differ: frames are never compared
            yield from _side_by_side(column, cells)


def _side_by_side(column: Column, cells: Sequence[_Placed]) -> Iterator[_Read]:
    first, reaches = 0, cells[0][2].end
    for number, (start, _, frame) in enumerate(cells):
        if start > reaches or number - first == _MOST_CELLS:
            yield _Read(column, cells[first:number], reaches)
            first, reaches = number, frame.end
        reaches = max(reaches, frame.end)
    yield _Read(column, cells[first:], reaches)


def _rolled(column: Column, frame: Frame, row: Record | None) -> Rolled:
    how = column.how
    if row is None:
        return Rolled(absence=Absence.NO_DATA, reason=nothing_recorded(how))
    if row["periods"] is None:
        absence, own = Absence(row["absence"]), {key for key, _ in read_segment(column.segment).pairs}
        keys = sorted({key for keys in row["keys"] for key in keys.split(",")} - own)
        return Rolled(absence=absence, reason=across_refused(how, absence, keys))
    if how.over_time is OverTime.NONE and not row["is_whole"]:
        grains = [grain for length, (grain, _, _) in enumerate(_SHORTEST, 1) if row["lengths"] >> length & 1]
        reason = over_time_refused(how, grains)
        return Rolled(absence=Absence.NON_ADDITIVE, reason=reason)
    if row["lacking"] is not None:
        day, base, quote = row["lacking"]
        reason = unconvertible(how, Lacking(date.fromisoformat(day), base, quote))
        return Rolled(absence=Absence.ERROR, reason=reason)
    sketch = None if how.sketch is None else Sparse(tuple(row["places"]), tuple(row["amounts"]))
    return Rolled(_value(how, row, sketch), None, "", _completeness(frame, row), sketch)


def _value(how: Additivity, row: Record, sketch: Sparse | None) -> Decimal | None:
    if how.sketch is not None and sketch is not None:
        return read_sketch(how.sketch, sketch)
    value: Decimal | None = row["value"]
    if how.over_time is not OverTime.AVG or value is None:
        return value
    return divide(value, Decimal(row["periods"]))


def _completeness(frame: Frame, row: Record) -> Completeness:
    shortest, days, months = _SHORTEST[row["shortest"] - 1]
    known = row["days"] // days if days else row["months"] // months
    return frame.completeness(known, shortest)


_SHORTEST: Final = (
    (Grain.DAY, 1, 0),
    (Grain.WEEK, 7, 0),
    (Grain.MONTH, 0, 1),
    (Grain.QUARTER, 0, 3),
    (Grain.YEAR, 0, 12),
)
"""Grains as they are numbered in the statement, of how many days or months."""
