"""Retracting: another source's statement stands again or nothing does, and everything that stood on it follows."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.domain.retracting import Retraction
from kpi_server.services.recording import Sender
from kpi_server.services.retracting import RetractionCall, retract
from tests.integration.bakery import HERE, NOW, family, tell

STANDING = (
    "select measure.key, segment, period, source, value from observations join measures as measure "
    "on measure.id = measure_id where ended_in is null"
)
SERIES = "select measure_id, segment, grain, first_start, previous_start, last_start from series order by 1, 2, 3"
MADE_UP = """
select measure_id, segment, grain, min(period_start),
    (array_agg(period_start order by period_start desc))[2], max(period_start)
from observations where ended_in is null group by measure_id, segment, grain order by 1, 2, 3
"""


@pytest.fixture(scope="module")
def registry():
    return family()


async def _rows(database, statement):
    async with database.read([HERE]) as connection:
        return [tuple(row) for row in await connection.fetch(statement)]


async def _retract(database, registry, *sent, source="till", atomic=True, now=NOW):
    return await retract(database, registry, Sender(HERE, 1, source, source), RetractionCall(sent, atomic, now))


def lost(period="2026-02", segment=None):
    return Retraction(measure="bakery.lost", period=period, segment=segment)


async def test_another_sources_statement_stands_again(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-02", None, 3), source="scale")
    await tell(bakery, registry, ("lost", "2026-02", None, 4))
    await tell(bakery, registry, ("lost", "2026-02", None, 5))
    receipt = await _retract(bakery, registry, lost())
    assert (receipt.retracted, receipt.unchanged, receipt.faults) == (1, 0, ())
    assert await _rows(bakery, STANDING) == [("bakery.lost", "", "2026-02", "scale", 3)]
    assert await _rows(bakery, "select action, sequence from batches order by sequence desc limit 1") == [
        ("retract", receipt.version)
    ]


async def test_a_second_call_changes_nothing_and_says_so(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-02", None, 3))
    first = await _retract(bakery, registry, lost())
    again = await _retract(bakery, registry, lost())
    assert (again.retracted, again.unchanged, again.version) == (0, 1, first.version)
    assert await _rows(bakery, STANDING) == await _rows(bakery, SERIES) == []


async def test_what_was_taken_back_may_be_stated_again(bakery, registry):
    said = ("lost", "2026-02", None, 3)
    await tell(bakery, registry, said)
    await _retract(bakery, registry, lost())
    assert (await tell(bakery, registry, said)).recorded == 1
    assert (await _retract(bakery, registry, lost())).retracted == 1


async def test_a_statement_that_does_not_stand_is_taken_back_too(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-02", None, 3), source="scale")
    await tell(bakery, registry, ("lost", "2026-02", None, 4))
    assert (await _retract(bakery, registry, lost(), source="scale")).retracted == 1
    assert await _rows(bakery, STANDING) == [("bakery.lost", "", "2026-02", "till", 4)]
    await _retract(bakery, registry, lost())
    assert await _rows(bakery, STANDING) == []


async def test_calculated_values_that_stood_on_it_are_marked(bakery, registry):
    await tell(bakery, registry, ("lost", "2026-02", "plan=pro", 3))
    async with bakery.write(HERE, action="a test", actor="a test") as write:
        await (await write.driver()).execute("delete from dirty_cells")
        write.keep()
    await _retract(bakery, registry, lost(segment="plan=pro"))
    dirty = "select kpi.key, segment, period from dirty_cells join kpis as kpi on kpi.id = kpi_id order by 1, 2, 3"
    assert await _rows(bakery, dirty) == [
        (f"bakery.{key}", segment, period)
        for key, segment, period in (
            ("change_of_waste", "", "2026-02"), ("change_of_waste", "", "2026-03"),
            ("change_of_waste", "plan=pro", "2026-02"), ("change_of_waste", "plan=pro", "2026-03"),
            ("waste", "", "2026-02"), ("waste", "plan=pro", "2026-02"),
        )
    ]  # fmt: skip


WRONG = [
    lost("2026-01"),
    Retraction(measure="bakery.ovens", period="2026-02"),
    Retraction(measure="bakery.rolls", period="2026-02"),
    lost("2026-13"),
    lost(None),
    lost(segment="plan"),
    Retraction(external_id="x"),
    lost()._replace(external_id="x"),
    lost()._replace(kpi="bakery.waste"),
    lost("2026-02"),
    lost("2026-02"),
]
FOUND = [
    (0, "period", "NOT_FOUND"),
    (1, "measure", "NOT_FOUND"),
    (2, "measure", "NOT_FOUND"),
    (3, "period", "BAD_USER_INPUT"),
    (4, "period", "BAD_USER_INPUT"),
    (5, "segment", "BAD_USER_INPUT"),
    (6, "externalId", "NOT_FOUND"),
    (7, "externalId", "BAD_USER_INPUT"),
    (8, "measure", "BAD_USER_INPUT"),
    (10, "period", "CONFLICT"),
]


@pytest.mark.parametrize(("atomic", "retracted"), [(True, 0), (False, 1)])
async def test_everything_wrong_is_told_at_once(bakery, registry, atomic, retracted):
    before = await tell(bakery, registry, ("lost", "2026-02", None, 3))
    receipt = await _retract(bakery, registry, *WRONG, atomic=atomic)
    assert [(fault.index, fault.field, fault.code) for fault in receipt.faults] == FOUND
    assert (receipt.retracted, receipt.version) == (retracted, before.version + retracted)
    assert len(await _rows(bakery, STANDING)) == 1 - retracted


SOURCES = ("till", "scale", "oven")
CELLS = [("lost", period, segment) for period in ("2026-01", "2026-02", "2026-03") for segment in (None, "plan=pro")]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(SOURCES),
        st.dictionaries(st.sampled_from(CELLS), st.one_of(st.none(), st.integers(1, 3)), min_size=1, max_size=4),
    ),
    max_size=8,
)


@given(STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_was_stated_and_taken_back_the_last_that_is_left_stands(bakery, registry, steps):
    """By a model that keeps of each cell what its sources say, in the order in which they came to say it."""
    await _retract_everything(bakery, registry)
    model = {}
    for source, told in steps:
        stated = [(*cell, value) for cell, value in told.items() if value is not None]
        if stated:
            await tell(bakery, registry, *[(key, period, segment, value) for key, period, segment, value in stated],
                       source=source)  # fmt: skip
        taken = [Retraction(None, f"bakery.{key}", period, segment) for (key, period, segment), value in told.items()
                 if value is None]  # fmt: skip
        if taken:
            await _retract(bakery, registry, *taken, source=source, atomic=False)
        for cell, value in told.items():
            said = model.setdefault(cell, {})
            if said.get(source) != value:
                said.pop(source, None)
                said |= {} if value is None else {source: value}
    expected = {
        (f"bakery.{key}", segment or "", period, *list(said.items())[-1])
        for (key, period, segment), said in model.items()
        if said
    }
    assert set(await _rows(bakery, STANDING)) == expected
    assert await _rows(bakery, SERIES) == await _rows(bakery, MADE_UP)


async def _retract_everything(database, registry):
    for source in SOURCES:
        sent = [Retraction(None, f"bakery.{key}", period, segment) for key, period, segment in CELLS]
        await _retract(database, registry, *sent, source=source, atomic=False)
