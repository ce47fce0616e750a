"""Recording through the API: what is taken, what is refused, what is seen afterwards."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from kpi_server.api.executor import Executor
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import NOW

pytestmark = pytest.mark.families

RECORD = """
mutation ($input: RecordObservationsInput!) {
  recordObservations(input: $input) {
    recorded unchanged corrected version
    observations { period segment value exact text source { system document } kpi { key } }
    errors { code message path ... on ObservationError { index } }
  }
}
"""
MTTR = """
{ organization(slug: "snapshot-co") { version kpi(key: "MTTR") {
  current { text value period source { system document recordedAt } figure { text } }
  previous { text period source { document line } }
  status
} } }
"""


def scope_as(role, slug="snapshot-co", principal=7):
    return Scope(principal, "erp", (Grant(id_of(slug), slug, role),))


SERVICE = scope_as(Role.SERVICE)


def observation(kpi="MTTR", period="2024-Q2", value="1200", **more):
    return {"kpi": kpi, "period": period, "value": value, **more}


@pytest.fixture
def record(ask_clone):
    """Records observations as a service of snapshot-co; the payload."""

    async def recording(*observations, scope=SERVICE, now=NOW, **more):
        given = {"organization": "snapshot-co", "source": "pagerduty", "observations": list(observations), **more}
        answer = await ask_clone(RECORD, variables={"input": given}, scope=scope, now=now)
        assert answer.errors == []
        return answer.data["recordObservations"]

    return recording


async def test_a_recorded_value_becomes_current_and_the_printed_one_previous(record, ask_clone):
    before = await ask_clone(MTTR, scope=SERVICE)
    payload = await record(observation())
    assert (payload["recorded"], payload["corrected"], payload["unchanged"], payload["errors"]) == (1, 0, 0, [])
    assert payload["version"] == before.data["organization"]["version"] + 1
    assert payload["observations"] == [{
        "period": "2024-Q2", "segment": "", "value": 1200.0, "exact": "1200", "text": "20 min",
        "source": {"system": "pagerduty", "document": None}, "kpi": {"key": "technical.mttr"},
    }]  # fmt: skip
    after = (await ask_clone(MTTR, scope=SERVICE)).data["organization"]["kpi"]
    recorded_at = datetime.fromisoformat(after["current"]["source"].pop("recordedAt"))
    assert datetime.now(UTC) - recorded_at < timedelta(minutes=5)
    assert after == {
        "current": {
            "text": "20 min", "value": 1200.0, "period": "2024-Q2",
            "source": {"system": "pagerduty", "document": None}, "figure": None,
        },
        "previous": {"text": "22 minutes", "period": "2024-Q1", "source": {"document": "000", "line": 41}},
        "status": "MET",
    }  # fmt: skip


async def test_an_explanation_of_a_recorded_value_names_no_figure(record, ask_clone):
    await record(observation())
    query = '{ organization(slug: "snapshot-co") { kpi(key: "MTTR") { explain { figure { text } figureReason } } } }'
    answer = await ask_clone(query, scope=SERVICE)
    assert answer.data["organization"]["kpi"]["explain"] == {"figure": None, "figureReason": "RECORDED"}


async def test_one_operation_sees_what_it_recorded(ask_clone):
    given = {"organization": "snapshot-co", "source": "pagerduty", "observations": [observation(value="3600")]}
    answer = await ask_clone(
        """mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) {
          observations { kpi { current { value } status } } } }""",
        variables={"input": given},
        scope=SERVICE,
    )
    (seen,) = answer.data["recordObservations"]["observations"]
    assert seen == {"kpi": {"current": {"value": 3600.0}, "status": "MISSED"}}


async def test_the_same_again_changes_nothing_and_another_value_corrects(record, seeded_database):
    first = await record(observation(text="twenty minutes"))
    again = await record(observation(text="twenty minutes"))
    assert (again["recorded"], again["corrected"], again["unchanged"]) == (0, 0, 1)
    assert (again["version"], again["observations"]) == (first["version"], [])
    other = await record(observation(text="twenty minutes", value="1260"))
    assert (other["recorded"], other["corrected"], other["version"]) == (0, 1, first["version"] + 1)
    async with seeded_database.read([id_of("snapshot-co")]) as connection:
        kept = await connection.fetch("select value from observations order by id")
    assert [row["value"] for row in kept] == [1200, 1260]


async def test_of_two_sources_the_one_recorded_last_counts_and_they_are_never_summed(record, ask_clone):
    await record(observation(value="1200"))
    await record(observation(value="900"), source="opsgenie")
    current = (await ask_clone(MTTR, scope=SERVICE)).data["organization"]["kpi"]["current"]
    assert (current["value"], current["source"]["system"]) == (900.0, "opsgenie")
    await record(observation(value="1200"))  # repeats itself: nothing new was recorded
    current = (await ask_clone(MTTR, scope=SERVICE)).data["organization"]["kpi"]["current"]
    assert current["value"] == 900.0


async def test_a_backfill_changes_neither_current_nor_previous(record, ask_clone):
    await record(observation(), observation(period="2024-Q1", value="1320"))
    await record(observation(period="2021-Q1", value="9000"), observation(period="1999", value="9999"))
    kpi = (await ask_clone(MTTR, scope=SERVICE)).data["organization"]["kpi"]
    assert (kpi["current"]["period"], kpi["previous"]["period"], kpi["previous"]["text"]) == (
        "2024-Q2", "2024-Q1", "22 min",
    )  # fmt: skip


WRONG = [
    observation(),
    observation(kpi="no.such"),
    observation(kpi="Customer Satisfaction Or So"),
    observation(period="2026-03-02"),
    observation(period="2024-Q3", value="1" + "0" * 30),
    observation(period="2024-Q4", value="0." + "0" * 20 + "1"),
    observation(segment="plan"),
    observation(value="1500"),
    observation(period="2025-01", externalId="a"),
    observation(period="2025-02", externalId="a"),
    observation(period="2025-03", text=" "),
]
FOUND = [
    (1, "kpi", "NOT_FOUND"),
    (2, "kpi", "NOT_FOUND"),
    (3, "period", "BAD_USER_INPUT"),
    (4, "value", "BAD_USER_INPUT"),
    (5, "value", "BAD_USER_INPUT"),
    (6, "segment", "BAD_USER_INPUT"),
    (7, "period", "CONFLICT"),
    (9, "externalId", "CONFLICT"),
    (10, "text", "BAD_USER_INPUT"),
]


async def test_everything_wrong_is_told_at_once_and_nothing_is_written(record, ask_clone):
    before = (await ask_clone(MTTR, scope=SERVICE)).data
    payload = await record(*WRONG)
    assert [(error["index"], error["path"][3], error["code"]) for error in payload["errors"]] == FOUND
    assert [error["path"][:3] for error in payload["errors"][:1]] == [["input", "observations", "1"]]
    assert payload["errors"][2]["message"] == "2026-03-02 has not begun: today is 2026-03-01"
    assert (payload["recorded"], payload["observations"]) == (0, [])
    assert payload["version"] == before["organization"]["version"]
    assert (await ask_clone(MTTR, scope=SERVICE)).data == before


async def test_a_call_that_is_not_atomic_records_what_is_right(record):
    payload = await record(*WRONG, atomic=False)
    assert [error["index"] for error in payload["errors"]] == [index for index, _, _ in FOUND]
    assert payload["recorded"] == len(WRONG) - len(FOUND)
    assert [entry["period"] for entry in payload["observations"]] == ["2024-Q2", "2025-01"]


UNREADABLE = """
mutation { recordObservations(input: {organization: "snapshot-co", source: "pagerduty", observations: [
  {kpi: "MTTR", period: "2024-Q2", value: "1200"} {kpi: "no.such", period: "2024-13", value: "1.200,50"}
  {kpi: "MTTR", period: "yesterday", value: "ten"}
]}) { recorded errors { path message } } }
"""


async def test_what_cannot_be_read_is_told_with_all_other_mistakes(record, ask_clone):
    wrong = observation(kpi="no.such", period="2024-13", value="1.200,50")
    payload = await record(observation(), wrong, observation(period="yesterday", value="ten"))
    assert [(error["index"], error["path"][3]) for error in payload["errors"]] == [
        (1, "kpi"), (1, "period"), (1, "value"), (2, "period"), (2, "value"),
    ]  # fmt: skip
    assert payload["errors"][2]["message"].startswith('"1.200,50" is no number')
    literal = (await ask_clone(UNREADABLE, scope=SERVICE)).data["recordObservations"]
    told = [{"path": error["path"], "message": error["message"]} for error in payload["errors"]]
    assert literal == {"recorded": 0, "errors": told}


async def test_today_is_the_organizations_own(record, seeded_database):
    zone = "update organizations set time_zone = 'Pacific/Auckland'"
    async with seeded_database.write(id_of("snapshot-co"), action="test", actor="test") as write:
        await write.connection.exec_driver_sql(zone)
        write.record("organizations", id_of("snapshot-co"), "UPDATE")
    # 1 March at noon UTC is already the 2nd in Auckland.
    assert (await record(observation(period="2026-03-02")))["recorded"] == 1


async def test_an_external_id_means_one_value_for_each_source(record):
    await record(observation(externalId="case-7"))
    same = await record(observation(value="1100", externalId="case-7"))
    assert (same["corrected"], same["errors"]) == (1, [])
    other = await record(observation(period="2024-Q3", externalId="case-7"))
    assert [(error["code"], error["message"]) for error in other["errors"]] == [
        ("CONFLICT", '"case-7" is pagerduty\'s id of another value')
    ]
    elsewhere = await record(observation(period="2024-Q3", externalId="case-7"), source="opsgenie")
    assert elsewhere["errors"] == []


async def test_a_repeated_idempotency_key_gets_the_first_answer_again(record):
    first = await record(observation(), idempotencyKey="night-1")
    await record(observation(value="1300"))
    again = await record(observation(), idempotencyKey="night-1")
    assert again == first
    fresh = await record(observation(), idempotencyKey="night-1", now=NOW + timedelta(hours=25))
    assert (fresh["recorded"], fresh["corrected"]) == (0, 1)


async def test_an_idempotency_key_with_nothing_new_is_kept_too(record):
    await record(observation())
    first = await record(observation(), idempotencyKey="night-2")
    assert first["unchanged"] == 1
    await record(observation(value="1300"))
    assert await record(observation(), idempotencyKey="night-2") == first


async def test_an_idempotency_key_is_the_principals_own_and_refused_for_another_call(record, ask_clone):
    await record(observation(), idempotencyKey="night-1")
    other = scope_as(Role.INTEGRATOR, principal=8)
    assert (await record(observation(value="5"), idempotencyKey="night-1", scope=other))["corrected"] == 1
    given = {"organization": "snapshot-co", "source": "pagerduty", "observations": [observation(value="9")]}
    answer = await ask_clone(RECORD, variables={"input": given | {"idempotencyKey": "night-1"}}, scope=SERVICE)
    assert answer.data is None
    assert [code for code, _ in answer.errors] == ["CONFLICT"]


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        *[(scope_as(role), "FORBIDDEN") for role in (Role.EXECUTIVE, Role.DEPARTMENT, Role.SUPPORT, Role.EXTERNAL)],
        (scope_as(Role.ADMIN, slug="auterity"), "NOT_FOUND"),
    ],
)
async def test_who_may_not_record_is_told_so(scope, code, ask_seeds):
    given = {"organization": "snapshot-co", "source": "pagerduty", "observations": [observation()]}
    answer = await ask_seeds(RECORD, variables={"input": given}, scope=scope)
    assert [found for found, _ in answer.errors] == [code]


@pytest.mark.parametrize(
    "wrong",
    [{"observations": []}, {"source": " "}, {"source": "x" * 201}, {"idempotencyKey": ""}],
)
async def test_a_call_with_a_wrong_frame_is_refused(wrong, ask_seeds):
    given = {"organization": "snapshot-co", "source": "pagerduty", "observations": [observation()], **wrong}
    answer = await ask_seeds(RECORD, variables={"input": given}, scope=SERVICE)
    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]


MEASURED = """
mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) {
  recorded corrected unchanged observations { measure kpi { key } text exact currency } errors { code message path }
} }
"""


async def _measures(ask_clone, *observations):
    given = {"organization": "snapshot-co", "source": "billing", "observations": list(observations)}
    answer = await ask_clone(MEASURED, variables={"input": given}, scope=SERVICE)
    assert answer.errors == []
    return answer.data["recordObservations"]


async def test_measures_are_recorded_by_key_or_name_in_any_currency_and_as_sketches(ask_clone, seeded_database):
    sent = [
        {"measure": "financial.new_mrr", "period": "2024-05", "value": "25000"},
        {"measure": "Starting MRR", "period": "2024-05", "value": "100", "currency": "EUR"},
        {"measure": "customer.visitors", "period": "2024-05", "sketch": "DISTINCT 17:3 204:1"},
    ]
    payload = await _measures(ask_clone, *sent)
    assert (payload["recorded"], payload["errors"]) == (3, [])
    assert payload["observations"][:2] == [
        {"measure": "financial.new_mrr", "kpi": None, "text": "$25,000/month", "exact": "25000", "currency": None},
        {"measure": "financial.opening_mrr", "kpi": None, "text": "€100/month", "exact": "100", "currency": "EUR"},
    ]
    again = await _measures(ask_clone, *sent)
    assert (again["recorded"], again["corrected"], again["unchanged"]) == (0, 0, 3)
    other = await _measures(
        ask_clone, {**sent[1], "currency": "GBP"}, {**sent[2], "sketch": "DISTINCT 17:4 204:1"}, sent[0]
    )
    assert (other["recorded"], other["corrected"], other["unchanged"]) == (0, 2, 1)
    async with seeded_database.read([id_of("snapshot-co")]) as connection:
        rows = await connection.fetch(
            "select measure.key, currency, sketch_places, sketch_amounts from observations "
            "join measures as measure on measure.id = measure_id "
            "where ended_in is null and source = 'billing' order by 1"
        )
    assert [tuple(row) for row in rows] == [
        ("customer.visitors", None, [17, 204], [4, 1]),
        ("financial.new_mrr", None, None, None),
        ("financial.opening_mrr", "GBP", None, None),
    ]


async def test_a_measure_that_is_misspelt_is_answered_with_the_closest(ask_clone):
    payload = await _measures(
        ask_clone,
        {"measure": "financial.new_mr", "period": "2024-05", "value": "1"},
        {"period": "2024-05", "value": "1"},
    )
    assert [(error["path"][2:], error["code"]) for error in payload["errors"]] == [
        (["0", "measure"], "NOT_FOUND"), (["1", "kpi"], "BAD_USER_INPUT"),
    ]  # fmt: skip
    assert "did you mean financial.new_mrr" in payload["errors"][0]["message"]


TWICE = """
mutation ($first: RecordObservationsInput!, $second: RecordObservationsInput!) {
  first: recordObservations(input: $first) { recorded observations { exact } }
  second: recordObservations(input: $second) { corrected observations { exact } }
}
"""


async def test_a_write_takes_a_snapshot_only_where_something_is_read_and_then_a_new_one(
    schema, registry, seeded_database
):
    executor = Executor(schema, registry, seeded_database, Settings(), clock=lambda: NOW)
    frame = {"organization": "snapshot-co", "source": "pagerduty"}
    first, second = ({**frame, "observations": [observation(value=value)]} for value in ("1200", "1300"))
    blind = "mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) { recorded } }"
    async with AsyncExitStack() as everything:
        for _ in range(seeded_database.connections.size):
            await everything.enter_async_context(seeded_database.borrowed())
        answer = await executor.execute(SERVICE, blind, {"input": {**first, "source": "erp"}})
    assert answer.payload["data"] == {"recordObservations": {"recorded": 1}}
    answer = await executor.execute(SERVICE, TWICE, {"first": first, "second": second})
    assert orjson.loads(answer.body)["data"] == {
        "first": {"recorded": 1, "observations": [{"exact": "1200"}]},
        "second": {"corrected": 1, "observations": [{"exact": "1300"}]},
    }
