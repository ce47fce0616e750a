"""The receipts of imports in the graph: what became of each file, of which rows, and what it still keeps busy."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Role
from kpi_server.domain.importing.rows import Format
from kpi_server.services.importing import deliver
from kpi_server.services.recompute import recompute
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivery
from kpi_server.settings import Settings
from tests.integration.api.conftest import scope_over
from tests.integration.bakery import HERE, family

NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
SCOPE = scope_over("bakery", role=Role.EXECUTIVE)
GOOD = b"measure,period,value\nbaked,2026-03,75\nlost,2026-03,3\n"
WRONG = GOOD.replace(b"75", b"80") + b"rolls,2026-03,1\nlost,2026-13,2\nlost,2026-02,many\n"
RECEIPTS = """
query ($first: Int, $after: Cursor, $source: String, $of: Int) { organization(slug: "bakery") {
  imports(first: $first, after: $after, source: $source) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      name source by format accepted recorded corrected unchanged rejected version waiting
      rejections(first: $of) { totalCount nodes { line field code message } }
    }
  }
} }
"""


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
def ask(bakery, registry):
    executor = Executor(build_schema(registry), registry, bakery, Settings(), clock=lambda: NOW + timedelta(days=3000))

    async def asking(query=RECEIPTS, **variables):
        answer = json.loads((await executor.execute(SCOPE, query, variables)).body)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]["organization"]["imports"]

    return asking


async def _deliver(database, registry, content, name, *, source="till"):
    async def arriving():
        yield content

    delivery = Delivery(Format.CSV, NOW, name=name)
    return await deliver(database, registry, Sender(HERE, 1, "Till 3", source), delivery, arriving())


async def test_each_import_is_shown_with_the_rows_that_were_not_taken_the_newest_first(bakery, registry, ask):
    await _deliver(bakery, registry, GOOD, "a.csv")
    await _deliver(bakery, registry, WRONG, "b.csv")
    await _deliver(bakery, registry, GOOD.replace(b"75", b"80"), "c.csv")
    shown = await ask(of=2)
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (3, False)
    last, middle, first = shown["nodes"]
    waiting = [one.pop("waiting") for one in (last, middle, first)]
    assert waiting[0] == 0
    assert waiting[1] > 0
    assert first == {
        "name": "a.csv", "source": "till", "by": "Till 3", "format": "CSV", "accepted": 2, "recorded": 2,
        "corrected": 0, "unchanged": 0, "rejected": 0, "version": 2, "rejections": {"totalCount": 0, "nodes": []},
    }  # fmt: skip
    counts = ("accepted", "recorded", "corrected", "unchanged", "rejected", "version")
    assert [middle[name] for name in counts] == [2, 0, 1, 1, 3, 3]
    assert [last[name] for name in counts] == [2, 0, 0, 2, 0, None]
    assert middle["rejections"]["totalCount"] == 3
    assert [(one["line"], one["field"], one["code"]) for one in middle["rejections"]["nodes"]] == [
        (4, "measure", "NOT_FOUND"), (5, "period", "BAD_USER_INPUT"),
    ]  # fmt: skip


async def test_they_are_paged_and_filtered_by_source(bakery, registry, ask):
    for number in range(3):
        await _deliver(bakery, registry, GOOD, f"{number}.csv", source=f"till {number % 2}")
    page = await ask(first=2)
    assert [one["name"] for one in page["nodes"]] == ["2.csv", "1.csv"]
    rest = await ask(first=2, after=page["pageInfo"]["endCursor"])
    assert [one["name"] for one in rest["nodes"]] == ["0.csv"]
    assert [one["name"] for one in (await ask(source="till 0"))["nodes"]] == ["2.csv", "0.csv"]


async def test_what_waits_is_told_as_it_is_now_though_nothing_is_written(bakery, registry, ask):
    """An answer that is kept from before would not know that the background has caught up."""
    await _deliver(bakery, registry, GOOD, "a.csv")
    query = '{ organization(slug: "bakery") { imports { nodes { waiting lagSeconds } } } }'
    for _ in range(3):
        (receipt,) = (await ask(query))["nodes"]
        assert receipt["waiting"] > 0
        assert receipt["lagSeconds"] > 0
    await recompute(bakery, registry, HERE)
    assert (await ask(query))["nodes"] == [{"waiting": 0, "lagSeconds": 0.0}]


async def test_the_past_has_the_imports_of_then(bakery, registry, ask):
    first = await _deliver(bakery, registry, GOOD, "a.csv")
    await _deliver(bakery, registry, WRONG, "b.csv")
    query = 'query ($at: AsOf) { organization(slug: "bakery", asOf: $at) { imports { nodes { name } } } }'
    assert (await ask(query, at={"version": first.version}))["nodes"] == [{"name": "a.csv"}]
    assert (await ask(query, at={"version": first.version - 1}))["nodes"] == []
