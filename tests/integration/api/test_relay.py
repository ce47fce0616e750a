"""What Relay's server specification asks of lists: cursors stay good while others write, and no page reads too much."""

import pytest

from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

SLUG = "ai-marketing-platform"
ORGANIZATION = id_of(SLUG)
STATEMENTS = """
query Statements($after: Cursor) {
  organization(slug: "ai-marketing-platform") {
    statements(first: 5, after: $after) { nodes { id text } pageInfo { endCursor hasNextPage } }
  }
}
"""
KPIS = """
query Kpis($after: Cursor) {
  organization(slug: "ai-marketing-platform") {
    kpis(first: 10, after: $after, orderBy: [{ field: NAME }]) {
      nodes { id name } pageInfo { endCursor hasNextPage } } }
}
"""
COPY = """
insert into {table}
select (jsonb_populate_record(null::{table}, to_jsonb(model) || jsonb_build_object('id', $1::bigint) || $2::jsonb)).*
from (select * from {table} where organization_id = $3 order by position, id limit 1) as model
"""
DELETE = """
delete from statements where organization_id = $1 and id = (
  select id from statements where organization_id = $1 order by position, id limit 1 offset 4)
"""


async def page(ask, query, name, after=None):
    answer = await ask(query, variables={"after": after})
    assert answer.errors == []
    return answer.data["organization"][name]


async def rest(ask, query, name, after):
    """Everything behind a cursor."""
    found = []
    while True:
        got = await page(ask, query, name, after)
        found += got["nodes"]
        after = got["pageInfo"]["endCursor"]
        if not got["pageInfo"]["hasNextPage"]:
            return found


@pytest.fixture
def change(seeded_database):
    """Writes to the organization as any write does."""

    async def changed(statement, *parameters):
        async with seeded_database.write(ORGANIZATION, action="test", actor="test") as write:
            await write.start()
            connection = write.connection
            done = await connection.exec_driver_sql(statement, parameters)
            assert done.rowcount == 1
            write.record("statements", 1, "UPDATE")

    return changed


async def test_rows_inserted_meanwhile_neither_repeat_nor_hide_any(ask_clone, change):
    whole = await rest(ask_clone, STATEMENTS, "statements", None)
    first = await page(ask_clone, STATEMENTS, "statements")
    insert = COPY.format(table="statements")
    await change(insert, 1, '{"text": "in front", "key": "front", "position": -1}', ORGANIZATION)
    await change(insert, 2, '{"text": "behind", "key": "behind", "position": 1000000}', ORGANIZATION)
    others = await rest(ask_clone, STATEMENTS, "statements", first["pageInfo"]["endCursor"])
    # The list is sorted by document first: what came behind the first document's rows stands amid the others.
    assert [node["text"] for node in others if node not in whole] == ["behind"]
    assert first["nodes"] + [node for node in others if node in whole] == whole


async def test_a_cursor_outlives_its_row(ask_clone, change):
    whole = await rest(ask_clone, STATEMENTS, "statements", None)
    first = await page(ask_clone, STATEMENTS, "statements")
    await change(DELETE, ORGANIZATION)
    left = await rest(ask_clone, STATEMENTS, "statements", None)
    assert [node["id"] for node in left] == [node["id"] for node in whole[:4] + whole[5:]]
    others = await rest(ask_clone, STATEMENTS, "statements", first["pageInfo"]["endCursor"])
    assert [node["id"] for node in others] == [node["id"] for node in whole[5:]]


async def test_equal_names_are_told_apart_by_their_ids(ask_clone, change):
    """Twenty-five KPIs of one name, in pages of ten: each comes once."""
    insert = COPY.format(table="kpis")
    for number in range(25):
        row = f'{{"name": "aaa", "key": "test.same_{number}", "position": 7}}'
        await change(insert, 1_000_000 + number, row, ORGANIZATION)
    found = await rest(ask_clone, KPIS, "kpis", None)
    assert [node["name"] for node in found[:25]] == ["aaa"] * 25
    assert len({node["id"] for node in found}) == len(found) == 67 + 25  # 001 and 002 have 67


@pytest.mark.parametrize("arguments", ["last: 2", "first: 2", "last: 2, orderBy: [{field: NAME}]"])
async def test_a_page_reads_its_rows_and_one_more(ask_seeds, arguments):
    selection = "nodes { name } pageInfo { hasNextPage }"
    answer = await ask_seeds(f'{{ organization(slug: "{SLUG}") {{ kpis({arguments}) {{ {selection} }} }} }}')
    assert len(answer.data["organization"]["kpis"]["nodes"]) == 2
    assert answer.rows == 1 + 2 + 1  # the organization, the page, and the row that says whether there are more


async def test_nothing_is_read_for_an_empty_page(ask_seeds):
    answer = await ask_seeds(f'{{ organization(slug: "{SLUG}") {{ kpis(last: 0) {{ nodes {{ name }} }} }} }}')
    assert answer.data == {"organization": {"kpis": {"nodes": []}}}
    assert answer.rows <= 2
