"""The documents' facts, loaded: the counts and the statuses that the documents themselves show."""

import pytest

from kpi_server.services.catalog.loading import find_catalogs, seed
from kpi_server.services.catalog.report import report
from kpi_server.store.organizations import id_of

DOCUMENTS = [
    ("snapshot-co", "000", {"kpi_rows": 5}),
    ("ai-marketing-platform", "001", {"kpi_rows": 49, "risks": 5}),
    ("ai-marketing-platform", "002", {"kpi_rows": 35, "kpis": 31, "key_results": 12, "mitigations": 4}),
    ("datainsight-pro", "003", {"kpi_rows": 50, "cohort_cells": 80, "cohort_cells_filled": 60, "alert_rules": 9}),
    ("auterity", "004", {"kpi_rows": 23, "target_lines": 85, "alert_rules": 13}),
]
STATUSES = {
    "product.mau": "MISSED",  # 000:14
    "financial.arr": "MISSED",  # 000:21
    "customer.nps": "NEAR_MISS",  # 000:28
    "technical.deployment_frequency": "ACCEPTABLE",  # 000:35
    "technical.mttr": "MET",  # 000:42
}


@pytest.fixture
def families(registry):
    """The registry, where the seven families are installed: seeds are written in their KPIs."""
    if registry.family("financial") is None:
        pytest.skip("no first-party family is installed")
    return registry


async def test_seeds_load_once_and_hold_what_the_documents_print(database, families, seeds):
    receipts = await seed(database, families, find_catalogs([seeds]))
    assert [(receipt.slug, receipt.problems) for receipt in receipts if not receipt.loaded] == []
    counted = (await report(database, [receipt.slug for receipt in receipts])).as_json()["organizations"]
    for slug, document, expected in DOCUMENTS:
        found = counted[slug]["documents"][document]
        assert {kind: found[kind] for kind in expected} == expected
    again = await seed(database, families, find_catalogs([seeds]))
    assert {(receipt.created, receipt.updated, receipt.deleted, receipt.sequence) for receipt in again} == {
        (0, 0, 0, None)
    }


async def test_statuses_of_the_quarterly_review_are_as_it_words_them(database, families, seeds):
    await seed(database, families, [seeds / "snapshot-co"])
    async with database.read([id_of("snapshot-co")]) as connection:
        rows = await connection.fetch("select key, status from kpi_current join kpis on kpi_id = id where segment = ''")
    assert {row["key"]: row["status"] for row in rows} == STATUSES


async def test_families_that_a_catalog_was_loaded_with_are_remembered(database, families, seeds):
    await seed(database, families, [seeds / "snapshot-co"])
    async with database.read([]) as connection:
        found = {row["name"]: row["distribution"] for row in await connection.fetch("select * from families")}
    assert found == {loaded.family.name: loaded.distribution for loaded in families.families}
