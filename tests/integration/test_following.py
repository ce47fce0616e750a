"""What is kept follows the KPIs, their formulas and the organization's calendar."""

from dataclasses import replace

import pytest

from kpi_server.services.catalog.loading import seed
from kpi_server.services.recompute import catch_up, follow_all
from tests.integration.bakery import CATALOG, HERE, NOW, family, load, tell

STANDING = (
    "select key, segment, period, version, coalesce(value::text, absence) from computed_values as revision "
    "join measures on measures.id = kpi_id where ended_in is null"
)
DIRTY = "select key, period from dirty_cells join measures on measures.id = kpi_id"


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
async def bakery(database, registry, tmp_path):
    """Of May it is known what was lost and baked, and everything is calculated."""
    await load(database, registry, tmp_path)
    await tell(database, registry, ("lost", "2024-05-04", None, 3), ("baked", "2024-05-04", None, 60))
    await _work(database, registry)
    return database


async def _rows(database, statement):
    async with database.read([HERE]) as connection:
        return {tuple(row) for row in await connection.fetch(statement)}


async def _work(database, registry):
    return sum([one.changed async for one in catch_up(database, registry, [HERE], clock=lambda: NOW)])


async def _load(database, registry, folder, catalog):
    (folder / "a.yaml").write_text(catalog, encoding="utf-8")
    (receipt,) = await seed(database, registry, [folder])
    assert receipt.problems == ()
    return receipt


def _with_version(registry, key, version):
    again = replace(registry.calculators[key], version=version)
    return replace(registry, calculators={**registry.calculators, key: again})


async def test_where_nothing_is_another_nothing_is_marked(bakery, registry, tmp_path):
    await follow_all(bakery, registry, [HERE], clock=lambda: NOW)
    assert (await _load(bakery, registry, tmp_path, CATALOG)).sequence is None
    assert await _rows(bakery, DIRTY) == set()


async def test_another_version_of_a_formula_marks_its_values_and_those_of_whoever_reads_it(bakery, registry):
    upgraded = _with_version(registry, "bakery.waste", 2)
    await follow_all(bakery, upgraded, [HERE], clock=lambda: NOW)
    assert await _rows(bakery, DIRTY) == {
        ("bakery.waste", "2024-05"),
        ("bakery.change_of_waste", "2024-05"),
        ("bakery.change_of_waste", "2024-06"),
    }
    assert await _work(bakery, upgraded) == 1  # the others come out as before, by the same version
    standing = await _rows(bakery, STANDING)
    assert ("bakery.waste", "", "2024-05", 2, "0.05") in standing
    assert len(standing) == 7  # what is baked in May counts in three months of `lately`
    await follow_all(bakery, upgraded, [HERE], clock=lambda: NOW)
    assert await _rows(bakery, DIRTY) == set()


async def test_another_formula_of_the_same_version_is_told_and_its_values_are_calculated_again(
    bakery, registry, caplog
):
    waste, pays = registry.calculators["bakery.waste"], registry.calculators["bakery.unmanaged"]
    swapped = replace(waste, tree=pays.tree)  # baked / lost
    changed = replace(registry, calculators={**registry.calculators, "bakery.waste": swapped})
    await follow_all(bakery, changed, [HERE], clock=lambda: NOW)
    (told,) = caplog.messages
    assert told.startswith("bakery.waste: its formula is another than its version 1 had before.")
    await _work(bakery, changed)
    assert ("bakery.waste", "", "2024-05", 1, "20") in await _rows(bakery, STANDING)
    caplog.clear()
    await follow_all(bakery, changed, [HERE], clock=lambda: NOW)
    await follow_all(bakery, _with_version(changed, "bakery.waste", 2), [HERE], clock=lambda: NOW)
    assert caplog.messages == []


async def test_a_formula_that_no_kpi_is_of_marks_whoever_reads_it(bakery, registry, tmp_path):
    without = "".join(line for line in CATALOG.splitlines(keepends=True) if "bakery.waste" not in line)
    await _load(bakery, registry, tmp_path, without)
    await follow_all(bakery, _with_version(registry, "bakery.waste", 2), [HERE], clock=lambda: NOW)
    assert {key for key, _ in await _rows(bakery, DIRTY)} == {"bakery.change_of_waste"}


async def test_values_of_a_kpi_that_goes_stand_no_longer_and_of_one_that_comes_are_calculated(
    bakery, registry, tmp_path
):
    before = await _rows(bakery, STANDING)
    without = "".join(line for line in CATALOG.splitlines(keepends=True) if "bakery.lately" not in line)
    gone = await _load(bakery, registry, tmp_path, without)
    assert await _rows(bakery, STANDING) == {row for row in before if row[0] != "bakery.lately"}
    ended = "select distinct sequence from computed_values join batches on batches.id = ended_in"
    assert await _rows(bakery, ended) == {(gone.sequence,)}
    assert await _rows(bakery, DIRTY) == set()
    await _load(bakery, registry, tmp_path, CATALOG)
    assert await _rows(bakery, DIRTY) == {("bakery.lately", f"2024-0{month}") for month in (5, 6, 7)}
    await _work(bakery, registry)
    assert await _rows(bakery, STANDING) == before


async def test_in_another_calendar_other_periods_stand(bakery, registry, tmp_path):
    weekly = CATALOG.replace("currency: EUR", 'currency: EUR, calendar: {pattern: "4-4-5"}')
    await _load(bakery, registry, tmp_path, weekly)
    # The seventh month, after 26 weeks, begins on 1 July in both calendars, and is waiting to be calculated again.
    assert {(key, period) for key, _, period, _, _ in await _rows(bakery, STANDING)} == {("bakery.lately", "2024-07")}
    await _work(bakery, registry)
    # 4 May 2024 is in the eighteenth week of the fiscal year: 4 + 4 + 5 + 4 = 17 are before its fifth month.
    found = {(key, period) for key, _, period, _, _ in await _rows(bakery, STANDING)}
    assert {("bakery.waste", "FY2024-P05"), ("bakery.lately", "FY2024-P05")} < found
    assert {period[:6] for _, period in found} == {"FY2024"}
