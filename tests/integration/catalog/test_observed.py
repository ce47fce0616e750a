"""Observations of catalogs: of what documents and systems state about one cell one statement stands."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpi_server.domain.recording import Sent
from kpi_server.registry import build as build_registry
from kpi_server.services.catalog.loading import seed
from kpi_server.services.recording import Call, Sender, record
from kpi_server.store.organizations import id_of

NO_FAMILY = build_registry([])
BAKERY = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
  - {key: ledger, source: "ledger:1", title: Ledger, period: "2024-Q2"}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
"""
OBSERVED = """\
observations:
  - {kpi: custom.loaves, source: "menu:30", period: "2024-03", value: "5"}
  - {kpi: custom.loaves, source: "ledger:9", period: "2024-03", value: "6"}
"""
ROWS = """
select value, coalesce(source, document) as sender, begun.sequence, ended.sequence, withdrawn
from observations as stated
join batches as begun on begun.id = stated.batch_id
left join batches as ended on ended.id = stated.ended_in
order by stated.id
"""


@pytest.fixture
def bakery(tmp_path):
    folder = tmp_path / "bakery"
    folder.mkdir()
    (folder / "a.yaml").write_text(BAKERY, encoding="utf-8")
    (folder / "b.yaml").write_text(OBSERVED, encoding="utf-8")
    return folder


async def _seed(database, bakery):
    (receipt,) = await seed(database, NO_FAMILY, [bakery])
    assert receipt.problems == ()
    return receipt


async def _rows(database, statement=ROWS):
    async with database.read([id_of("bakery")]) as connection:
        return [tuple(row) for row in await connection.fetch(statement)]


async def _record(database, value):
    call = Call([Sent("loaves", "2024-03", Decimal(value))], True, None, datetime(2024, 5, 1, tzinfo=UTC))
    await record(database, NO_FAMILY, Sender(id_of("bakery"), 1, "till", "till"), call)


async def test_of_two_documents_the_later_statement_stands_and_the_other_never_did(database, bakery):
    await _seed(database, bakery)
    assert await _rows(database) == [(5, "menu", 1, 1, False), (6, "ledger", 1, None, False)]
    assert (await _seed(database, bakery)).sequence is None


async def test_what_is_gone_from_a_catalog_is_withdrawn_and_the_other_document_states_its_value_again(database, bakery):
    await _seed(database, bakery)
    (bakery / "b.yaml").write_text("\n".join(OBSERVED.splitlines()[:2]), encoding="utf-8")
    receipt = await _seed(database, bakery)
    assert (receipt.deleted, receipt.sequence) == (1, 2)
    assert await _rows(database) == [
        (5, "menu", 1, 1, False), (6, "ledger", 1, 2, True), (5, "menu", 2, None, False),
    ]  # fmt: skip
    assert await _rows(database, "select value from kpi_current where segment = ''") == [(5,)]
    assert (await _seed(database, bakery)).sequence is None


async def test_a_system_takes_the_place_of_documents_until_they_state_something_else(database, bakery):
    await _seed(database, bakery)
    await _record(database, "7")
    assert (await _seed(database, bakery)).sequence is None
    (bakery / "b.yaml").write_text(OBSERVED.replace('"6"', '"8"'), encoding="utf-8")
    await _seed(database, bakery)
    assert await _rows(database) == [
        (5, "menu", 1, 1, False), (6, "ledger", 1, 2, False), (7, "till", 2, 3, False), (8, "ledger", 3, None, False),
    ]  # fmt: skip


async def test_withdrawing_what_does_not_stand_changes_nothing_of_what_does(database, bakery):
    await _seed(database, bakery)
    await _record(database, "7")
    (bakery / "b.yaml").unlink()
    await _seed(database, bakery)
    assert await _rows(database) == [
        (5, "menu", 1, 1, True), (6, "ledger", 1, 2, True), (7, "till", 2, None, False),
    ]  # fmt: skip


async def test_a_kpi_with_recorded_values_is_kept_and_one_that_returns_has_its_measures_id(database, bakery):
    await _seed(database, bakery)
    before = await _rows(database, "select id, key from measures")
    await _record(database, "7")
    (bakery / "b.yaml").unlink()
    (bakery / "a.yaml").write_text(BAKERY[: BAKERY.index("kpis:")], encoding="utf-8")
    (kept,) = (await seed(database, NO_FAMILY, [bakery]))[0].problems
    assert (
        kept.message
        == "kpis custom.loaves is gone from the catalog but kept: observations 2024-03 of till (API) names it"
    )
    async with database.write(id_of("bakery"), action="test", actor="test") as write:
        await write.start()
        await write.connection.exec_driver_sql("update observations set ended_in = batch_id")
        write.append()
    await _seed(database, bakery)
    assert await _rows(database, "select id, key from kpis") == []
    (bakery / "a.yaml").write_text(BAKERY, encoding="utf-8")
    await _seed(database, bakery)
    assert (
        await _rows(database, "select id, key from kpis")
        == before
        == await _rows(database, "select id, key from measures")
    )
