"""Values are read as they are kept, now and in the past, and calculated where nothing is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kpi_server.domain.calculation import Wanted
from kpi_server.domain.frame import Completeness
from kpi_server.domain.period import parse_period
from kpi_server.services.calculation import reading
from kpi_server.services.calculation.calculating import Books, calculate
from kpi_server.services.calculation.reading import read_values
from kpi_server.services.past import When, enter_past
from kpi_server.services.recompute import catch_up
from kpi_server.store.past import marked
from tests.integration.bakery import HERE, NOW, family, load, tell

BOOKS = Books(HERE, NOW.date())
WASTE = Wanted("bakery.waste", "", parse_period("2026-05"))


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
async def bakery(database, registry, tmp_path):
    """Of May 3 of 60 loaves are lost, which is calculated and kept."""
    await load(database, registry, tmp_path)
    await tell(database, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", None, 60))
    await work(database, registry)
    return database


async def work(database, registry):
    """Calculate whatever is dirty; the last number then."""
    _ = [one async for one in catch_up(database, registry, [HERE], clock=lambda: NOW)]
    async with database.read([HERE]) as connection:
        return await connection.fetchval("select last from sequences")


async def read(database, registry, *wanted, number=None):
    """Values, as text where they are numbers, and whether they are pending."""
    async with database.read([HERE]) as connection:
        fetch = connection.fetch
        if number is not None:
            await enter_past(fetch, HERE, When(number))
            fetch = marked(fetch)
        found = await read_values(fetch, registry, BOOKS, wanted)
    return [(getattr(one.outcome, "absence", str(one.outcome)), one.pending) for one in found]


async def test_a_kept_value_is_shown_until_it_is_calculated_again_and_says_that_it_is_pending(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-05", None, 6))
    quarter = WASTE._replace(period=parse_period("2026-Q2"))
    assert await read(bakery, registry, WASTE, quarter) == [("0.05", True), ("0.100000000000", False)]
    await work(bakery, registry)
    assert await read(bakery, registry, WASTE) == [("0.1", False)]


async def test_the_past_shows_what_was_kept_then_and_nothing_of_it_is_pending(bakery, registry, monkeypatch):
    first = await work(bakery, registry)
    recorded = (await tell(bakery, registry, ("lost", "2026-05", None, 6))).version
    second = await work(bakery, registry)
    await tell(bakery, registry, ("lost", "2026-05", None, 9))

    async def never(*_):
        raise AssertionError("it is kept, and calculated nevertheless")

    monkeypatch.setattr(reading, "calculate", never)
    found = {number: await read(bakery, registry, WASTE, number=number) for number in (first, recorded, second)}
    assert found == {first: [("0.05", False)], recorded: [("0.05", False)], second: [("0.1", False)]}
    assert await read(bakery, registry, WASTE) == [("0.1", True)]


async def test_roll_ups_of_the_past_are_calculated_from_what_was_known(bakery, registry):
    first = await work(bakery, registry)
    await tell(bakery, registry, ("lost", "2026-05", None, 6), ("lost", "2026-05", "plan=pro", 1))
    quarter, part = WASTE._replace(period=parse_period("2026-Q2")), WASTE._replace(segment="plan=pro")
    assert await read(bakery, registry, quarter, part, number=first) == [
        ("0.050000000000", False),
        ("NO_DATA", False),
    ]


async def test_what_another_version_of_the_formula_made_is_calculated_now_and_shown_of_the_past(bakery, registry):
    number = await work(bakery, registry)
    newer = replace(
        registry,
        calculators={**registry.calculators, "bakery.waste": replace(registry.calculators["bakery.waste"], version=2)},
    )
    await tell(bakery, registry, ("lost", "2026-05", None, 6))
    assert await read(bakery, newer, WASTE) == [("0.100000000000", False)]
    assert await read(bakery, newer, WASTE, number=number) == [("0.05", False)]


async def test_everything_that_a_value_says_is_kept(bakery, registry):
    await tell(bakery, registry, ("baked", "2026-06-01", None, 7), ("ovens", "2026-05", None, 2))
    await work(bakery, registry)
    per_oven = Wanted("bakery.per_oven", "", parse_period("2026-06"))
    change = Wanted("bakery.change_of_waste", "", parse_period("2026-05"))
    async with bakery.read([HERE]) as connection:
        kept = await read_values(connection.fetch, registry, BOOKS, [per_oven, change])
        calculated = await calculate(connection.fetch, registry, BOOKS, [per_oven, change])
    assert [one._replace(kept_in=None) for one in kept] == [one._replace(inputs=()) for one in calculated]
    assert (str(kept[0].outcome), kept[0].stale, str(kept[0].completeness)) == ("3.5", True, "1 of 30 days")
    assert kept[1].completeness == Completeness(1, 1, kept[1].completeness.grain)


async def test_what_has_not_begun_is_not_due_and_asks_for_nothing(bakery, registry):
    async def nothing(*_):
        raise AssertionError("nothing is to be asked")

    later = WASTE._replace(period=parse_period("2026-07"))
    books = replace(BOOKS, today=NOW.date() - timedelta(days=1))
    (found,) = await read_values(nothing, registry, books, [later])
    assert found.outcome.absence == "NOT_YET_DUE"
