"""Source precedence: whose statement stands, in whatever order they came, and that the others stay readable."""

import json
from datetime import UTC, datetime
from itertools import permutations

import pytest

from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Role
from kpi_server.domain.importing.rows import Format
from kpi_server.domain.retracting import Retraction
from kpi_server.services.catalog.loading import seed
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.retracting import RetractionCall, retract
from kpi_server.services.staging import Delivery
from kpi_server.settings import Settings
from tests.integration.api.conftest import scope_over
from tests.integration.bakery import CATALOG, HERE, family, tell

NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
STATED = """
query ($period: Period!, $measure: String, $kpi: String, $first: Int, $after: Cursor) { organization(slug: "bakery") {
  sourcePrecedence
  observations(measure: $measure, kpi: $kpi, period: $period, first: $first, after: $after) {
    totalCount pageInfo { endCursor } nodes { exact stands withdrawn source { system } }
  }
} }
"""
STANDING = "select source, value from observations where ended_in is null"
DIRTY = "select distinct period from dirty_cells join kpis as kpi on kpi.id = kpi_id where kpi.key = 'bakery.waste'"


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
def load(database, registry, tmp_path):
    """Loads the bakery's catalog with an order of sources."""

    async def loading(*precedence):
        words = f"currency: EUR, source_precedence: [{', '.join(precedence)}]"
        (tmp_path / "a.yaml").write_text(CATALOG.replace("currency: EUR", words, 1), encoding="utf-8")
        (receipt,) = await seed(database, registry, [tmp_path])
        assert receipt.problems == ()
        return receipt.sequence

    return loading


@pytest.fixture
def stated(database, registry):
    executor = Executor(build_schema(registry), registry, database, Settings(), clock=lambda: NOW)

    async def asking(**variables):
        scope = scope_over("bakery", role=Role.EXECUTIVE)
        asked = {"period": "2026-02", "measure": "lost", **variables}
        return json.loads((await executor.execute(scope, STATED, asked)).body)

    return asking


async def _rows(database, sql):
    async with database.read([HERE]) as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


@pytest.mark.parametrize("order", [*permutations([("scale", 3), ("till", 4), ("guess", 5)])])
async def test_the_first_of_the_order_stands_whoever_came_when(database, registry, load, order):
    await load("till", "scale")
    for source, value in order:
        await tell(database, registry, ("lost", "2026-02", None, value), source=source)
    assert await _rows(database, STANDING) == [("till", 4)]
    for gone, left in (("till", ("scale", 3)), ("scale", ("guess", 5))):
        call = RetractionCall([Retraction(measure="lost", period="2026-02")], True, NOW)
        await retract(database, registry, Sender(HERE, 1, "a", gone), call)
        assert await _rows(database, STANDING) == [left]


async def test_a_file_of_a_source_that_ranks_lower_changes_nothing_that_stands(database, registry, load):
    await load("till")
    await tell(database, registry, ("lost", "2026-02", None, 4))

    async def arriving():
        yield b"measure,period,value\nlost,2026-02,9\nlost,2026-03,9\n"

    sender = Sender(HERE, 1, "a", "guess")
    delivered = await deliver(database, registry, sender, Delivery(Format.CSV, NOW), arriving())
    assert delivered.recorded == 2
    assert await _rows(database, f"{STANDING} order by period_start") == [("till", 4), ("guess", 9)]
    again = await deliver(database, registry, sender, Delivery(Format.CSV, NOW), arriving())
    assert (again.recorded, again.unchanged) == (0, 2)


async def test_another_order_settles_what_stands_anew(database, registry, load):
    await load()
    await tell(database, registry, ("lost", "2026-02", None, 3), source="scale")
    version = (await tell(database, registry, ("lost", "2026-02", None, 4), ("lost", "2026-04", None, 1))).version
    async with database.write(HERE, action="a test", actor="a test") as write:
        await (await write.driver()).execute("delete from dirty_cells")
        write.keep()
    assert await load("scale") == version + 1
    assert await _rows(database, f"{STANDING} order by period_start") == [("scale", 3), ("till", 1)]
    assert await _rows(database, DIRTY) == [("2026-02",)]
    assert await load("scale") is None
    await load()
    assert await _rows(database, f"{STANDING} order by period_start") == [("scale", 3), ("till", 1)]


async def test_everything_that_was_stated_stays_readable(database, registry, load, stated):
    await load("till", "scale")
    for source, value in (("scale", 3), ("till", 4), ("scale", 5)):
        await tell(database, registry, ("lost", "2026-02", None, value), source=source)
    call = RetractionCall([Retraction(measure="lost", period="2026-02")], True, NOW)
    await retract(database, registry, Sender(HERE, 1, "a", "till"), call)
    answer = (await stated())["data"]["organization"]
    assert answer["sourcePrecedence"] == ["till", "scale"]
    shown = [
        (one["source"]["system"], one["exact"], one["stands"], one["withdrawn"])
        for one in answer["observations"]["nodes"]
    ]
    assert shown == [
        ("scale", "5", True, False), ("scale", "5", False, False),
        ("till", "4", False, True), ("scale", "3", False, False),
    ]  # fmt: skip
    page = (await stated(first=3))["data"]["organization"]["observations"]
    rest = (await stated(first=3, after=page["pageInfo"]["endCursor"]))["data"]["organization"]["observations"]
    assert (page["totalCount"], [one["exact"] for one in rest["nodes"]]) == (4, ["3"])
    assert (await stated(measure="ovens"))["data"]["organization"]["observations"]["nodes"] == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"measure": None}, "BAD_USER_INPUT"),
        ({"kpi": "bakery.waste"}, "BAD_USER_INPUT"),
        ({"measure": "rolls"}, "NOT_FOUND"),
        ({"period": "2024-W53"}, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_nothing_is_told(load, stated, asked, code):
    await load()
    answer = await stated(**asked)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
