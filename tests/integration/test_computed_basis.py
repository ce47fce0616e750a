"""A KPI of which the computed value is current: its standing follows what is kept, and facts alone count in it."""

import pytest

from kpi_server.services.catalog.loading import seed
from kpi_server.services.past import When, enter_past
from kpi_server.services.recompute import catch_up
from kpi_server.store.past import marked
from tests.integration.bakery import CATALOG, HERE, NOW, family, load, retract, tell

ROW = '{kpi: bakery.waste, source: "menu:12", name: Waste, current: "7%", target: "<6%"}'
CURRENT = """
select segment, period, value, previous_period, previous_value, status, figure_id is null as is_computed,
    standing.origin
from kpi_current as standing join kpis as kpi on kpi.id = kpi_id where kpi.key = 'bakery.waste' order by segment
"""


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
async def bakery(database, registry, tmp_path):
    """Documents say that 7 % are lost and less than 6 % should be; 3 of 60 loaves were in April, 2 of 80 in May."""
    await switch(database, registry, tmp_path, "REPORTED")
    stated = [("lost", "2026-04", None, 3), ("baked", "2026-04", None, 60)]
    await tell(database, registry, *stated, ("lost", "2026-05", None, 2), ("baked", "2026-05", None, 80))
    await work(database, registry)
    return database


async def switch(database, registry, folder, basis):
    """Declare which value of the KPI is current."""
    rows = f"kpi_rows:\n  - {ROW}\n"
    text = CATALOG.replace("name: Waste}", f"name: Waste, basis: {basis}}}") + rows
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    (receipt,) = await seed(database, registry, [folder])
    assert receipt.problems == ()
    return receipt.sequence


async def work(database, registry):
    _ = [one async for one in catch_up(database, registry, [HERE], clock=lambda: NOW)]


async def current(database, number=None):
    async with database.read([HERE]) as connection:
        fetch = connection.fetch
        if number is not None:
            await enter_past(fetch, HERE, When(number))
            fetch = marked(fetch)
        return [
            tuple(float(cell) if name.endswith("value") and cell is not None else cell for name, cell in row.items())
            for row in await fetch(CURRENT)
        ]


async def last(database):
    async with database.read([HERE]) as connection:
        return await connection.fetchval("select last from sequences")


REPORTED = [("", None, 0.07, None, None, "MISSED", False, "CATALOG")]
COMPUTED = [("", "2026-05", 0.025, "2026-04", 0.05, "MET", True, None)]
NOTHING = [("", None, None, None, None, "NO_DATA", True, None)]


async def test_the_reported_value_is_current_until_the_organization_says_otherwise(bakery, registry, tmp_path):
    assert await current(bakery) == REPORTED
    before = await last(bakery)
    await switch(bakery, registry, tmp_path, "COMPUTED")
    assert await current(bakery) == NOTHING  # until it is calculated of facts alone
    await work(bakery, registry)
    assert await current(bakery) == COMPUTED
    computed = await last(bakery)
    await switch(bakery, registry, tmp_path, "REPORTED")
    assert await current(bakery) == REPORTED
    assert await current(bakery, before) == REPORTED
    assert await current(bakery, computed) == COMPUTED


async def test_what_is_current_follows_corrections_under_the_number_that_calculates_them(bakery, registry, tmp_path):
    await switch(bakery, registry, tmp_path, "COMPUTED")
    await work(bakery, registry)
    told = await tell(bakery, registry, ("lost", "2026-05", None, 8))
    assert (await current(bakery), await last(bakery)) == (COMPUTED, told.version)
    await work(bakery, registry)
    assert await current(bakery) == [("", "2026-05", 0.1, "2026-04", 0.05, "MISSED", True, None)]
    assert await last(bakery) == told.version + 1
    await retract(bakery, registry, "bakery.lost", "2026-05", "till")
    await work(bakery, registry)
    assert await current(bakery) == [("", "2026-04", 0.05, None, None, "MET", True, None)]


async def test_parts_stand_for_themselves(bakery, registry, tmp_path):
    await switch(bakery, registry, tmp_path, "COMPUTED")
    await tell(bakery, registry, ("lost", "2026-05", "plan=pro", 1), ("baked", "2026-05", "plan=pro", 10))
    await work(bakery, registry)
    assert [(segment, value, status) for segment, _, value, _, _, status, *_ in await current(bakery)] == [
        ("", 0.025, "MET"),
        ("plan=pro", 0.1, "NO_TARGET"),
    ]


async def test_generated_history_is_never_current(bakery, registry, tmp_path):
    async with bakery.write(HERE, action="test", actor="test") as write:
        generated = "update observations set origin = 'GENERATED' where period = '2026-05'"
        await (await write.driver()).execute(generated)
        write.keep()
    await switch(bakery, registry, tmp_path, "COMPUTED")
    assert await current(bakery) == NOTHING
    await work(bakery, registry)
    assert await current(bakery) == [("", "2026-04", 0.05, None, None, "MET", True, None)]


async def test_what_no_formula_gives_cannot_be_current(database, registry, tmp_path):
    own = '  - {key: custom.mood, source: "menu:9", name: Mood, unit: COUNT(smile), direction: UP, basis: COMPUTED}\n'
    (tmp_path / "a.yaml").write_text(CATALOG + own, encoding="utf-8")
    (receipt,) = await seed(database, registry, [tmp_path])
    (problem,) = receipt.problems
    assert (receipt.loaded, problem.field) == (False, "basis")
    assert "custom.mood has no formula that gives a number" in problem.message
    await load(database, registry, tmp_path)
