"""Closed periods through the API: who closes them, what is refused then, and what a restatement is."""

import json

import pytest

from kpi_server.api.executor import Executor
from kpi_server.domain.access import Role
from kpi_server.services.recompute import catch_up
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import NOW, scope_over
from tests.integration.api.test_recording import observation

pytestmark = pytest.mark.families

SLUG = "snapshot-co"
ADMIN, SERVICE = scope_over(SLUG, role=Role.ADMIN), scope_over(SLUG, role=Role.SERVICE)
CHANGE = """
mutation ($input: PeriodsInput!) { %s(input: $input) {
  changed unchanged version errors { code message path ... on PeriodError { index } } closedPeriods { period closedBy }
} }
"""
RECORD = """
mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) {
  recorded corrected errors { code message path }
} }
"""
RETRACT = """
mutation ($input: RetractObservationsInput!) { retractObservations(input: $input) { retracted errors { code } } }
"""
EVENTS = """
mutation ($input: RecordEventsInput!) { recordEvents(input: $input) { recorded errors { code message path } } }
"""
REFUSED = (
    "2024-05 lies in 2024-Q2, which is closed: an administrator changes its values with `restate`, or opens it again"
)


@pytest.fixture
def change(ask_clone):
    """Closes periods, or opens them again."""

    async def changing(name, *periods, scope=ADMIN):
        variables = {"input": {"organization": SLUG, "periods": list(periods)}}
        answer = await ask_clone(CHANGE % name, variables=variables, scope=scope)
        assert answer.errors == []
        return answer.data[name]

    return changing


@pytest.fixture
def write(ask_clone):
    """What a mutation about values of one source answers."""

    async def writing(document, scope=SERVICE, **more):
        given = {"organization": SLUG, "source": "pagerduty", **more}
        answer = await ask_clone(document, variables={"input": given}, scope=scope)
        return next(iter(answer.data.values())) if answer.data else answer.errors

    return writing


@pytest.fixture
def actions(seeded_database):
    async def reading():
        async with seeded_database.read([id_of(SLUG)]) as connection:
            rows = await connection.fetch("select action from batches where sequence > 1 order by sequence")
        return [row["action"] for row in rows]

    return reading


async def test_a_period_is_closed_once_and_shown_with_who_closed_it(change, actions):
    closed = await change("closePeriods", "2024-Q2", "2023")
    assert (closed["changed"], closed["unchanged"], closed["errors"]) == (2, 0, [])
    assert closed["closedPeriods"] == [
        {"period": "2023", "closedBy": "board"}, {"period": "2024-Q2", "closedBy": "board"},
    ]  # fmt: skip
    again = await change("closePeriods", "2023", "2024-Q1")
    assert (again["changed"], again["unchanged"], again["version"]) == (1, 1, closed["version"] + 1)
    assert (await change("closePeriods", "2023"))["version"] == again["version"]
    assert await actions() == ["close", "close"]


async def test_nothing_is_recorded_in_a_closed_period_or_a_part_of_it(change, write):
    await change("closePeriods", "2024-Q2")
    sent = [observation(period="2024-05"), observation(period="2024-Q2"), observation(period="2024")]
    refused = await write(RECORD, observations=sent)
    assert [(error["code"], error["path"][2:]) for error in refused["errors"]] == [
        ("FORBIDDEN", ["0", "period"]), ("FORBIDDEN", ["1", "period"]),
    ]  # fmt: skip
    assert refused["errors"][0]["message"] == REFUSED
    assert refused["errors"][1]["message"].startswith("2024-Q2 is closed: ")
    assert refused["recorded"] == 0
    await change("reopenPeriods", "2024-Q2")
    assert (await write(RECORD, observations=sent))["recorded"] == 3


async def test_an_administrator_restates_and_the_write_is_called_so(change, write, actions):
    await write(RECORD, observations=[observation()])
    await change("closePeriods", "2024-Q2")
    sent = {"observations": [observation(value="1300")], "restate": True}
    assert [code for code, _ in await write(RECORD, **sent)] == ["FORBIDDEN"]
    assert (await write(RECORD, scope=ADMIN, **sent))["corrected"] == 1
    open_period = [observation(period="2024-Q3")]
    assert (await write(RECORD, scope=ADMIN, observations=open_period, restate=True))["recorded"] == 1
    taken = {"observations": [{"kpi": "MTTR", "period": "2024-Q2"}]}
    assert [error["code"] for error in (await write(RETRACT, **taken))["errors"]] == ["FORBIDDEN"]
    assert (await write(RETRACT, scope=ADMIN, restate=True, **taken))["retracted"] == 1
    assert await actions() == ["record", "close", "restate", "record", "restate"]


async def test_events_of_a_closed_period_are_refused_unless_it_is_restated(change, write, actions):
    await change("closePeriods", "2024-Q2")
    sent = [{"kind": "session", "subject": "ada", "occurredAt": f"2024-0{month}-01T10:00:00Z", "externalId": str(month)}
            for month in (5, 7)]  # fmt: skip
    refused = await write(EVENTS, events=sent, atomic=False)
    assert (refused["recorded"], [error["path"] for error in refused["errors"]]) == (
        1, [["input", "events", "0", "occurredAt"]],
    )  # fmt: skip
    assert refused["errors"][0]["message"] == REFUSED.replace("2024-05", "2024-05-01")
    assert (await write(EVENTS, scope=ADMIN, events=sent, restate=True))["recorded"] == 1
    assert await actions() == ["close", "record events", "aggregate", "record events", "restate"]


@pytest.mark.parametrize(
    ("name", "periods", "found"),
    [
        ("closePeriods", ["2024-W53"], [(0, "BAD_USER_INPUT", '"2024-W53" is no period')]),
        (
            "closePeriods",
            ["2026-03", "2023", "2023"],
            [(0, "BAD_USER_INPUT", "2026-03 has not ended: its last day is 2026-03-31"), (2, "CONFLICT", "2023 is")],
        ),
        ("reopenPeriods", ["2024-05"], [(0, "CONFLICT", "2024-05 is closed as a part of 2024-Q2: open that again")]),
    ],
)
async def test_everything_wrong_is_told_and_nothing_is_done(name, periods, found, change):
    closed = await change("closePeriods", "2024-Q2")
    answer = await change(name, *periods)
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [
        (index, code) for index, code, _ in found
    ]
    assert all(error["message"].startswith(words) for error, (_, _, words) in zip(answer["errors"], found, strict=True))
    assert (answer["changed"], answer["version"], answer["closedPeriods"]) == (
        0, closed["version"], closed["closedPeriods"],
    )  # fmt: skip


async def test_only_administrators_close_and_open(ask_seeds):
    for name in ("closePeriods", "reopenPeriods"):
        given = {"organization": SLUG, "periods": ["2023"]}
        answer = await ask_seeds(CHANGE % name, variables={"input": given}, scope=SERVICE)
        assert [code for code, _ in answer.errors] == ["FORBIDDEN"]


async def test_the_past_knows_what_was_closed_then(change, schema, registry, seeded_database):
    closed = await change("closePeriods", "2023")
    opened = await change("reopenPeriods", "2023")
    executor = Executor(schema, registry, seeded_database, Settings(), clock=lambda: NOW)
    query = 'query ($at: AsOf) { organization(slug: "snapshot-co", asOf: $at) { closedPeriods { period } } }'
    for version, periods in ((closed["version"] - 1, []), (closed["version"], ["2023"]), (opened["version"], [])):
        answer = json.loads((await executor.execute(ADMIN, query, {"at": {"version": version}})).body)
        assert answer["data"]["organization"]["closedPeriods"] == [{"period": period} for period in periods]


VALUES = """query ($slug: String!) { organization(slug: $slug) { kpi(key: "%s") {
  value(period: "%s") { exact restated } series(grain: MONTH, from: "%s", to: "%s") { points { restated } }
} } }"""


async def test_a_recorded_value_says_that_it_was_restated(change, write, ask_clone):
    async def restated():
        found = await ask_clone(VALUES % ("technical.mttr", *["2024-05"] * 3), variables={"slug": SLUG}, scope=ADMIN)
        kpi = found.data["organization"]["kpi"]
        (point,) = kpi["series"]["points"]
        assert point["restated"] == kpi["value"]["restated"]
        return kpi["value"]["exact"], kpi["value"]["restated"]

    assert (await write(RECORD, observations=[observation(period="2024-05", value="1200")]))["errors"] == []
    assert await restated() == ("1200", False)
    await change("closePeriods", "2024-Q2")
    assert await restated() == ("1200", False)
    again = [observation(period="2024-05", value="1260"), observation(period="2024-07", value="1300")]
    assert (await write(RECORD, scope=ADMIN, restate=True, observations=again))["errors"] == []
    assert await restated() == ("1260", True)
    await change("reopenPeriods", "2024-Q2")
    assert await restated() == ("1260", False)


async def test_a_computed_value_says_that_what_it_stands_on_was_restated(
    change, write, ask_clone, seeded_database, registry
):
    def stated(monthly):
        return [{"measure": "financial.subscription_mrr", "period": "2024-05", "value": monthly}]

    async def restated():
        _ = [one async for one in catch_up(seeded_database, registry, [id_of(SLUG)], clock=lambda: NOW)]
        found = await ask_clone(VALUES % ("financial.arr", *["2024-05"] * 3), variables={"slug": SLUG}, scope=ADMIN)
        kpi = found.data["organization"]["kpi"]
        (point,) = kpi["series"]["points"]
        assert point["restated"] == kpi["value"]["restated"]
        return kpi["value"]["exact"], kpi["value"]["restated"]

    assert (await write(RECORD, observations=stated("100")))["errors"] == []
    assert await restated() == ("1200", False)
    await change("closePeriods", "2024-Q2")
    assert await restated() == ("1200", False)
    assert (await write(RECORD, scope=ADMIN, restate=True, observations=stated("110")))["errors"] == []
    assert await restated() == ("1320", True)
