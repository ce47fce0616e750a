"""What is recorded makes dirty what stands on it: no more, no less, and in the same transaction."""

import pytest

from kpi_server.services.marking import mark
from tests.integration.bakery import HERE, NOW, family, load, retract, tell

DIRTY = (
    "select kpi.key, segment, period, last from dirty_cells as cell join kpis as kpi on kpi.id = kpi_id "
    "join batches on batches.id = cell.batch_id cross join lateral (select sequence as last) as number"
)


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
async def bakery(database, registry, tmp_path):
    await load(database, registry, tmp_path)
    return database


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


async def test_of_what_no_metric_reads_the_database_is_asked_nothing(registry):
    await mark(None, registry, NOW, ["custom.loaves", "bakery.waste"])
