"""Loading catalogs into Postgres: all or nothing, nothing twice, just the edit, with history."""

import asyncio
from decimal import Decimal

import orjson
import pytest

from kpi_server.domain.calendar import Calendar, Weekday, WeekPattern, parse_calendar
from kpi_server.registry import build as build_registry
from kpi_server.services.catalog.loading import find_catalogs, seed
from kpi_server.services.catalog.reading import read_folder
from kpi_server.services.catalog.report import report
from kpi_server.store.bulk import insert_rows, table_of
from kpi_server.store.organizations import id_of
from kpi_server.store.tables.catalog import KpiAlias
from kpi_server.store.tables.management import Decision, Risk

BAKERY = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
owners:
  - {key: baker, source: "menu:2", title: Baker}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
  - {key: custom.waste, source: "menu:6", name: Waste, unit: RATIO, direction: DOWN}
kpi_rows:
  - {kpi: custom.loaves, source: "menu:10", name: Loaves, owner: baker, current: "70", target: "80+"}
  - {kpi: custom.waste, source: "menu:11", name: Waste, owner: baker, current: "2%", target: "<3%"}
"""
NO_FAMILY = build_registry([])
BORN = 1 + 1 + 1 + 2 + 2 + 2 + 2  # organization, document, owner, KPIs, rows, figures, targets


@pytest.fixture
def bakery(tmp_path):
    folder = tmp_path / "bakery"
    folder.mkdir()
    (folder / "a.yaml").write_text(BAKERY, encoding="utf-8")
    return folder


async def _seed(database, *folders):
    return await seed(database, NO_FAMILY, folders)


async def test_an_organizations_calendar_is_stored_and_edited_with_its_history(database, bakery):
    await _seed(database, bakery)
    _edit(bakery, "currency: EUR}", "currency: EUR, calendar: {fiscal_offset: 1, pattern: 4-5-4, week_start: SUNDAY}}")
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.deleted, receipt.sequence) == (0, 1, 0, 2)
    stored = await _rows(database, "select calendar from organizations")
    assert parse_calendar(stored[0][0], "UTC") == Calendar(
        fiscal_offset=1, pattern=WeekPattern.FOUR_FIVE_FOUR, week_start=Weekday.SUNDAY
    )
    before = await _rows(
        database, "select before ->> 'calendar' from changes where entity = 'organizations' and operation = 'UPDATE'"
    )
    assert before == [("",)]


async def test_fiscal_periods_of_a_catalog_have_the_calendars_days(database, bakery):
    _edit(bakery, "currency: EUR}", "currency: EUR, calendar: {fiscal_offset: -3}}")
    _edit(bakery, 'period: "2024-Q1"', 'period: "FY2024-Q1"')
    (receipt,) = await _seed(database, bakery)
    assert receipt.problems == ()
    found = await _rows(database, "select period, period_start::text, period_end::text from reported_figures")
    assert set(found) == {("FY2024-Q1", "2023-10-01", "2024-01-01")}
    assert await _rows(database, "select distinct period from kpi_current") == [("FY2024-Q1",)]


async def test_rates_of_a_catalog_are_stored_exactly_and_edited_alone(database, bakery):
    rates = 'exchange_rates:\n- {base: USD, quote: EUR, day: "2026-01-02", rate: "0.92153", source: "menu:3"}\n'
    (bakery / "rates.yaml").write_text(rates, encoding="utf-8")
    await _seed(database, bakery)
    _edit(bakery, "0.92153", "0.92154", name="rates.yaml")
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.deleted) == (0, 1, 0)
    found = await _rows(database, "select base, quote, day::text, rate from exchange_rates")
    assert found == [("USD", "EUR", "2026-01-02", Decimal("0.92154"))]


async def _rows(database, statement, slug="bakery"):
    async with database.read([id_of(slug)]) as connection:
        return [tuple(row) for row in await connection.fetch(statement)]


def _edit(folder, before, after, name="a.yaml"):
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")


async def test_first_load_creates_everything_under_number_one(database, bakery):
    (receipt,) = await _seed(database, bakery)
    assert (receipt.slug, receipt.created, receipt.updated, receipt.deleted) == ("bakery", BORN, 0, 0)
    assert (receipt.sequence, receipt.problems, receipt.loaded) == (1, (), True)
    standing = "select key, status, value, target_value from kpi_current join kpis on kpi_id = id order by key"
    assert await _rows(database, standing) == [
        ("custom.loaves", "MISSED", Decimal(70), Decimal(80)),
        ("custom.waste", "MET", Decimal("0.02"), Decimal("0.03")),
    ]


async def test_second_load_changes_nothing(database, bakery):
    await _seed(database, bakery)
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.deleted, receipt.sequence) == (0, 0, 0, None)
    assert await _rows(database, "select last from sequences") == [(1,)]
    assert await _rows(database, "select count(*) from batches") == [(1,)]


async def test_edited_figure_updates_its_row_alone_and_keeps_what_was(database, bakery):
    await _seed(database, bakery)
    before = await _rows(database, "select id, key from reported_figures order by key")
    _edit(bakery, '"70"', '"85"')
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.deleted, receipt.sequence) == (0, 1, 0, 2)
    assert await _rows(database, "select id, key from reported_figures order by key") == before
    changes = (
        "select entity, operation, changes.before ->> 'value' from changes join batches on batch_id = id "
        "where sequence = 2 order by entity"
    )
    assert await _rows(database, changes) == [("kpi_current", "UPDATE", "70"), ("reported_figures", "UPDATE", "70")]
    touched = "select text from reported_figures join batches on batch_id = batches.id where sequence = 2"
    assert await _rows(database, touched) == [("85",)]
    standing = "select status from kpi_current join kpis on kpi_id = id where key = 'custom.loaves'"
    assert await _rows(database, standing) == [("MET",)]


async def test_edited_organization_is_one_update(database, bakery):
    await _seed(database, bakery)
    _edit(bakery, "Corner Bakery", "Market Bakery")
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.sequence) == (0, 1, 2)
    assert await _rows(database, "select name from organizations") == [("Market Bakery",)]
    assert await _rows(database, "select changes.before ->> 'name' from changes where operation = 'UPDATE'") == [
        ("Corner Bakery",)
    ]


async def test_added_row_is_created_and_removed_row_deleted_with_its_content_kept(database, bakery):
    await _seed(database, bakery)
    (bakery / "b.yaml").write_text('contacts: [{key: a, source: "menu:20", name: Ann, duty: Orders}]', encoding="utf-8")
    (added,) = await _seed(database, bakery)
    (bakery / "b.yaml").unlink()
    (removed,) = await _seed(database, bakery)
    assert (added.created, added.updated, added.deleted) == (1, 0, 0)
    assert (removed.created, removed.updated, removed.deleted) == (0, 0, 1)
    assert await _rows(database, "select count(*) from contacts") == [(0,)]
    kept = "select changes.before ->> 'duty' from changes where operation = 'DELETE'"
    assert await _rows(database, kept) == [("Orders",)]


async def test_removed_kpi_takes_its_rows_and_its_standing_with_it(database, bakery):
    await _seed(database, bakery)
    text = (bakery / "a.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "custom.waste" not in line]
    (bakery / "a.yaml").write_text("\n".join(kept), encoding="utf-8")
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.deleted) == (0, 0, 4)  # KPI, row, figure, target
    assert await _rows(database, "select key from kpi_current join kpis on kpi_id = id") == [("custom.loaves",)]


async def test_all_rows_may_go_but_the_organization(database, bakery):
    await _seed(database, bakery)
    _edit(bakery, BAKERY, "\n".join(BAKERY.splitlines()[:3]))
    (receipt,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, receipt.deleted) == (0, 0, BORN - 2)


async def test_bad_catalog_is_not_loaded_and_the_good_one_beside_it_is(database, bakery, tmp_path):
    good = tmp_path / "good"
    good.mkdir()
    (good / "a.yaml").write_text(BAKERY.replace("slug: bakery", "slug: good"), encoding="utf-8")
    _edit(bakery, '"2%"', '"2 loaves"')
    bad, fine = await _seed(database, bakery, good)
    assert (bad.slug, bad.loaded, bad.created, bad.sequence) == ("bakery", False, 0, None)
    assert [str(problem) for problem in bad.problems] == [
        'bakery/a.yaml:11: current: "2 loaves" cannot be read in unit RATIO: the number must be followed by %'
    ]
    assert (fine.loaded, fine.created) == (True, BORN)
    assert await _rows(database, "select count(*) from organizations") == [(0,)]
    assert await _rows(database, "select count(*) from kpis", "good") == [(2,)]


async def test_bad_edit_leaves_what_was_loaded(database, bakery):
    await _seed(database, bakery)
    _edit(bakery, 'owner: baker, current: "70"', 'owner: nobody, current: "90"')
    (receipt,) = await _seed(database, bakery)
    assert not receipt.loaded
    assert await _rows(database, "select text from reported_figures order by key") == [("70",), ("2%",)]


async def test_two_folders_of_one_organization_are_both_refused(database, bakery, tmp_path):
    twin = tmp_path / "twin"
    twin.mkdir()
    (twin / "a.yaml").write_text(BAKERY, encoding="utf-8")
    receipts = await _seed(database, bakery, twin)
    assert [[str(problem) for problem in receipt.problems] for receipt in receipts] == [
        ['bakery/a.yaml:1: slug: "bakery" is also the organization at twin/a.yaml:1'],
        ['twin/a.yaml:1: slug: "bakery" is also the organization at bakery/a.yaml:1'],
    ]
    assert await _rows(database, "select count(*) from organizations") == [(0,)]


async def test_two_first_loads_at_once_make_one_organization(database, bakery):
    one, two = await asyncio.gather(_seed(database, bakery), _seed(database, bakery))
    assert sorted([one[0].created, two[0].created]) == [0, BORN]
    assert {one[0].sequence, two[0].sequence} == {1, None}


async def _insert(database, model, **columns):
    (row_id,) = await database.ids(1)
    async with database.write(id_of("bakery"), action="test", actor="test") as write:
        await write.start()
        row = {
            "organization_id": id_of("bakery"), "id": row_id, "position": 0, "document": None, "line": None,
            "origin": "API", "batch_id": write.batch_id, **columns,
        }  # fmt: skip
        await insert_rows(write.connection, table_of(model), [row])
        write.record(str(model.__tablename__), row_id, "INSERT")


async def test_row_of_another_origin_is_left_alone(database, bakery):
    await _seed(database, bakery)
    await _insert(database, Decision, key="close", title="Close on Mondays", rationale=None)
    (receipt,) = await _seed(database, bakery)
    assert (receipt.deleted, receipt.sequence) == (0, None)
    assert await _rows(database, "select title from decisions") == [("Close on Mondays",)]


async def test_removed_row_that_another_origin_names_is_kept_and_reported(database, bakery):
    await _seed(database, bakery)
    ((kpi_id,),) = await _rows(database, "select id from kpis where key = 'custom.waste'")
    await _insert(database, Risk, key="mould", name="Mould", kpi_id=kpi_id, decision_id=None)
    text = (bakery / "a.yaml").read_text(encoding="utf-8")
    (bakery / "a.yaml").write_text(
        "\n".join(line for line in text.splitlines() if "custom.waste" not in line), encoding="utf-8"
    )
    (receipt,) = await _seed(database, bakery)
    assert receipt.loaded
    assert [str(problem) for problem in receipt.problems] == [
        "bakery: kpis custom.waste is gone from the catalog but kept: risks mould (API) names it"
    ]
    assert await _rows(database, "select key from kpis order by key") == [("custom.loaves",), ("custom.waste",)]


async def test_key_that_another_origin_bears_is_refused(database, bakery):
    await _seed(database, bakery)
    ((kpi_id,),) = await _rows(database, "select id from kpis where key = 'custom.waste'")
    await _insert(database, KpiAlias, key="custom.waste scraps", kpi_id=kpi_id, name="Scraps", folded="scraps")
    _edit(bakery, "name: Waste, unit", "name: Waste, aliases: [Scraps], unit")
    (receipt,) = await _seed(database, bakery)
    assert [str(problem) for problem in receipt.problems] == [
        "bakery: key: kpi_aliases custom.waste scraps is there already and not from a catalog (API): "
        "give the row of menu:6 another key"
    ]


async def test_corrected_observation_is_another_row(database, bakery):
    observed = 'observations: [{kpi: custom.loaves, source: "menu:30", period: "2024-03", value: "5"}]'
    (bakery / "b.yaml").write_text(observed, encoding="utf-8")
    await _seed(database, bakery)
    _edit(bakery, '"5"', '"6"', name="b.yaml")
    (receipt,) = await _seed(database, bakery)
    (again,) = await _seed(database, bakery)
    assert (receipt.created, receipt.updated, again.created) == (1, 0, 0)
    assert await _rows(database, "select value from observations order by id") == [(Decimal(5),), (Decimal(6),)]


@pytest.mark.full  # ten seconds
async def test_catalog_of_ten_thousand_rows_loads(database, bakery):
    rows = [
        f'  - {{kpi: custom.loaves, source: "menu:{line}", text: "{line}", placement: NARRATIVE}}'
        for line in range(1000, 11000)
    ]
    (bakery / "b.yaml").write_text("\n".join(["figures:", *rows]), encoding="utf-8")
    (receipt,) = await _seed(database, bakery)
    (again,) = await _seed(database, bakery)
    assert (receipt.created, again.created, again.updated) == (BORN + 10_000, 0, 0)


async def test_progress_reaches_its_total(database, bakery):
    steps = []
    await seed(database, NO_FAMILY, [bakery], progress=steps.append)
    assert [(step.slug, step.words, step.done, step.total) for step in steps] == [
        ("bakery", "checking", 0, 4), ("bakery", "comparing", 1, 4), ("bakery", "writing", 2, 4),
        ("bakery", "judging", 3, 4), ("bakery", "done", 4, 4),
    ]  # fmt: skip


def test_capitals_in_the_end_of_a_name_do_not_matter(tmp_path, bakery):
    (bakery / "a.yaml").rename(bakery / "A.YAML")
    (bakery / "read.me").touch()
    assert find_catalogs([tmp_path]) == [bakery]
    assert [placed.row.key for placed in read_folder(bakery).rows["owners"]] == ["baker"]


def test_folder_of_folders_stands_for_the_catalogs_in_it(tmp_path, bakery):
    (tmp_path / "notes").mkdir()
    assert find_catalogs([tmp_path]) == [bakery]
    assert find_catalogs([bakery]) == [bakery]
    assert find_catalogs([tmp_path / "missing"]) == [tmp_path / "missing"]


async def test_missing_folder_is_one_clear_problem(database, tmp_path):
    (receipt,) = await _seed(database, tmp_path / "missing")
    assert [str(problem) for problem in receipt.problems] == [
        f"{tmp_path / 'missing'}: no catalog here: expected a folder with .yaml files"
    ]


async def test_report_counts_every_kind_also_where_there_is_none(database, bakery):
    await _seed(database, bakery)
    counted = orjson.loads(orjson.dumps((await report(database, ["bakery", "unknown"])).as_json()))
    assert list(counted["organizations"]) == ["bakery"]
    found = counted["organizations"]["bakery"]
    assert {kind: count for kind, count in found["counts"].items() if count} == {
        "documents": 1, "figures": 2, "kpi_rows": 2, "kpis": 2, "owners": 1, "targets": 2,
    }  # fmt: skip
    assert found["counts"]["cohort_cells"] == found["counts"]["observations"] == 0
    assert {kind: count for kind, count in found["documents"]["menu"].items() if count} == {
        "figures": 2, "kpi_rows": 2, "kpis": 2, "owners": 1, "target_lines": 2, "targets": 2,
    }  # fmt: skip
    assert (await report(database, ["bakery"])).as_table()[:2] == [("kind", "bakery"), ("documents", "1")]
