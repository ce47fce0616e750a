"""An organization as it was at one of its numbers, with everything below it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import pytest

from kpi_server.api.executor import Executor
from kpi_server.domain.access import Role
from kpi_server.services.catalog.loading import seed
from kpi_server.settings import Settings
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from tests.integration.api.conftest import scope_over

pytestmark = pytest.mark.families

CATALOG = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2026-Q1"}
owners:
  - {key: baker, source: "menu:2", title: Baker}
kpis:
  - {key: customer.churn, source: "menu:5", name: Churn, unit: RATIO/month, direction: DOWN}
kpi_rows:
  - {kpi: customer.churn, source: "menu:10", name: Churn, owner: baker, current: "7%", target: "<5%"}
"""
SHOWN = """
    version name
    owners(first: 5) { nodes { title } }
    kpis(first: 5, filter: { status: { in: [MET, MISSED] } }) { nodes { name status attainment } }
    kpi(key: "customer.churn") {
        name status current { text } target { text value } reported { text } owner { title }
        series(grain: MONTH, from: "2026-01", to: "2026-01") { basis exact }
        explain(period: "2026-01") { calculation { exact inputs { exact observations { exact } } } }
    }
    metrics(kpis: ["customer.customers_lost"], grain: MONTH, from: "2026-01", to: "2026-01") { rows { exact } }
"""
NOW = datetime(2026, 7, 1, tzinfo=UTC)
SCOPE = scope_over("bakery", "snapshot-co", role=Role.ADMIN)


@dataclass(frozen=True)
class History:
    """A bakery after five writes: whom to ask, and what it showed after each, by its number."""

    executor: Executor
    owner: str
    shown: dict

    async def ask(self, document, **variables):
        """Asks as clients do, planned wherever that is possible."""
        return json.loads((await self.executor.execute(SCOPE, document, variables)).body)


@pytest.fixture(scope="session")
async def history(schema, registry, template, clone, tmp_path_factory):
    """Five writes to the bakery, once for all tests, which only read."""
    addresses = await clone(template, "bakery_history")
    database = await open_database(addresses.server, revision=NEWEST, connections=3)
    executor = Executor(schema, registry, database, Settings(_env_file=None), clock=lambda: NOW)
    written = History(executor, addresses.owner, {})
    path = tmp_path_factory.mktemp("bakery") / "a.yaml"

    async def load(old="", new=""):
        text = path.read_text(encoding="utf-8") if path.exists() else CATALOG
        assert old in text
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        (receipt,) = await seed(database, registry, [path.parent])
        assert receipt.problems == ()

    async def record(**amounts):
        observations = [
            {"measure": f"customer.{key}", "period": "2026-01", "value": value} for key, value in amounts.items()
        ]
        given = {"organization": "bakery", "source": "till", "observations": observations}
        document = "mutation ($i: RecordObservationsInput!) { recordObservations(input: $i) { errors { message } } }"
        assert (await written.ask(document, i=given))["data"] == {"recordObservations": {"errors": []}}

    for write in (
        load,
        lambda: record(customers_lost="3", opening_customers="100"),
        lambda: load('target: "<5%"', 'target: "<8%"'),
        lambda: record(customers_lost="4"),
        lambda: load("title: Baker}", 'title: Head baker}\n  - {key: clerk, source: "menu:3", title: Clerk}'),
    ):
        await write()
        answer = await written.ask(f'{{ organization(slug: "bakery") {{ {SHOWN} }} }}')
        assert "errors" not in answer
        written.shown[answer["data"]["organization"]["version"]] = answer["data"]
    yield written
    await database.close()


async def test_every_number_shows_what_was_shown_then(history):
    shown = history.shown
    assert list(shown) == [1, 2, 3, 4, 5]
    for version, data in shown.items():
        document = f'{{ organization(slug: "bakery", asOf: {{ version: {version} }}) {{ {SHOWN} }} }}'
        assert await history.ask(document) | {"extensions": 0} == {"data": data, "extensions": 0}


async def test_values_are_those_that_were_known(history):
    """7 % misses a target of 5 % and meets one of 8 %; 3 of 100 customers left, corrected to 4."""
    document = """query ($n: Int!) { organization(slug: "bakery", asOf: { version: $n }) {
        kpi(key: "customer.churn") { status target { text } value(period: "2026-01") { exact } owner { title } }
    } }"""
    found = {}
    for version in range(1, 6):
        kpi = (await history.ask(document, n=version))["data"]["organization"]["kpi"]
        found[version] = (kpi["status"], kpi["target"]["text"], kpi["value"]["exact"], kpi["owner"]["title"])
    assert found == {
        1: ("MISSED", "<5%", None, "Baker"),
        2: ("MISSED", "<5%", "0.03", "Baker"),
        3: ("MET", "<8%", "0.03", "Baker"),
        4: ("MET", "<8%", "0.04", "Baker"),
        5: ("MET", "<8%", "0.04", "Head baker"),
    }


async def test_a_time_means_the_last_number_up_to_it(history):
    connection = await asyncpg.connect(history.owner)
    times = [row[0] for row in await connection.fetch("select recorded_at from batches order by sequence")]
    await connection.close()
    document = """query ($t: DateTime!) { organization(slug: "bakery", asOf: { time: $t }) { version } }"""
    for version, time in enumerate(times, 1):
        assert await _version(history, document, t=time.isoformat()) == version
    assert await _version(history, document, t="2999-01-01T00:00:00Z") == 5


async def _version(history, document, **variables):
    return (await history.ask(document, **variables))["data"]["organization"]["version"]


async def test_today_is_as_it_was_after_a_look_at_the_past(history):
    """Connections are shared: nothing of the past may be left on one."""
    shown = history.shown
    for version in (1, 5, 3):
        await history.ask(f'{{ organization(slug: "bakery", asOf: {{ version: {version} }}) {{ {SHOWN} }} }}')
        answer = await history.ask(f'{{ organization(slug: "bakery") {{ {SHOWN} }} }}')
        assert answer["data"] == shown[5]


async def test_an_argument_left_out_is_today(history):
    document = 'query ($a: AsOf) { organization(slug: "bakery", asOf: $a) { version } }'
    assert await _version(history, document) == 5
    assert await _version(history, document, a={"version": 2}) == 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            '{ organization(slug: "bakery", asOf: { version: 9 }) { version } }',
            "the organization's last write has the number 5",
        ),
        ('{ organization(slug: "bakery", asOf: { version: 0 }) { version } }', "there is nothing of the number 0"),
        (
            '{ organization(slug: "bakery", asOf: { time: "1999-01-01T00:00:00Z" }) { version } }',
            "there is nothing at 1999-01-01",
        ),
        (
            '{ a: organization(slug: "bakery", asOf: { version: 1 }) { version } '
            'b: organization(slug: "bakery", asOf: { version: 2 }) { version } }',
            "one organization at one moment",
        ),
        (
            '{ organization(slug: "bakery", asOf: { version: 1 }) { version } viewer { name } }',
            "for nothing beside",
        ),
        (
            '{ a: organization(slug: "bakery", asOf: { version: 1 }) { version } '
            'b: organization(slug: "bakery") { version } }',
            "one organization at one moment",
        ),
    ],
)
async def test_a_moment_that_is_none_and_two_moments_are_refused(history, document, message):
    (error,) = (await history.ask(document))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert message in error["message"]


async def test_an_organization_that_may_not_be_seen_is_null_in_the_past_too(history):
    document = '{ organization(slug: "auterity", asOf: { version: 1 }) { version } }'
    assert (await history.ask(document))["data"] == {"organization": None}
