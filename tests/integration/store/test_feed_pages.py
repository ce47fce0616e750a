"""A page of the feed costs what it tells, however much lies before and behind it."""

import json

import asyncpg
import pytest

from kpi_server.domain.feed import Part, Position
from kpi_server.store.feed import page_statement, read_end, read_page, renew_epoch

HERE = 7
GROUND = f"""
insert into organizations (id, slug, name, currency, time_zone, undated_first)
values ({HERE}, 'here', 'Here', 'EUR', 'UTC', false);
insert into sequences (organization_id, last) values ({HERE}, 0);
insert into batches (organization_id, id, recorded_at, action, actor) values ({HERE}, 1, now(), 'a test', 'a test');
insert into measures (organization_id, id, key, batch_id) values ({HERE}, 1, 'custom.loaves', 1)
"""
WRITES = f"""
with written as (
    insert into batches (organization_id, id, sequence, recorded_at, action, actor)
    select {HERE}, number * 1000000::bigint, number, now(), 'a test', 'a test'
    from generate_series(1, %(writes)s) as number
)
insert into observations (
    organization_id, period_start, id, measure_id, segment, grain, period, period_end, value, text, position, origin,
    batch_id
)
select
    {HERE}, date '2026-01-01' + place, number * 1000000::bigint + place, 1, 'till=' || number, 'DAY',
    (date '2026-01-01' + place)::text, date '2026-01-02' + place, place, place::text, place, 'API',
    number * 1000000::bigint
from generate_series(1, %(writes)s) as number cross join generate_series(1, %(rows)s) as place
"""


@pytest.fixture
def fill(addresses):
    """Writes so many writes of so many values each, in the order of their numbers."""

    async def filling(writes, rows, analyze):
        owner = await asyncpg.connect(addresses.owner)
        for statement in GROUND.split(";"):
            await owner.execute(statement)
        await owner.execute(WRITES % {"writes": writes, "rows": rows})
        await owner.execute(f"update sequences set last = {writes}")
        if analyze:
            await owner.execute("analyze")
        await owner.close()

    return filling


def _nodes(plan):
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


async def _visited(connection, position, most):
    """How many rows of tables a page has looked at, whether or not it needed them."""
    sql, parameters = page_statement(HERE, position, most)
    (row,) = await connection.fetch(f"explain (analyze, format json) {sql}", *parameters)
    nodes = [node for node in _nodes(json.loads(row[0])[0]["Plan"]) if "Relation Name" in node]
    return sum(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) for node in nodes)


@pytest.mark.parametrize("analyze", [False, True])
@pytest.mark.parametrize(
    ("writes", "rows", "position"),
    [(2_000, 3, Position(1_000)), (2, 3_000, Position(1, Part.VALUES, 1_001_000))],
    ids=["many writes", "a large write"],
)
async def test_a_page_visits_few_rows_beside_its_own(database, fill, writes, rows, position, analyze):
    await fill(writes, rows, analyze)
    async with database.read([HERE]) as connection:
        page = await read_page(connection.fetch, HERE, position, 100)
        assert (len(page.events), page.caught_up) == (100, False)
        # Of each row the row itself, its measure and what stood before; a few more writes than the page needs.
        assert await _visited(connection, position, 100) < 1_000


async def test_another_server_timeline_or_database_begins_another_epoch(database, fill, addresses):
    await fill(1, 1, analyze=False)

    async def epoch():
        async with database.read([HERE]) as connection:
            return (await read_end(connection.fetch, HERE)).epoch

    first = await epoch()
    await renew_epoch(database)
    await renew_epoch(database)
    assert await epoch() == first
    owner = await asyncpg.connect(addresses.owner)
    (known,) = await owner.fetchrow("select made_by from feed_epochs")
    (server,) = await owner.fetchrow("select system_identifier::text from pg_control_system()")
    assert known.startswith(f"{server}/1/")
    await owner.execute("update feed_epochs set made_by = 'another/1/5'")
    await owner.close()
    await renew_epoch(database)
    renewed = await epoch()
    assert renewed != first
    await renew_epoch(database)
    assert await epoch() == renewed
