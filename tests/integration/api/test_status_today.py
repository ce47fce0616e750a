"""A status depends on the organization's own day: the rule in SQL, as read and in filters, is the domain's."""

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest

from kpi_server.api.executor import Executor
from kpi_server.domain.status import Status, status
from kpi_server.domain.target import Operator, Target
from kpi_server.domain.unit import parse_unit
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import scope_over

pytestmark = pytest.mark.families

SLUG = "snapshot-co"
KPIS = f'{{ organization(slug: "{SLUG}") {{ kpis {{ nodes {{ key status colour target {{ id status }} }} }} }} }}'
FILTERED = f"""query Filtered($status: [Status!]!) {{
  organization(slug: "{SLUG}") {{ kpis(filter: {{status: {{in: $status}}}}) {{ totalCount nodes {{ key }} }} }} }}"""
DUE = date(2026, 3, 31)


async def _set(database, *, due_on, time_zone):
    async with database.write(id_of(SLUG), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql("update organizations set time_zone = $1 where slug = $2", (time_zone, SLUG))
        await connection.exec_driver_sql("update kpi_current set due_on = $1", (due_on,))
        await connection.exec_driver_sql("update targets set due_on = $1 where period is null", (due_on,))
        write.record("kpi_current", 1, "UPDATE")


async def _rows(database):
    """Each KPI with what the domain needs to judge it."""
    async with database.read([id_of(SLUG)]) as connection:
        return await connection.fetch(
            "select k.key, k.unit, k.acceptable, c.value, t.text, t.operator, t.value as bound from kpis k "
            "join kpi_current c on c.kpi_id = k.id and c.segment = '' left join targets t on t.id = c.target_id"
        )


def _judged(row, *, due):
    return status(
        None if row["text"] is None else Target(row["text"], Operator(row["operator"]), row["bound"]),
        row["value"],
        unit=parse_unit(row["unit"]),
        acceptable=row["acceptable"],
        due=due,
    )


@pytest.mark.parametrize(
    ("time_zone", "now", "today"),
    [
        ("UTC", datetime(2026, 3, 30, 23, 59, 59, tzinfo=UTC), date(2026, 3, 30)),
        ("UTC", datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), date(2026, 3, 31)),
        ("UTC", datetime(2026, 4, 1, tzinfo=UTC), date(2026, 4, 1)),
        ("Pacific/Auckland", datetime(2026, 3, 31, 10, 59, 59, tzinfo=UTC), date(2026, 3, 31)),  # 23:59:59 there
        ("Pacific/Auckland", datetime(2026, 3, 31, 11, tzinfo=UTC), date(2026, 4, 1)),
        ("America/Los_Angeles", datetime(2026, 4, 1, 6, 59, 59, tzinfo=UTC), date(2026, 3, 31)),
        ("America/Los_Angeles", datetime(2026, 4, 1, 7, tzinfo=UTC), date(2026, 4, 1)),
    ],
)
async def test_status_read_and_filtered_is_the_domains(ask_clone, seeded_database, time_zone, now, today):
    await _set(seeded_database, due_on=DUE, time_zone=time_zone)
    expected = {row["key"]: _judged(row, due=today > DUE).value for row in await _rows(seeded_database)}
    assert set(expected.values()) == ({"MISSED", "NEAR_MISS", "ACCEPTABLE", "MET"} if today > DUE else {"NOT_YET_DUE"})
    answer = await ask_clone(KPIS, now=now)
    assert answer.errors == []
    nodes = answer.data["organization"]["kpis"]["nodes"]
    assert {node["key"]: node["status"] for node in nodes} == expected
    assert {node["key"]: node["target"]["status"] for node in nodes} == expected
    for wanted in Status:
        found = (await ask_clone(FILTERED, variables={"status": [wanted.value]}, now=now)).data["organization"]["kpis"]
        keys = {key for key, value in expected.items() if value == wanted.value}
        assert {node["key"] for node in found["nodes"]} == keys
        assert found["totalCount"] == len(keys)


async def test_a_status_changes_at_the_organizations_midnight_without_a_write(ask_clone, seeded_database):
    await _set(seeded_database, due_on=DUE, time_zone="Europe/Berlin")
    midnight = datetime(2026, 3, 31, 22, tzinfo=UTC)  # summer time
    before = await ask_clone(KPIS, now=midnight - timedelta(microseconds=1))
    after = await ask_clone(KPIS, now=midnight)
    assert {node["status"] for node in before.data["organization"]["kpis"]["nodes"]} == {"NOT_YET_DUE"}
    assert {node["colour"] for node in before.data["organization"]["kpis"]["nodes"]} == {"GREY"}
    assert "NOT_YET_DUE" not in {node["status"] for node in after.data["organization"]["kpis"]["nodes"]}


async def test_without_a_target_there_is_nothing_to_be_due(ask_clone, seeded_database):
    async with seeded_database.write(id_of(SLUG), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql(
            "update kpi_current set target_id = null, status = 'NO_TARGET', due_on = $1", (DUE,)
        )
        write.record("kpi_current", 1, "UPDATE")
    answer = await ask_clone(KPIS, now=datetime(2026, 3, 1, tzinfo=UTC))
    assert {node["status"] for node in answer.data["organization"]["kpis"]["nodes"]} == {"NO_TARGET"}
    found = await ask_clone(FILTERED, variables={"status": ["NO_TARGET"]}, now=datetime(2026, 3, 1, tzinfo=UTC))
    assert found.data["organization"]["kpis"]["totalCount"] == 5


async def test_a_target_of_another_period_is_not_judged_by_this_ones_figure(ask_seeds):
    """000:50 aims at 550K in the second quarter of 2024; the figure is of the first."""
    selection = 'kpi(key: "product.mau") { targets { text period met status } }'
    query = f'{{ organization(slug: "{SLUG}") {{ {selection} }} }}'

    async def seen(now):
        answer = await ask_seeds(query, now=now)
        return {row["text"]: (row["met"], row["status"]) for row in answer.data["organization"]["kpi"]["targets"]}

    assert await seen(datetime(2024, 6, 30, 23, tzinfo=UTC)) == {
        "500K": (False, "MISSED"),
        "550K": (None, "NOT_YET_DUE"),
    }
    assert await seen(datetime(2024, 7, 1, tzinfo=UTC)) == {"500K": (False, "MISSED"), "550K": (None, "NO_DATA")}


async def test_a_question_asked_again_is_judged_by_the_new_moment(schema, registry, seeded_database):
    """What a list is described as is remembered for whoever asks the same again; the moment is not."""
    await _set(seeded_database, due_on=DUE, time_zone="UTC")
    moments = [datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)]
    now = moments[0]
    settings = Settings(_env_file=None, response_cache_bytes=0)
    executor = Executor(schema, registry, seeded_database, settings, lambda: now)
    document = (
        f'{{ organization(slug: "{SLUG}") {{ name '
        "kpis(first: 100, filter: {status: {eq: NOT_YET_DUE}}) { nodes { key status } } } }"
    )
    expected = {row["key"] for row in await _rows(seeded_database) if row["text"] is not None}
    for now in [*moments, *moments]:
        answer = orjson.loads((await executor.execute(scope_over(SLUG), document)).body)
        nodes = answer["data"]["organization"]["kpis"]["nodes"]
        assert {node["key"] for node in nodes} == (expected if now == moments[0] else set())
        assert {node["status"] for node in nodes} <= {"NOT_YET_DUE"}
