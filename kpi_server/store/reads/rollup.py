"""Measures rolled up in PostgreSQL: one statement for any number of cells of any number of measures."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
from kpi_server.store.sql import statement

_MOST_CELLS: Final = 16
"""How many cells share a span: each is compared with all that is known of its span."""


class MeasureCell(NamedTuple):
    """A measure in one cell."""

    segment: str
    frame: Frame
    how: Additivity


@dataclass(frozen=True)
class _Read:
    """What is read of one measure and segment, and the places of the cells that it is for."""

    first: MeasureCell
    day_after: date
    places: Sequence[int]


async def roll_up_cells(
    fetch: Fetch, organization_id: int, cells: Sequence[MeasureCell], *, generated: bool = True
) -> list[Rolled]:
    """For each cell what the measure is there, with what is generated or without."""
    if not cells:
        return []
    asked = _Asked.of(organization_id, cells)
    with_sketches = any(cell.how.sketch for cell in cells)
    rows = await fetch(rollup_statement(with_sketches=with_sketches, generated=generated), *asked.parameters)
    found = {asked.order[row["place"] - 1]: row for row in rows}
    foreign = [place for place, row in found.items() if row["foreign_money"] and cells[place].how.sketch is None]
    if foreign:
        asked = _Asked.of(organization_id, [cells[place] for place in foreign])
        rows = await fetch(conversion_statement(generated=generated), *asked.parameters, *asked.flows)
        found |= {foreign[asked.order[row["place"] - 1]]: row for row in rows}
    return [_rolled(cell, found.get(place)) for place, cell in enumerate(cells)]


async def observations_of_cells(
    fetch: Fetch, organization_id: int, cells: Sequence[MeasureCell], *, most: int, generated: bool = True
) -> list[list[Record]]:
    """For each cell the first observations that its value is made of; `count` of each row says of how many."""
    if not cells:
        return []
    asked = _Asked.of(organization_id, cells)
    select = statement("rollup_observations").format(held=_held(generated=generated), most=int(most), rates=_rates())
    rows = await fetch(_rollup(select, segments=True, generated=generated), *asked.parameters)
    found: defaultdict[int, list[Record]] = defaultdict(list)
    for row in rows:
        found[asked.order[row["place"] - 1]].append(row)
    return [found[place] for place in range(len(cells))]


@dataclass(frozen=True)
class _Asked:
    """The parameters of a roll-up, and which cell is at each place of them."""

    parameters: Sequence[Any]
    order: Sequence[int]
    flows: Sequence[Any]

    @classmethod
    def of(cls, organization_id: int, cells: Sequence[MeasureCell]) -> "_Asked":
        reads = list(_reads(cells))
        order = [place for read in reads for place in read.places]
        parameters = [
            organization_id,
            min(cell.frame.start for cell in cells),
            max(cell.frame.end for cell in cells),
            [read.first.how.key for read in reads],
            [read.first.segment for read in reads],
            [read.first.frame.start for read in reads],
            [read.day_after for read in reads],
            [read.first.frame.spelled for read in reads],
            [read.first.how.across.value for read in reads],
            [read.first.how.weight for read in reads],
            [number for number, read in enumerate(reads, 1) for _ in read.places],
            [cells[place].frame.start for place in order],
            [cells[place].frame.end for place in order],
            [cells[place].how.folding for place in order],
        ]
        flows = [read.first.how.is_flow for read in reads], [read.first.how.weight_is_flow for read in reads]
        return cls(parameters, order, flows)


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


def _reads(cells: Sequence[MeasureCell]) -> Iterator[_Read]:
    """Neighbouring cells are read together, those of far apart periods apart."""
    groups: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, cell in enumerate(cells):
        groups[cell.how.key, cell.segment, cell.frame.spelled].append(place)
    for places in groups.values():
        places.sort(key=lambda place: cells[place].frame.start)
        run, reaches = [places[0]], cells[places[0]].frame.end
        for place in places[1:]:
            frame = cells[place].frame
            if frame.start > reaches or len(run) == _MOST_CELLS:
                yield _Read(cells[run[0]], reaches, run)
                run, reaches = [], frame.end
            run.append(place)
            reaches = max(reaches, frame.end)
        yield _Read(cells[run[0]], reaches, run)


def _rolled(cell: MeasureCell, row: Record | None) -> Rolled:
    how = cell.how
    if row is None:
        return Rolled(absence=Absence.NO_DATA, reason=nothing_recorded(how))
    if row["periods"] is None:
        absence, own = Absence(row["absence"]), {key for key, _ in read_segment(cell.segment).pairs}
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
    return Rolled(_value(how, row, sketch), completeness=_completeness(cell.frame, row), sketch=sketch)


def _value(how: Additivity, row: Record, sketch: Sparse | None) -> Decimal | None:
    if how.sketch is not None and sketch is not None:
        return read_sketch(how.sketch, sketch)
    value: Decimal | None = row["value"]
    is_mean = how.over_time is OverTime.AVG and value is not None
    return divide(value or Decimal(0), Decimal(row["periods"])) if is_mean else value


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
