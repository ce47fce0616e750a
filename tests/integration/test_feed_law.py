"""Whatever happens: what stood, with the events of the feed applied to it, is what stands.

What stands is read by SQL of its own. Pages are of any sizes, and every cursor is read anew from its text, as by
somebody who was away in between.
"""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.api.types.change import Event
from kpi_server.domain.feed import ChangeKind, FeedCursor, Position
from kpi_server.services.feed import Asked, read_on
from kpi_server.services.recompute import catch_up
from kpi_server.store.feed import position_of, read_end
from tests.integration.bakery import HERE, NOW, family, load, retract, tell

STANDING = """
select 'value' as part, measure.key, segment, period, value::text from observations
join measures as measure on measure.id = measure_id where ended_in is null
union all
select 'calculated', measure.key, segment, period, coalesce(value::text, text, absence) from computed_values
join measures as measure on measure.id = kpi_id where ended_in is null
union all
select 'status', measure.key, segment, null, status from kpi_current join measures as measure on measure.id = kpi_id
union all
select 'row', id::text, null, null, null from targets
union all
select 'row', id::text, null, null, null from owners
"""
TARGETS = 'targets:\n  - {kpi: bakery.waste, source: "menu:7", text: "< 5%"}\n'
OWNERS = 'owners:\n  - {key: baker, source: "menu:8", title: Baker}\n'
FIGURES = 'figures:\n  - {kpi: bakery.waste, source: "menu:9", text: "%s", placement: HEADLINE}\n'
CATALOGS = ("", TARGETS, TARGETS + OWNERS, TARGETS + FIGURES % "4%", TARGETS.replace("5%", "1%") + FIGURES % "4%",
            OWNERS.replace("Baker", "Master"))  # fmt: skip
VALUES = (ChangeKind.RECORDED, ChangeKind.CORRECTED, ChangeKind.RETRACTED, ChangeKind.RESTATED)
CELLS = [
    (key, f"2026-0{month}", segment) for key in ("lost", "baked") for month in (4, 5) for segment in (None, "plan=pro")
]
STEPS = st.one_of(
    st.tuples(
        st.just("tell"),
        st.sampled_from(("till", "scale")),
        st.dictionaries(st.sampled_from(CELLS), st.sampled_from(("0.02", "0.04", "3")), min_size=1, max_size=4),
    ),
    st.tuples(st.just("retract"), st.sampled_from(("till", "scale")), st.sampled_from(CELLS)),
    st.tuples(st.just("catalog"), st.sampled_from(CATALOGS)),
    st.tuples(st.just("calculate")),
)
SIZES = st.lists(st.sampled_from((1, 2, 3, 5, 8, 100)), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def registry():
    return family()


async def _do(database, registry, folder, step):
    match step:
        case ("tell", source, told):
            stated = [(key, period, segment, value) for (key, period, segment), value in told.items()]
            await tell(database, registry, *stated, source=source)
        case ("retract", source, (key, period, _)):
            await retract(database, registry, f"bakery.{key}", period, source)
        case ("catalog", more):
            await load(database, registry, folder, more)
        case ("calculate",):
            async for _ in catch_up(database, registry, [HERE], clock=lambda: NOW):
                pass


async def _standing(database):
    async with database.read([HERE]) as connection:
        rows = {tuple(row)[:-1]: row[-1] for row in await connection.fetch(STANDING)}
        return rows, await read_end(connection.fetch, HERE)


async def _told(database, start, sizes):
    """The events behind a cursor, and the cursor at their end."""
    events, cursor, number, is_all = [], str(start), 0, False
    while not is_all:
        async with database.read([HERE]) as connection:
            asked = Asked(HERE, cursor, sizes[number % len(sizes)], kept=timedelta(days=30))
            page = await read_on(connection.fetch, asked, NOW)
        events += [Event(row, page.cursor) for row in page.events]
        cursor, is_all, number = str(page.cursor), page.caught_up, number + 1
    return events, cursor


def _apply(standing, events):
    for event in events:
        cell = ("value" if event.kind in VALUES else "calculated", event.key, event.segment, event.period)
        if event.kind is ChangeKind.STATUS:
            cell, new = ("status", event.key, event.segment, None), event.new_status
        elif event.kind in (*VALUES, ChangeKind.RECOMPUTED):
            new = next((x for x in (event.new_exact, event.new_text, event.absence) if x is not None), None)
        elif event.kind in (ChangeKind.TARGET, ChangeKind.OWNER):
            cell, new = ("row", str(event.row["entity_id"]), None, None), None
        else:
            continue
        if event.operation == "REMOVED":
            del standing[cell]
        else:
            assert (cell in standing) is (event.operation == "UPDATED")
            standing[cell] = _text(new)
    return standing


def _text(value):
    return None if value is None else str(value)


@given(st.lists(STEPS, min_size=1, max_size=8), SIZES)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_what_stood_and_the_events_since_make_what_stands(bakery, registry, tmp_path, steps, sizes):
    before, head = await _standing(bakery)
    start = FeedCursor(head.epoch, HERE, Position(head.last))
    for step in steps:
        await _do(bakery, registry, tmp_path, step)
    after, head = await _standing(bakery)
    events, cursor = await _told(bakery, start, sizes)
    places = [position_of(event.row) for event in events]
    assert places == sorted(set(places))
    assert _apply(dict(before), events) == after
    assert cursor == str(FeedCursor(head.epoch, HERE, Position(head.last)))
    whole, _ = await _told(bakery, FeedCursor(head.epoch, HERE, Position(0)), [1_000])
    assert [position_of(event.row) for event in whole][len(whole) - len(events) :] == places
    assert _apply({}, whole) == after
