"""One rule for all doors: what is wrong with a value is told in the same words, wherever it comes in."""

import csv
import io
from itertools import product

import orjson
import pytest

from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.domain.importing.rows import Format
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivery
from kpi_server.settings import Settings
from tests.integration import bakery

RECORD = """mutation ($input: RecordObservationsInput!) {
  recordObservations(input: $input) { recorded errors { code path message } } }"""
NAMES = [
    {"kpi": "bakery.waste"}, {"kpi": "Wast"}, {"kpi": "no.such"}, {"measure": "bakery.lost"},
    {"measure": "bakery.loss"}, {"kpi": "Waste", "measure": "bakery.lost"}, {},
]  # fmt: skip
PERIODS = ["2026-03", "2026-13", "2026-W60", "2031", "yesterday"]
VALUES = ["1", "1,5", "NaN", "9" * 31, "0." + "1" * 21, "1" * 70, None]
ODD = [
    {},
    {"segment": "plan"},
    {"segment": "Plan=a,b"},
    {"currency": "dollars"},
    {"text": "w" * 201},
    {"segment": "a=b"},
]
ROWS = [
    {**name, "period": period, **({} if value is None else {"value": value}), **ODD[place % len(ODD)]}
    for place, (name, period, value) in enumerate(product(NAMES, PERIODS, VALUES))
]
COLUMNS = ["kpi", "measure", "period", "segment", "value", "currency", "text"]


@pytest.fixture
async def shop(database, tmp_path):
    await bakery.load(database, bakery.family(), tmp_path)
    return database


async def _of_file(shop, form, text, first):
    async def arriving():
        yield text.encode()

    sender, delivery = Sender(bakery.HERE, 1, "till", "till"), Delivery(form, bakery.NOW, rehearses=True)
    delivered = await deliver(shop, bakery.family(), sender, delivery, arriving())
    faults = [(fault.index - first, fault.field, fault.code, fault.message) for fault in delivered.faults]
    return delivered.recorded, _told(faults)


def _told(faults):
    """Rows that repeat others are named by line or by place."""
    return {(place, field, code, "" if code == "CONFLICT" else message) for place, field, code, message in faults}


async def test_csv_lines_of_json_and_mutations_tell_the_same_of_the_same_values(shop):
    registry = bakery.family()
    executor = Executor(build_schema(registry), registry, shop, Settings(_env_file=None), clock=lambda: bakery.NOW)
    scope = Scope(1, "till", (Grant(bakery.HERE, "bakery", Role.SERVICE),))
    given = {"organization": "bakery", "source": "till", "atomic": False, "observations": ROWS}
    table = io.StringIO()
    written = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    written.writeheader()
    written.writerows(ROWS)
    of_csv = await _of_file(shop, Format.CSV, table.getvalue(), 2)
    of_json = await _of_file(shop, Format.NDJSON, "\n".join(orjson.dumps(row).decode() for row in ROWS), 1)
    answer = orjson.loads((await executor.execute(scope, RECORD, {"input": given})).body)["data"]["recordObservations"]
    told = [(int(one["path"][2]), one["path"][3], one["code"], one["message"]) for one in answer["errors"]]
    assert of_csv == of_json == (answer["recorded"], _told(told))
    assert {field for _, field, _, _ in told} == {"kpi", "measure", "period", "segment", "value", "currency", "text"}
    assert len(told) > len(ROWS) > answer["recorded"] > 0
