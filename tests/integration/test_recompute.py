"""What was marked is calculated again, once, by whoever comes; what comes of it equals a full rebuild."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import strawberry

from kpi_server.app import assemble
from kpi_server.domain.absence import Absent
from kpi_server.domain.calculation import Line, Wanted
from kpi_server.domain.period import parse_period
from kpi_server.errors import TooMany
from kpi_server.services import recompute as service
from kpi_server.services.calculation import calculating
from kpi_server.services.calculation.calculating import Books, calculate, calculate_all
from kpi_server.services.calculation.reading import read_values
from kpi_server.services.recompute import Recomputed, catch_up, mark_all, recompute
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.bakery import HERE, NOW, family, retract, tell


@strawberry.type
class Query:
    here: bool = True


NOTHING = strawberry.Schema(Query)
"""The background needs no schema."""

REVISIONS = """
select kpi.key, segment, period, coalesce(value::text, text, absence) as outcome, begun.sequence as begun,
    ended.sequence as ended
from computed_values as revision
join kpis as kpi on kpi.id = kpi_id
join batches as begun on begun.id = revision.batch_id
left join batches as ended on ended.id = revision.ended_in
order by key, segment, period_start, revision.id
"""


@pytest.fixture(scope="module")
def registry():
    return family()


async def _rows(database, statement, organization=HERE):
    async with database.read([organization]) as connection:
        return [tuple(row) for row in await connection.fetch(statement)]


async def _dirty(database):
    return len(await _rows(database, "select from dirty_cells"))


async def _work(database, registry, later=timedelta(0), **more):
    """All batches until nothing is dirty, as they were done so long after now."""
    return [one async for one in catch_up(database, registry, [HERE], clock=lambda: NOW + later, **more)]


async def test_values_are_calculated_kept_under_one_number_and_clean(bakery, registry):
    told = await tell(bakery, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", None, 60))
    assert await _work(bakery, registry) == [Recomputed(6, 6, 6)]
    number = told.version + 1
    assert await _rows(bakery, REVISIONS) == [
        ("bakery.change_of_waste", "", "2026-05", "NO_DATA", number, None),  # of April nothing is known
        ("bakery.change_of_waste", "", "2026-06", "NO_DATA", number, None),
        ("bakery.lately", "", "2026-05", "60", number, None),
        ("bakery.lately", "", "2026-06", "60", number, None),
        ("bakery.per_oven", "", "2026-05", "NO_DATA", number, None),
        ("bakery.waste", "", "2026-05", "0.05", number, None),
    ]
    assert await _dirty(bakery) == 0


async def test_a_correction_ends_only_the_revisions_that_it_changes(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", None, 60))
    await _work(bakery, registry)
    told = await tell(bakery, registry, ("lost", "2026-05", None, 6))
    (done,) = await _work(bakery, registry)
    assert (done.cells, done.done, done.changed) == (3, 3, 1)
    waste = [row for row in await _rows(bakery, REVISIONS) if row[0] == "bakery.waste"]
    assert waste == [
        ("bakery.waste", "", "2026-05", "0.05", told.version - 1, told.version + 1),
        ("bakery.waste", "", "2026-05", "0.1", told.version + 1, None),
    ]


async def test_what_comes_out_as_before_writes_nothing_and_takes_no_number(bakery, registry):
    await tell(bakery, registry, ("ovens", "2026-05", None, 3))
    await _work(bakery, registry)
    before = await _rows(bakery, "select last from sequences")
    assert await mark_all(bakery, registry, HERE, clock=lambda: NOW) == 2
    (done,) = await _work(bakery, registry)
    assert (done.done, done.changed) == (2, 0)
    assert await _rows(bakery, "select last from sequences") == before
    assert await _dirty(bakery) == 0


async def test_a_worker_that_dies_between_lease_and_write_is_followed_by_another(bakery, registry, monkeypatch):
    await tell(bakery, registry, ("ovens", "2026-05", None, 3))

    async def dies(*_):
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(service, "keep_computed", dies)
        with pytest.raises(ConnectionResetError):
            await _work(bakery, registry)
    assert await _work(bakery, registry) == []
    assert await _work(bakery, registry, service.LEASE - timedelta(seconds=1)) == []
    (done,) = await _work(bakery, registry, service.LEASE)
    assert (done.done, done.changed) == (2, 2)


async def test_what_a_slow_worker_brings_after_its_lease_was_taken_over_is_dropped(bakery, registry, monkeypatch):
    await tell(bakery, registry, ("ovens", "2026-05", None, 3))
    keep, late = service.keep_computed, []

    async def overtaken(write, *given):
        monkeypatch.setattr(service, "keep_computed", keep)
        late.extend(await _work(bakery, registry, service.LEASE))
        return await keep(write, *given)

    async def unlocked(_write):
        return None

    monkeypatch.setattr(service, "keep_computed", overtaken)
    monkeypatch.setattr("kpi_server.store.database.Write.wait_for_others", unlocked)
    assert [(one.done, one.changed) for one in await _work(bakery, registry)] == [(0, 0)]
    assert [(one.done, one.changed) for one in late] == [(2, 2)]


async def test_what_is_recorded_while_a_cell_is_calculated_is_not_lost(bakery, registry, monkeypatch):
    await tell(bakery, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", None, 60))
    calculated, told = service.calculate_all, []

    async def while_somebody_records(*given):
        async for values in calculated(*given):
            yield values
        if not told:
            told.append(await tell(bakery, registry, ("lost", "2026-05", None, 6)))

    monkeypatch.setattr(service, "calculate_all", while_somebody_records)
    assert [(one.cells, one.done) for one in await _work(bakery, registry)] == [(6, 3), (3, 3)]
    standing = [row for row in await _rows(bakery, REVISIONS) if row[0] == "bakery.waste"]
    assert standing == [("bakery.waste", "", "2026-05", "0.1", told[0].version + 2, None)]


async def test_two_workers_at_once_write_each_cell_once(bakery, registry):
    stated = [("baked", f"2026-0{month}", f"plan={plan}", 10 + month) for month in range(1, 6) for plan in "abcdef"]
    await tell(bakery, registry, *stated)
    cells = await _dirty(bakery)
    found = await asyncio.gather(*(_work(bakery, registry, most=7) for _ in range(3)))
    assert sum(one.done for worker in found for one in worker) == cells
    assert len(await _rows(bakery, REVISIONS)) == cells
    assert {ended for *_, ended in await _rows(bakery, REVISIONS)} == {None}


async def test_several_batches_at_a_time_write_each_cell_once_and_the_failure_of_one_is_told(
    bakery, registry, monkeypatch
):
    stated = [("baked", f"2026-0{month}", f"plan={plan}", 10 + month) for month in range(1, 6) for plan in "abcdef"]
    await tell(bakery, registry, *stated)
    cells = await _dirty(bakery)
    keep, calls = service.keep_computed, []

    async def fails_once(*given):
        calls.append(given)
        if len(calls) == 1:
            raise ConnectionResetError
        return await keep(*given)

    monkeypatch.setattr(service, "keep_computed", fails_once)
    with pytest.raises(ConnectionResetError):
        await _work(bakery, registry, most=20, lanes=2)
    kept = cells - await _dirty(bakery)
    assert 0 < kept < cells  # what the other lane had leased
    later = await _work(bakery, registry, service.LEASE, most=20, lanes=3)
    assert sum(one.done for one in later) == cells - kept
    assert len(await _rows(bakery, REVISIONS)) == cells


async def test_a_formula_that_fails_marks_its_own_cells_and_the_others_are_kept(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", None, 60))

    class Failing:
        def __getattr__(self, name):
            return getattr(registry.calculators["bakery.waste"], name)

        def evaluate(self, _amounts):
            raise RecursionError

    broken = replace(registry, calculators={**registry.calculators, "bakery.waste": Failing()})
    await _work(bakery, broken)
    found = {(key, period): outcome for key, _, period, outcome, *_ in await _rows(bakery, REVISIONS)}
    assert (found["bakery.waste", "2026-05"], found["bakery.lately", "2026-05"]) == ("ERROR", "60")


async def test_cells_of_a_kpi_that_is_gone_are_dropped(bakery, registry):
    await tell(bakery, registry, ("ovens", "2026-05", None, 3))
    async with bakery.write(HERE, action="a test", actor="a test") as write:
        await (await write.driver()).execute("update dirty_cells set kpi_id = 1")
        write.keep()
    assert await _work(bakery, registry) == [Recomputed(2, 2, 0)]


async def test_an_organization_s_cells_are_nobody_else_s(bakery, registry):
    await tell(bakery, registry, ("ovens", "2026-05", None, 3))
    assert await recompute(bakery, registry, id_of("shop")) == Recomputed()
    assert await _dirty(bakery) == 2


@pytest.mark.parametrize("switched_on", [True, False])
async def test_a_server_calculates_in_the_background_unless_told_not_to(bakery, registry, addresses, switched_on):
    await tell(bakery, registry, ("ovens", "2026-05", None, 3))
    settings = Settings(_env_file=None, database_url=addresses.server, recompute=switched_on, graphiql=False)
    app = assemble(settings, registry, NOTHING)
    async with app.router.lifespan_context(app), asyncio.timeout(60):
        tasks = [task for task in asyncio.all_tasks() if task.get_coro().__name__ == "keep_up"]
        assert len(tasks) == switched_on
        while switched_on and await _dirty(bakery):
            assert not tasks[0].done()
    assert all(task.cancelled() for task in tasks)


async def test_a_late_row_touches_what_stands_on_it_however_much_else_there_is(bakery, registry, monkeypatch):
    roll_up, rolled = calculating.roll_up_columns, []

    async def noted(fetch, organization_id, columns, **more):
        rolled.append(sum(len(column.frames) for column in columns))
        return await roll_up(fetch, organization_id, columns, **more)

    monkeypatch.setattr(calculating, "roll_up_columns", noted)
    for days in (3, 28):
        dates = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, days + 1)]
        parts = [(key, segment) for key in ("baked", "lost") for segment in (None, "plan=a")]
        await tell(bakery, registry, *((key, date, segment, 7) for date in dates for key, segment in parts))
        await _work(bakery, registry)
        rolled.clear()
        await tell(bakery, registry, ("lost", "2025-03-02", None, days))
        # Its share of the month, and what that changed by in this month and the next: of the whole alone, by one batch
        # that reads what was lost and baked from February to April.
        assert [(one.cells, one.done) for one in await _work(bakery, registry)] == [(3, 3)]
        assert rolled == [6]


async def test_what_stands_on_too_much_for_one_statement_is_calculated_by_several(bakery, registry, monkeypatch):
    for number, month in enumerate(PERIODS[:6], 1):
        await tell(bakery, registry, ("lost", month, None, number), ("baked", month, None, 10 * number + number % 3))
    keys, months = ("bakery.waste", "bakery.change_of_waste"), tuple(map(parse_period, PERIODS[:6]))
    lines, books = [Line(key, "", months) for key in keys], Books(HERE, NOW.date())
    async with bakery.read([HERE]) as connection:
        wanted = [Wanted(line.key, "", month) for line in lines for month in months]
        whole = await calculate(connection.fetch, registry, books, wanted)
        assert all(isinstance(one.outcome, Decimal) for one in whole[:6])
        for most in (14, 5, 4):  # all together, a line, or a few months of one: a change reads four cells
            monkeypatch.setattr(calculating, "MOST_LEAVES", most)
            found = [one async for some in calculate_all(connection.fetch, registry, books, lines) for one in some]
            assert found == whole
        monkeypatch.setattr(calculating, "MOST_LEAVES", 3)
        with pytest.raises(TooMany, match="stand on 4 cells of measures; 3 are allowed"):
            _ = [some async for some in calculate_all(connection.fetch, registry, books, lines)]


SEGMENTS = [None, "plan=a", "plan=b", "plan=a,region=eu", "plan=b,region=us", "plan=a,region=eu,shop=main"]
PERIODS = [*(f"2026-0{month}" for month in range(1, 7)), "2026-03-05", "2026-03-06", "2025-12", "2026-Q1"]
STANDING = """
select kpi.key, segment, period, value, text, absence, reason, stale
from computed_values as revision join kpis as kpi on kpi.id = kpi_id
where ended_in is null
"""


async def test_after_any_history_what_is_kept_equals_a_full_rebuild(bakery, registry):
    chance = random.Random(5)  # noqa: S311 - the same each run
    for _ in range(6):
        for _ in range(8):
            await _happen(bakery, registry, chance)
        await _work(bakery, registry)
        kept = await _rows(bakery, STANDING)
        assert len(kept) == len({row[:3] for row in kept}) > 40
        assert kept == await _computed(bakery, registry, [row[:3] for row in kept])
        await _check_reading(bakery, registry)
        assert await mark_all(bakery, registry, HERE, clock=lambda: NOW) >= len(kept)
        assert {row[:3] for row in kept} == set(await _rows(bakery, CELLS))
        assert [one.changed for one in await _work(bakery, registry)] == [0]


CELLS = "select kpi.key, segment, period from dirty_cells join kpis as kpi on kpi.id = kpi_id"


async def _happen(bakery, registry, chance):
    """Values are recorded, late and again, some by another system; some are taken back; some are calculated."""
    measure, source = chance.choice(["lost", "baked", "ovens"]), chance.choice(["till", "ledger"])
    cells = {(measure, chance.choice(PERIODS), chance.choice(SEGMENTS)) for _ in range(4)}
    await tell(bakery, registry, *((*cell, chance.randrange(3)) for cell in sorted(cells, key=str)), source=source)
    if chance.random() < 0.3:
        await retract(bakery, registry, f"bakery.{measure}", chance.choice(PERIODS), source)
    if chance.random() < 0.3:
        await recompute(bakery, registry, HERE, most=chance.randrange(1, 30), clock=lambda: NOW)


async def _check_reading(bakery, registry):
    """Where nothing is pending, what is read is what would be calculated: at every grain, kept or not."""
    wanted = [
        Wanted(f"bakery.{key}", segment or "", parse_period(period))
        for key in ("waste", "change_of_waste", "lately", "per_oven", "unmanaged", "baked")
        for segment in SEGMENTS
        for period in (*PERIODS, "2026-04", "2026-07", "2026-Q2", "2026")
    ]
    async with bakery.read([HERE]) as connection:
        books = Books(HERE, NOW.date())
        read = await read_values(connection.fetch, registry, books, wanted)
        calculated = await calculate(connection.fetch, registry, books, wanted)
    bare = [[one._replace(inputs=(), kept_in=None) for one in found] for found in (read, calculated)]
    assert bare[0] == bare[1]
    assert sum(one.inputs != two.inputs for one, two in zip(read, calculated, strict=True)) > 40  # what is kept


async def _computed(bakery, registry, cells):
    """What KPIs are when they are asked for, as revisions have it."""
    wanted = [Wanted(key, segment, parse_period(period)) for key, segment, period in cells]
    async with bakery.read([HERE]) as connection:
        found = await calculate(connection.fetch, registry, Books(HERE, NOW.date()), wanted)
    return [(*cell, *_shown(one.outcome), one.stale) for cell, one in zip(cells, found, strict=True)]


def _shown(outcome):
    if isinstance(outcome, Absent):
        return None, None, outcome.absence.value, outcome.reason
    return outcome, None, None, None
