"""What is recorded makes dirty what stands on it: no more, no less, and in the same transaction."""

import pytest

from kpi_server.domain.calendar import ISO
from kpi_server.services import marking
from kpi_server.services.marking import mark
from kpi_server.store.dirty import read_recorded
from tests.integration.bakery import HERE, NOW, family, load, retract, tell

DIRTY = (
    "select kpi.key, segment, period, last from dirty_cells as cell join kpis as kpi on kpi.id = kpi_id "
    "join batches on batches.id = cell.batch_id cross join lateral (select sequence as last) as number"
)


@pytest.fixture(scope="module")
def registry():
    return family()


async def _dirty(database, organization=HERE):
    async with database.read([organization]) as connection:
        return {tuple(row) for row in await connection.fetch(DIRTY)}


async def _clean(database):
    async with database.write(HERE, action="a test", actor="a test") as write:
        await (await write.driver()).execute("delete from dirty_cells")
        write.keep()


async def test_what_is_recorded_of_a_part_marks_the_part_and_the_whole_in_every_period_that_reads_it(bakery, registry):
    receipt = await tell(bakery, registry, ("lost", "2026-02", "plan=pro", 3))
    assert await _dirty(bakery) == {
        (f"bakery.{key}", segment, period, receipt.version)
        for segment in ("", "plan=pro")
        for key, period in (("waste", "2026-02"), ("change_of_waste", "2026-02"), ("change_of_waste", "2026-03"))
    }


async def test_periods_that_have_not_begun_are_not_marked(bakery, registry):
    await tell(bakery, registry, ("baked", "2026-05-31", None, 3))
    assert {(key, period) for key, _, period, _ in await _dirty(bakery)} == {
        ("bakery.waste", "2026-05"),
        ("bakery.change_of_waste", "2026-05"), ("bakery.change_of_waste", "2026-06"),
        ("bakery.lately", "2026-05"), ("bakery.lately", "2026-06"),
        ("bakery.per_oven", "2026-05"),
    }  # fmt: skip


async def test_what_was_stated_before_marks_nothing_and_a_correction_does(bakery, registry):
    said = ("ovens", "2026-02", None, 3)
    await tell(bakery, registry, said)
    await _clean(bakery)
    await tell(bakery, registry, said, ("ovens", "2026-04", None, 4))
    assert {period for _, _, period, _ in await _dirty(bakery)} == {"2026-04", "2026-05"}
    await tell(bakery, registry, ("ovens", "2026-02", None, 5))
    assert {period for _, _, period, _ in await _dirty(bakery)} == {"2026-02", "2026-03", "2026-04", "2026-05"}


async def test_what_is_taken_back_marks_what_stood_on_it(bakery, registry):
    await tell(bakery, registry, ("ovens", "2026-02", "plan=pro", 3), ("ovens", "2026-04", None, 3))
    await _clean(bakery)
    await retract(bakery, registry, "bakery.ovens", "2026-02", "till")
    assert {(segment, period) for _, segment, period, _ in await _dirty(bakery)} == {
        (segment, period) for segment in ("", "plan=pro") for period in ("2026-02", "2026-03")
    }


async def test_another_rate_marks_what_stands_on_amounts_of_other_currencies(bakery, registry, tmp_path):
    await tell(bakery, registry, ("takings", "2026-02", "plan=pro", 3), currency="USD")
    await tell(bakery, registry, ("takings", "2026-03", None, 3), currency="EUR")
    await _clean(bakery)
    rate = '{base: USD, quote: EUR, day: "2026-01-01", rate: "0.9", source: "menu:7"}'
    await load(bakery, registry, tmp_path, f"exchange_rates:\n  - {rate}\n")
    assert {(key, segment, period) for key, segment, period, _ in await _dirty(bakery)} == {
        ("bakery.turnover", segment, "2026-02") for segment in ("", "plan=pro")
    }
    await _clean(bakery)
    await load(bakery, registry, tmp_path, f"exchange_rates:\n  - {rate}\n")
    assert await _dirty(bakery) == set()


async def test_what_was_written_is_marked_whole_however_little_is_held_at_once(bakery, registry, monkeypatch):
    stated = [("lost", f"2026-0{month}", f"plan={plan}", 3) for month in range(1, 6) for plan in "abc"[: month % 3 + 1]]
    await tell(bakery, registry, *stated)
    whole = {cell[:3] for cell in await _dirty(bakery)}
    await _clean(bakery)
    sizes, keep = [], marking.keep_dirty

    async def noted(write, cells):
        sizes.append(len(cells))
        await keep(write, cells)

    monkeypatch.setattr(marking, "TOGETHER", 4)
    monkeypatch.setattr(marking, "keep_dirty", noted)
    await tell(bakery, registry, *((*cell, 4) for *cell, _ in stated))
    assert {cell[:3] for cell in await _dirty(bakery)} == whole
    assert max(sizes) == 4


async def test_a_year_of_days_is_read_as_one_row_for_each_set_of_segments(bakery, registry):
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    stated = [("baked", day, segment, 1) for day in days for segment in (None, "plan=pro")]
    await tell(bakery, registry, *stated, ("baked", "2026-01-01", "plan=pro", 1))
    async with bakery.write(HERE, action="a test", actor="a test") as write:
        read = [one async for one in read_recorded(write, ["bakery.baked"], ISO)]
    found = sorted((sorted(one.segments), len(one.periods)) for one in read)
    assert found == [(["", "plan=pro"], len(days)), (["plan=pro"], 1)]


async def test_of_what_no_metric_reads_the_database_is_asked_nothing(registry):
    await mark(None, registry, NOW, ["custom.loaves", "bakery.waste"])
