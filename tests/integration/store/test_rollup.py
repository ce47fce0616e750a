"""Roll-up in PostgreSQL is roll-up in Python, whatever was recorded, corrected and taken back."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import asyncpg
import pytest

from kpi_server.domain.absence import Absence
from kpi_server.domain.calendar import Calendar, Weekday, WeekPattern
from kpi_server.domain.currency import DailyRate, Rates
from kpi_server.domain.frame import Frame, frame_of
from kpi_server.domain.measure import Across, OverTime
from kpi_server.domain.period import Grain, Period, parse_period, period_of
from kpi_server.domain.rollup import Additivity, Recorded, Rolled, roll_up
from kpi_server.domain.segment import WHOLE, read_segment
from kpi_server.domain.sketch.sparse import Sketch, Sparse, of_places
from kpi_server.services.past import When, enter_past
from kpi_server.store.database import Database
from kpi_server.store.past import marked
from kpi_server.store.reads import Fetch
from kpi_server.store.reads.rollup import (
    Column,
    MeasureCell,
    conversion_statement,
    observations_of_cells,
    roll_up_columns,
    rollup_statement,
)

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
    currency: str | None = None

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
        weights = {(one.segment, one.period): one for one in standing if one.measure_id == WEIGHTS}
        found: defaultdict[int, list[Recorded]] = defaultdict(list)
        for one in standing:
            recorded = Recorded(
                read_segment(one.segment), one.period, one.value, sketch=one.sketch, currency=one.currency
            )
            weight = weights.get((one.segment, one.period))
            if weight is not None and weight is not one:
                recorded = replace(recorded, weight=weight.value, weight_currency=weight.currency)
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
SKETCHED = [place for place, (_, _, sketch) in enumerate(MEASURES, 1) if sketch is not None]
HOW = [
    Additivity(
        f"m{place}",
        across,
        over_time,
        sketch,
        weight=f"m{WEIGHTS}" if across is Across.WEIGHTED else "",
        weight_is_flow=over_time is not OverTime.MIN,
    )
    for place, (across, over_time, sketch) in enumerate(MEASURES, 1)
]


RATES = Rates(
    "EUR",
    {
        "USD": [DailyRate(date(2024, 12, 1) + timedelta(29 * n), Decimal(80 + 3 * n).scaleb(-2)) for n in range(16)],
        "GBP": [DailyRate(date(2025, 12, 14), Decimal("1.15")), DailyRate(date(2026, 1, 8), Decimal("1.21"))],
    },
)
"""Of pounds nothing is known before the middle of December, and nothing at all of francs."""


def random_history(seed: int) -> History:
    """Sparse, by few or many of the segments and periods, some corrected or taken back, some of other currencies."""
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
    for one in said if measure_id not in SKETCHED else []:
        one.currency = chance.choices([None, "USD", "GBP", "CHF"], [70, 20, 9, 1])[0]
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
        rates = [(base, one.day, one.rate) for base, known in RATES.by_base.items() for one in known]
        await connection.executemany(
            "insert into exchange_rates (organization_id, id, key, position, origin, batch_id, base, quote, day, rate) "
            "values (1, $1, $1::bigint::text, 0, 'API', 1, $2, 'EUR', $3, $4)",
            [(number, *rate) for number, rate in enumerate(rates)],
        )
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
        "currency": one.currency,
    }


INSERT = """
insert into observations (
    organization_id, id, measure_id, segment, grain, period, period_start, period_end, value, text, position, origin,
    batch_id, ended_in, sketch_places, sketch_amounts, currency
)
select
    1, row_number() over (), measure_id, segment, grain, period, period_start, period_end, value, '', 0, 'API',
    batch_id, ended_in, places, amounts, currency
from jsonb_to_recordset($1::text::jsonb) as said (
    measure_id bigint, segment text, grain text, period text, period_start date, period_end date, value numeric,
    places integer[], amounts bigint[], batch_id bigint, ended_in bigint, currency text
)
"""


async def _roll_up(fetch: Fetch, cells: Sequence[MeasureCell], *, generated: bool = True) -> list[Rolled]:
    """For each cell what the measure is there, read with all others of its segment."""
    frames: defaultdict[tuple[str, Additivity], list[Frame]] = defaultdict(list)
    for cell in cells:
        frames[cell.segment, cell.how].append(cell.frame)
    columns = [Column(segment, own, how) for (segment, how), own in frames.items()]
    rolled = await roll_up_columns(fetch, ORGANIZATION, columns, generated=generated)
    found = {
        MeasureCell(column.segment, frame, column.how): value
        for column, values in zip(columns, rolled, strict=True)
        for frame, value in zip(column.frames, values, strict=True)
    }
    return [found[cell] for cell in cells]


def _comparable(rolled: Rolled) -> tuple[object, ...]:
    value = None if rolled.value is None else round(rolled.value, 12)
    return value, rolled.absence, rolled.reason, rolled.completeness, rolled.sketch


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.full)])  # six seconds each
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
            rolled = await _roll_up(fetch, cells)
            recorded = history.recorded(number)
            for cell, found in zip(cells, rolled, strict=True):
                known = recorded[int(cell.how.key[1:])]
                expected = roll_up(known, read_segment(cell.segment), cell.frame, cell.how, RATES)
                assert _comparable(found) == _comparable(expected), (cell, number)


async def test_amounts_are_converted_each_by_its_rate_and_a_missing_one_disturbs_no_other_period(
    addresses, database: Database
) -> None:
    january = [("", None), ("plan=a", None), ("plan=b", "USD")]
    history = History(
        [
            Statement(measure, segment, parse_period("2026-01"), Decimal(5), None, 1, currency=currency)
            for measure in (1, 2)
            for segment, currency in january[1:]
        ]
    )
    history.statements += [
        Statement(1, "plan=a", parse_period("2026-02"), Decimal(7), None, 1),
        Statement(2, "plan=a", parse_period("2026-03"), Decimal(7), None, 1, currency="CHF"),
    ]
    await record(addresses.owner, history)
    flow, balance = (Additivity(f"m{n}", Across.SUM, over) for n, over in ((1, OverTime.SUM), (2, OverTime.LAST)))
    asked = [
        *((segment, "2026-01", flow) for segment, _ in january),
        *(("", period, flow) for period in ("2026-02", "2026-Q1")),
        *(("", period, balance) for period in ("2026-01", "2026-03", "2026-Q1")),
    ]
    cells = [MeasureCell(segment, frame_of(parse_period(period)), how) for segment, period, how in asked]
    async with database.read([ORGANIZATION]) as reading:
        found = await _roll_up(reading.fetch, cells)
    # a dollar is 1.19 up to 10 January and 1.22 from the 11th on: (10 · 1.19 + 21 · 1.22) / 31 = 1.210322580645…
    assert [one.value for one in found[:6]] == [
        *(Decimal("11.051612903225"), 5, Decimal("6.051612903225")),
        *(7, Decimal("18.051612903225")),
        Decimal("11.10"),
    ]
    refused = "amounts of m2 cannot be converted: no rate from CHF to EUR is known on 2026-03-31"
    assert [(one.value, one.absence, one.reason) for one in found[6:]] == [(None, Absence.ERROR, refused)] * 2


WEEKS = Calendar(week_start=Weekday.THURSDAY, pattern=WeekPattern.FOUR_FOUR_FIVE)
"""By which months of 2026 begin on 1 and 29 January and on 26 February, the last of five weeks."""


async def test_months_of_two_calendars_that_begin_on_one_day_are_kept_apart(addresses, database: Database) -> None:
    """Plan a goes by months of 31 days still, plan b by four weeks, plan c by five: the longest is what there is."""
    month, four = parse_period("2026-01"), parse_period("FY2026-P01", WEEKS)
    five = parse_period("FY2026-P01", replace(WEEKS, pattern=WeekPattern.FIVE_FOUR_FOUR))
    assert [one.start for one in (month, four, five)] == [date(2026, 1, 1)] * 3
    assert [one.end.toordinal() - one.start.toordinal() for one in (month, four, five)] == [31, 28, 35]
    flow, weight = Additivity("m1", Across.SUM, OverTime.SUM), f"m{WEIGHTS}"
    mean = Additivity("m2", Across.WEIGHTED, OverTime.AVG, weight=weight)
    users = Additivity("m3", Across.MERGE, OverTime.MERGE, Sketch.HISTOGRAM)
    money = Additivity("m4", Across.SUM, OverTime.SUM)
    said = [("plan=a", month, 10), ("plan=b", four, 4), ("plan=c", five, 7)]
    history = History(
        [
            Statement(measure, segment, period, Decimal(value), of_places({measure: value}), 1, currency=currency)
            for measure, foreign in ((1, ""), (2, ""), (3, ""), (4, "plan=b"), (WEIGHTS, ""))
            for segment, period, value in said
            for currency in ["CHF" if segment == foreign else None]  # of which no rate is known: it must not count
        ]
    )
    await record(addresses.owner, history)
    cells = [MeasureCell("", frame_of(one), how) for how in (flow, mean, users, money) for one in (month, four, five)]
    async with database.read([ORGANIZATION]) as reading:
        found = await _roll_up(reading.fetch, cells)
        parts = await observations_of_cells(reading.fetch, ORGANIZATION, cells[:3], most=10)
    assert [one.value for one in found] == [10, 4, 7, 10, 4, 7, 10, 4, 7, 10, None, 7]
    assert [[row["segment"] for row in rows] for rows in parts] == [["plan=a"], ["plan=b"], ["plan=c"]]
    recorded = history.recorded(None)
    for cell, one in zip(cells, found, strict=True):
        expected = roll_up(recorded[int(cell.how.key[1:])], WHOLE, cell.frame, cell.how, RATES)
        assert _comparable(one) == _comparable(expected), cell


async def test_generated_observations_and_weights_are_left_out_where_they_are_not_wanted(addresses, database) -> None:
    january = parse_period("2026-01")
    history = History(
        [
            Statement(measure, f"plan={plan}", january, Decimal(value), None, 1)
            for measure, by_plan in ((1, (4, 8)), (2, (4, 8)), (WEIGHTS, (1, 3)))
            for plan, value in zip("ab", by_plan, strict=True)
        ]
    )
    await record(addresses.owner, history)
    flow = Additivity("m1", Across.SUM, OverTime.SUM)
    mean = Additivity("m2", Across.WEIGHTED, OverTime.AVG, weight=f"m{WEIGHTS}")
    cells = [MeasureCell("", frame_of(january), how) for how in (flow, mean)]

    async def rolled(generated: str) -> list[Rolled]:
        connection = await asyncpg.connect(addresses.owner)
        await connection.execute("update observations set origin = 'API'")
        await connection.execute(f"update observations set origin = 'GENERATED' where {generated}")
        await connection.close()
        async with database.read([ORGANIZATION]) as reading:
            found: list[Rolled] = await _roll_up(reading.fetch, cells, generated=False)
            assert [one.value for one in await _roll_up(reading.fetch, cells)] == [12, 7]
        return found

    assert [one.value for one in await rolled("segment = 'plan=b'")] == [4, 4]
    weightless = await rolled(f"measure_id = {WEIGHTS} and segment = 'plan=b'")
    assert [(one.value, one.absence) for one in weightless] == [(12, None), (None, Absence.NO_DATA)]


@pytest.mark.parametrize(
    ("statement", "flows"), [(rollup_statement(with_sketches=True), ()), (conversion_statement(), ([True], [True]))]
)
async def test_only_the_partitions_of_the_span_are_read_and_those_by_keys(
    addresses, database: Database, statement: str, flows: tuple[list[bool], ...]
) -> None:
    await record(addresses.owner, random_history(0))
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
                "{1}",
                [day],
                [after],
            ),
            "{SUM}",
            *flows,
        )
    )
    read = {line.split(" on ")[1].split()[0] for line in plan.splitlines() if " on observations_" in line}
    assert read == {"observations_2026"}, plan
    assert "Seq Scan on observations" not in plan
    assert "Seq Scan on exchange_rates" not in plan
    assert ("exchange_rates" in plan) == bool(flows)


async def _fetch(database: Database, sql: str, *parameters: object) -> list[asyncpg.Record]:
    async with database.read([ORGANIZATION]) as connection:
        await connection.execute("set local enable_seqscan = off")
        rows: list[asyncpg.Record] = await connection.fetch(sql, *parameters)
        return rows
