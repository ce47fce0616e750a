"""Roll-up in PostgreSQL is roll-up in Python, whatever was recorded, corrected and taken back."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import asyncpg
import pytest

from kpi_server.domain.absence import Absence
from kpi_server.domain.measure import Across, OverTime
from kpi_server.domain.period import Grain, Period, parse_period, period_of
from kpi_server.domain.rollup import Additivity, Frame, Recorded, Rolled, frame_of, roll_up
from kpi_server.domain.segment import WHOLE, read_segment
from kpi_server.domain.sketch.sparse import Sketch, Sparse, of_places
from kpi_server.services.past import When, enter_past
from kpi_server.store.database import Database
from kpi_server.store.past import marked
from kpi_server.store.reads.rollup import MeasureCell, roll_up_cells, rollup_statement

ORGANIZATION = 1
BATCHES = 6
SEGMENTS = [
    *(str(WHOLE), "plan=a", "plan=b", "region=eu", "region=us"),
    *(f"plan={plan},region={region}" for plan in "abc" for region in ("eu", "us")),
]
PERIODS = [
    *(str(period_of(date(2025, 11, 20) + timedelta(days=day), Grain.DAY)) for day in range(0, 90, 7)),
    *("2025-11", "2025-12", "2026-01", "2026-02", "2025-Q4", "2026-Q1", "2025", "2026", "2025-W52", "2026-W01"),
]
FRAMES = [
    *(frame_of(parse_period(text)) for text in (*PERIODS, "2026-02-20", "2026-03", "2026-W02")),
    Frame(date(2025, 11, 1), date(2026, 2, 1), Grain.MONTH),
    Frame(date(2026, 1, 1), date(2026, 2, 15), Grain.YEAR),
]


@dataclass
class Statement:
    """One row: what was said of a cell in a batch, and the batch since which it does not stand."""

    measure_id: int
    segment: str
    period: Period
    value: Decimal
    sketch: Sparse | None
    begun: int
    ended: int | None = None

    def stood(self, number: int | None) -> bool:
        if number is None:
            return self.ended is None
        return self.begun <= number and (self.ended is None or self.ended > number)


@dataclass
class History:
    """What was ever recorded."""

    statements: list[Statement] = field(default_factory=list)

    def recorded(self, number: int | None) -> Mapping[int, Sequence[Recorded]]:
        """What stands of each measure, each with the weight of its cell."""
        standing = [one for one in self.statements if one.stood(number)]
        weights = {(one.segment, one.period): one.value for one in standing if one.measure_id == WEIGHTS}
        found: defaultdict[int, list[Recorded]] = defaultdict(list)
        for one in standing:
            weight = weights.get((one.segment, one.period))
            recorded = Recorded(read_segment(one.segment), one.period, one.value, weight, one.sketch)
            found[one.measure_id].append(recorded)
        return found


MEASURES = [
    *(
        (across, over_time, None)
        for across in (Across.SUM, Across.MIN, Across.MAX, Across.WEIGHTED, Across.NONE)
        for over_time in OverTime
        if over_time is not OverTime.MERGE
    ),
    *((Across.MERGE, OverTime.MERGE, sketch) for sketch in Sketch),
]
WEIGHTS = 99
HOW = [
    Additivity(f"m{place}", across, over_time, sketch, weight=f"m{WEIGHTS}" if across is Across.WEIGHTED else "")
    for place, (across, over_time, sketch) in enumerate(MEASURES, 1)
]


def random_history(seed: int) -> History:
    """Sparse, by few or many of the segments and periods, some of it corrected or taken back."""
    chance = random.Random(seed)  # noqa: S311 - the same each run
    history = History()
    for measure_id in [*range(1, len(HOW) + 1), WEIGHTS]:
        segments = chance.sample(SEGMENTS, chance.randrange(1, len(SEGMENTS)))
        for segment in SEGMENTS if measure_id == WEIGHTS else segments:
            for period in chance.sample(PERIODS, chance.randrange(1, len(PERIODS))):
                history.statements += _said(chance, measure_id, segment, parse_period(period))
    return history


def _said(chance: random.Random, measure_id: int, segment: str, period: Period) -> list[Statement]:
    batches = sorted(chance.sample(range(1, BATCHES + 1), chance.randrange(1, 3)))
    lowest = 0 if measure_id == WEIGHTS else -500
    said = [
        Statement(measure_id, segment, period, Decimal(chance.randrange(lowest, 500)) / 100, _sketch(chance), begun)
        for begun in batches
    ]
    for one, following in pairwise(said):
        one.ended = following.begun
    if chance.random() < 0.2:
        said[-1].ended = chance.randrange(said[-1].begun, BATCHES + 1)  # taken back, or never stood
    return said


def _sketch(chance: random.Random) -> Sparse:
    return of_places({chance.randrange(40): chance.randrange(1, 9) for _ in range(chance.randrange(5))})


async def record(address: str, history: History) -> None:
    """As the recording writes it, in two statements a table instead of thousands."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute("insert into tenants values (1, 'one')")
        await connection.execute(
            "insert into organizations (id, slug, name, currency, time_zone, undated_first) "
            "values (1, 'one', 'One', 'EUR', 'UTC', false)"
        )
        await connection.executemany(
            "insert into batches values (1, $1, $1, $2, 'record', 'test')",
            [(number, datetime(2026, 1, number, tzinfo=UTC)) for number in range(1, BATCHES + 1)],
        )
        await connection.execute("insert into sequences (organization_id, last) values (1, $1)", BATCHES)
        measures = {one.measure_id for one in history.statements}
        await connection.executemany("insert into measures values (1, $1, $2, 1)", [(m, f"m{m}") for m in measures])
        await connection.execute(INSERT, json.dumps([_row(one) for one in history.statements]))
        await connection.execute(
            "insert into series select organization_id, measure_id, segment, grain, min(period_start), null,"
            " max(period_start) from observations group by 1, 2, 3, 4"
        )
        await connection.execute("analyze observations, series, batches")  # as autovacuum does within a minute
    finally:
        await connection.close()


def _row(one: Statement) -> dict[str, object]:
    sketch = one.sketch or Sparse()
    return {
        "measure_id": one.measure_id,
        "segment": one.segment,
        "grain": one.period.grain.value,
        "period": one.period.text,
        "period_start": one.period.start.isoformat(),
        "period_end": one.period.end.isoformat(),
        "value": str(one.value),
        "places": list(sketch.places),
        "amounts": list(sketch.amounts),
        "batch_id": one.begun,
        "ended_in": one.ended,
    }


INSERT = """
insert into observations (
    organization_id, id, measure_id, segment, grain, period, period_start, period_end, value, text, position, origin,
    batch_id, ended_in, sketch_places, sketch_amounts
)
select
    1, row_number() over (), measure_id, segment, grain, period, period_start, period_end, value, '', 0, 'API',
    batch_id, ended_in, places, amounts
from jsonb_to_recordset($1::text::jsonb) as said (
    measure_id bigint, segment text, grain text, period text, period_start date, period_end date, value numeric,
    places integer[], amounts bigint[], batch_id bigint, ended_in bigint
)
"""


def _comparable(rolled: Rolled) -> tuple[object, ...]:
    value = None if rolled.value is None else round(rolled.value, 12)
    return value, rolled.absence, rolled.reason, rolled.completeness, rolled.sketch


@pytest.mark.parametrize("seed", range(2))
async def test_every_cell_is_as_in_python(addresses, database: Database, seed: int) -> None:
    """Every kind of measure, in every frame, in the whole, in parts and in parts of parts, now and as it was known."""
    history = random_history(seed)
    await record(addresses.owner, history)
    cells = [
        MeasureCell(segment, frame, how)
        for how in HOW
        for segment in ["", "plan=a", "region=us", "plan=b,region=eu", "plan=z"]
        for frame in FRAMES
    ]
    async with database.read([ORGANIZATION]) as connection:
        for number in (None, 3):
            fetch = connection.fetch
            if number is not None:
                await enter_past(fetch, ORGANIZATION, When(number))
                fetch = marked(fetch)
            rolled = await roll_up_cells(fetch, ORGANIZATION, cells)
            recorded = history.recorded(number)
            for cell, found in zip(cells, rolled, strict=True):
                expected = roll_up(recorded[int(cell.how.key[1:])], read_segment(cell.segment), cell.frame, cell.how)
                assert _comparable(found) == _comparable(expected), (cell, number)


async def test_amounts_of_another_currency_are_refused_and_disturb_no_other_period(addresses, database) -> None:
    history = History(
        [Statement(1, plan, parse_period("2026-01"), Decimal(5), None, 1) for plan in ("plan=a", "plan=b")]
    )
    history.statements.append(Statement(1, "plan=a", parse_period("2026-02"), Decimal(7), None, 1))
    await record(addresses.owner, history)
    connection = await asyncpg.connect(addresses.owner)
    await connection.execute("update observations set currency = 'USD' where segment = 'plan=b'")
    await connection.close()
    how = Additivity("m1", Across.SUM, OverTime.SUM)
    asked = [("", "2026-01"), ("plan=b", "2026-01"), ("plan=a", "2026-01"), ("", "2026-02"), ("", "2026-Q1")]
    cells = [MeasureCell(segment, frame_of(parse_period(period)), how) for segment, period in asked]
    async with database.read([ORGANIZATION]) as reading:
        found = await roll_up_cells(reading.fetch, ORGANIZATION, cells)
    assert [one.value for one in found] == [None, None, 5, 7, None]
    assert [one.absence for one in found] == [Absence.ERROR, Absence.ERROR, None, None, Absence.ERROR]
    assert "another currency" in found[0].reason


async def test_only_the_partitions_of_the_span_are_read_and_those_by_keys(addresses, database: Database) -> None:
    await record(addresses.owner, random_history(0))
    statement = rollup_statement(with_sketches=True)
    day, after = date(2026, 1, 1), date(2026, 4, 1)
    plan = "\n".join(
        row[0]
        for row in await _fetch(
            database,
            f"explain (analyze, costs off) {statement}",
            *(
                ORGANIZATION,
                day,
                after,
                ["m1"],
                [""],
                [day],
                [after],
                ["QUARTER,DAY"],
                ["SUM"],
                ["m99"],
                [1],
                [day],
                [after],
            ),
            ["SUM"],
        )
    )
    read = {line.split(" on ")[1].split()[0] for line in plan.splitlines() if " on observations_" in line}
    assert read == {"observations_2026"}, plan
    assert "Seq Scan on observations" not in plan


async def _fetch(database: Database, sql: str, *parameters: object) -> list[asyncpg.Record]:
    async with database.read([ORGANIZATION]) as connection:
        await connection.execute("set local enable_seqscan = off")
        rows: list[asyncpg.Record] = await connection.fetch(sql, *parameters)
        return rows
