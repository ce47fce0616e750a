"""Importing files of observations: what is recorded, what is rejected, and that a file is seen whole or not at all."""

import gzip
from datetime import UTC, datetime

import pytest

from kpi_server.domain.importing.rows import Content, Format
from kpi_server.errors import BadInput
from kpi_server.registry import build as build_registry
from kpi_server.services import importing, staging
from kpi_server.services.catalog.loading import seed
from kpi_server.services.closing import CLOSE, change_closing
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivery
from kpi_server.store.organizations import id_of

BAKERY = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
  - {key: custom.sales, source: "menu:6", name: Sales, unit: MONEY, direction: UP}
kpi_rows:
  - {kpi: custom.loaves, source: "menu:10", name: Loaves, current: "70", target: "80+"}
"""
NO_FAMILY = build_registry([])
BAKERY_ID = id_of("bakery")
NOW = datetime(2024, 5, 1, tzinfo=UTC)
GOOD = b"kpi,period,segment,value,external_id\nLoaves,2024-03,,75,a1\ncustom.loaves,2024-04,shop=north,20,a2\n"


@pytest.fixture
async def bakery(database, tmp_path):
    (tmp_path / "a.yaml").write_text(BAKERY, encoding="utf-8")
    await seed(database, NO_FAMILY, [tmp_path])
    return database


async def _import(database, sent, form=Format.CSV, *, pieces=7, **more):
    async def arriving():
        for start in range(0, len(sent), pieces):
            yield sent[start : start + pieces]

    delivery = Delivery(form, NOW, **more)
    return await deliver(database, NO_FAMILY, Sender(BAKERY_ID, 1, "till", "till"), delivery, arriving())


async def _rows(database, statement):
    async with database.read([BAKERY_ID]) as connection:
        return [tuple(row) for row in await connection.fetch(statement)]


STANDING = "select segment, period, value from observations where ended_in is null order by period"


async def test_a_file_is_recorded_under_one_number_and_sent_again_changes_nothing(bakery):
    delivered = await _import(bakery, GOOD)
    assert (delivered.recorded, delivered.corrected, delivered.unchanged, delivered.rejected) == (2, 0, 0, 0)
    assert delivered.version == 2
    assert await _rows(bakery, STANDING) == [("", "2024-03", 75), ("shop=north", "2024-04", 20)]
    assert await _rows(bakery, "select value, status from kpi_current where segment = '' and value > 70") == [
        (75, "MISSED")
    ]
    again = await _import(bakery, GOOD)
    assert (again.recorded, again.unchanged, again.version) == (0, 2, None)
    other = await _import(bakery, GOOD.replace(b",75,", b",80.5,"))
    assert (other.recorded, other.corrected, other.unchanged, other.version) == (0, 1, 1, 3)
    counts = "select recorded, corrected, unchanged, rejected, batch_id is null from imports order by id"
    assert await _rows(bakery, counts) == [(2, 0, 0, 0, False), (0, 0, 2, 0, True), (0, 1, 1, 0, False)]
    assert await _rows(bakery, "select last from sequences") == [(3,)]


async def test_the_planner_is_told_of_a_file_that_is_large_beside_what_it_knows(bakery, monkeypatch):
    monkeypatch.setattr(importing, "MANY_ROWS", 20)

    def days(month, count):
        return b"kpi,period,value\n" + b"".join(b"Loaves,2024-%02d-%02d,7\n" % (month, n + 1) for n in range(count))

    known = "select reltuples from pg_class where relname = 'observations_2024'"
    await _import(bakery, days(1, 19))
    assert await _rows(bakery, known) == [(-1,)]
    await _import(bakery, days(2, 20))
    assert await _rows(bakery, known) == [(39,)]
    monkeypatch.setattr(importing, "MANY_ROWS", 3)
    await _import(bakery, days(3, 3))
    assert await _rows(bakery, known) == [(39,)]
    await _import(bakery, days(4, 4))
    assert await _rows(bakery, known) == [(46,)]


async def test_rows_before_in_and_after_what_stands_are_told_apart_however_their_series_are_numbered(
    bakery, monkeypatch
):
    """Only inside of what a series has can anything stand; a series that was forgotten meanwhile has two numbers."""
    monkeypatch.setattr(staging, "TOGETHER", 2)
    monkeypatch.setattr(importing.store, "MOST_NUMBERED", 1)

    def days(*said):
        return b"kpi,period,value\n" + b"".join(b"Loaves,2024-03-%02d,%d\n" % one for one in said)

    assert (await _import(bakery, days((12, 1), (10, 2), (14, 3)))).recorded == 3
    series = "select first_start::text, previous_start::text, last_start::text from series where grain = 'DAY'"
    assert await _rows(bakery, series) == [("2024-03-10", "2024-03-12", "2024-03-14")]
    sent = days((16, 4), (12, 1), (9, 5), (14, 6), (11, 7), (15, 8), (9, 9), (16, 4), (8, 0))
    delivered = await _import(bakery, sent)
    assert (delivered.recorded, delivered.corrected, delivered.unchanged) == (5, 1, 1)
    told = [(8, "line 4 is of the same cell"), (9, "line 2 is of the same cell")]
    assert [(fault.index, fault.message) for fault in delivered.faults] == told
    assert await _rows(bakery, series) == [("2024-03-08", "2024-03-15", "2024-03-16")]
    values = [int(value) for _, _, value in await _rows(bakery, STANDING)]
    assert values == [0, 5, 2, 7, 1, 6, 8, 4]
    ended = "select period, value from observations where ended_in is not null"
    assert await _rows(bakery, ended) == [("2024-03-14", 3)]


async def test_columns_may_be_mapped_left_out_and_make_a_segment(bakery):
    content = b"Item,Month,Shop,Amount,Note\nLoaves,2024-03,North,75,x\n"
    mapping = {"Item": "kpi", "Month": "period", "Shop": "segment.shop", "Amount": "value", "Note": "-"}
    assert (await _import(bakery, content, mapping=mapping)).recorded == 1
    assert await _rows(bakery, STANDING) == [("shop=north", "2024-03", 75)]


WRONG = b"""kpi,period,segment,value,external_id
Loaves,2024-03,,75,a1
Bread,2024-03,,75,
Loaves,2024-13,,75,
Loaves,2024-06,,75,
Loaves,2024-02,shop,75,
Loaves,2024-02,,7.5.1,
Loaves,2024-02,,
custom.loaves,2024-03,,76,
Loaves,2024-01,,70,a1
Loaves,2024-01,,70,
"""
FOUND = [
    (3, "kpi", "NOT_FOUND"),
    (4, "period", "BAD_USER_INPUT"),
    (5, "period", "BAD_USER_INPUT"),
    (6, "segment", "BAD_USER_INPUT"),
    (7, "value", "BAD_USER_INPUT"),
    (8, "", "BAD_USER_INPUT"),
    (9, "period", "CONFLICT"),
    (10, "externalId", "CONFLICT"),
    (11, "period", "CONFLICT"),
]


async def test_every_wrong_row_is_told_by_its_line_and_the_others_are_recorded(bakery):
    delivered = await _import(bakery, WRONG)
    assert [(fault.index, fault.field, fault.code) for fault in delivered.faults] == FOUND
    assert (delivered.recorded, delivered.rejected) == (1, len(FOUND))
    ((reasons,),) = await _rows(bakery, "select jsonb_array_length(reasons) from imports")
    assert reasons == len(FOUND)


@pytest.mark.parametrize(
    ("more", "recorded"), [({"atomic": True}, 0), ({"atomic": True, "rehearses": True}, 0), ({"rehearses": True}, 1)]
)
async def test_a_rehearsal_and_an_atomic_file_with_a_wrong_row_record_nothing(bakery, more, recorded):
    """A rehearsal says what would have been recorded."""
    delivered = await _import(bakery, WRONG, **more)
    assert (delivered.recorded, delivered.rejected, delivered.version) == (recorded, len(FOUND), None)
    assert await _rows(bakery, "select count(*) from imports") == [(0,)]
    assert await _rows(bakery, "select count(*) from dirty_cells") == [(0,)]
    assert await _rows(bakery, "select count(*) from observations") == [(0,)]
    assert await _rows(bakery, "select last from sequences") == [(1,)]


async def test_a_file_takes_back_what_it_recorded_and_sent_again_changes_nothing(bakery):
    await _import(bakery, GOOD)
    rehearsed = await _import(bakery, GOOD, content=Content.RETRACTIONS, rehearses=True)
    assert (rehearsed.recorded, rehearsed.version, len(await _rows(bakery, STANDING))) == (2, None, 2)
    taken = await _import(bakery, GOOD, content=Content.RETRACTIONS)
    assert (taken.recorded, taken.corrected, taken.unchanged, taken.rejected, taken.version) == (2, 0, 0, 0, 3)
    assert await _rows(bakery, STANDING) == []
    again = await _import(bakery, GOOD, content=Content.RETRACTIONS)
    assert (again.recorded, again.unchanged, again.version) == (0, 2, None)
    receipts = "select content, recorded, unchanged from imports order by id"
    assert await _rows(bakery, receipts) == [("OBSERVATIONS", 2, 0), ("RETRACTIONS", 2, 0), ("RETRACTIONS", 0, 2)]


TAKEN_BACK = b"""\
{"externalId": "a2"}
{"kpi": "Loaves", "period": "2024-02"}
{"kpi": "Loaves"}
{"externalId": "b9"}
{"kpi": "Loaves", "period": "2024-04", "segment": "shop=north"}
{"segment": "shop=north"}
"""


async def test_every_row_that_takes_nothing_back_is_told_by_its_line(bakery):
    await _import(bakery, GOOD)
    for more, recorded in ({"atomic": True}, 0), ({}, 1):
        taken = await _import(bakery, TAKEN_BACK, Format.NDJSON, content=Content.RETRACTIONS, **more)
        assert [(fault.index, fault.field, fault.code) for fault in taken.faults] == [
            (2, "period", "NOT_FOUND"),
            (3, "period", "BAD_USER_INPUT"),
            (4, "externalId", "NOT_FOUND"),
            (5, "period", "CONFLICT"),
            (6, "period", "BAD_USER_INPUT"),
        ]
        assert (taken.recorded, taken.rejected) == (recorded, 5)
    assert taken.faults[3].message == "custom.loaves of 2024-04 in shop=north is already taken back by line 1"
    assert await _rows(bakery, STANDING) == [("", "2024-03", 75)]


async def test_a_header_names_what_is_taken_back(bakery):
    await _import(bakery, GOOD)
    assert (await _import(bakery, b"externalId\na1\n", content=Content.RETRACTIONS)).recorded == 1
    with pytest.raises(BadInput, match="there is no kpi or measure or externalId"):
        await _import(bakery, b"segment\nshop=north\n", content=Content.RETRACTIONS)
    with pytest.raises(BadInput, match="there is no period"):
        await _import(bakery, b"kpi,value\nLoaves,3\n", content=Content.RETRACTIONS)


async def test_of_a_file_that_cannot_be_read_to_its_end_nothing_is_recorded(bakery):
    with pytest.raises(BadInput, match="the gzip data end too early: the file is cut off"):
        await _import(bakery, gzip.compress(GOOD)[:-9])
    assert await _rows(bakery, "select count(*) from observations") == [(0,)]
    assert await _rows(bakery, "select count(*) from imports") == [(0,)]


async def test_a_sender_that_goes_away_leaves_nothing_and_may_send_again(bakery):
    async def breaking_off():
        yield GOOD
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await deliver(
            bakery, NO_FAMILY, Sender(BAKERY_ID, 1, "till", "till"), Delivery(Format.CSV, NOW), breaking_off()
        )
    assert await _rows(bakery, "select count(*) from observations") == [(0,)]
    assert (await _import(bakery, GOOD)).recorded == 2


async def test_an_id_that_meant_another_value_is_rejected(bakery):
    await _import(bakery, GOOD)
    delivered = await _import(bakery, b"kpi,period,value,externalId\nLoaves,2024-02,5,a1\nLoaves,2024-01,5,b1\n")
    assert [(fault.index, fault.code) for fault in delivered.faults] == [(2, "CONFLICT")]
    assert delivered.recorded == 1


async def _close(database, *periods, action=CLOSE):
    receipt = await change_closing(database, BAKERY_ID, "cfo", periods, NOW, action=action)
    assert receipt.changed == len(periods)


async def test_rows_of_closed_periods_are_rejected_unless_they_are_restated(bakery):
    await _close(bakery, "2024-Q1")
    delivered = await _import(bakery, GOOD)
    (fault,) = delivered.faults
    assert (fault.index, fault.field, fault.code, delivered.recorded) == (2, "period", "FORBIDDEN", 1)
    assert (await _import(bakery, GOOD, restates=True)).recorded == 1
    actions = await _rows(bakery, "select action from batches where sequence > 1 order by sequence")
    assert actions == [("close",), ("import",), ("restate",)]


@pytest.mark.parametrize(("restates", "recorded"), [(False, 1), (True, 2)])
async def test_a_period_that_is_closed_while_a_file_arrives_takes_none_of_it(bakery, restates, recorded):
    async def arriving():
        yield GOOD
        await _close(bakery, "2024-Q1")

    delivery = Delivery(Format.CSV, NOW, restates=restates)
    delivered = await deliver(bakery, NO_FAMILY, Sender(BAKERY_ID, 1, "till", "till"), delivery, arriving())
    assert (delivered.recorded, delivered.rejected) == (recorded, 2 - recorded)
    assert [(fault.index, fault.code) for fault in delivered.faults] == [(2, "FORBIDDEN")] * (2 - recorded)
    assert len(await _rows(bakery, STANDING)) == recorded
