"""Retracting through the API: what is seen afterwards, of then and of now, and who may."""

import json

import pytest

from kpi_server.api.executor import Executor
from kpi_server.domain.access import Role
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import NOW, scope_over
from tests.integration.api.test_recording import SERVICE, observation

pytestmark = pytest.mark.families

RECORD = """
mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) { version errors { message } } }
"""
RETRACT = """
mutation ($input: RetractObservationsInput!) {
  retractObservations(input: $input) {
    retracted unchanged version errors { code message path ... on ObservationError { index } }
  }
}
"""
STANDS = """
query ($asOf: AsOf) { organization(slug: "snapshot-co", asOf: $asOf) { kpi(key: "MTTR") {
  current { text period } previous { text } status
  series(grain: QUARTER, from: "2024-Q2", to: "2024-Q2") { points { value } }
} } }
"""
PRINTED = {"text": "22 minutes", "period": "2024-Q1"}


@pytest.fixture
def retract(ask_clone):
    """Takes values back as a service; the answer."""

    async def retracting(*observations, scope=SERVICE, source="pagerduty", **more):
        given = {"organization": "snapshot-co", "source": source, "observations": list(observations), **more}
        return await ask_clone(RETRACT, variables={"input": given}, scope=scope)

    return retracting


@pytest.fixture
async def recorded(ask_clone):
    """A value for the quarter after the printed one; the number of the write."""
    given = {
        "organization": "snapshot-co", "source": "pagerduty", "observations": [observation(externalId="case-7")],
    }  # fmt: skip
    answer = await ask_clone(RECORD, variables={"input": given}, scope=SERVICE)
    return answer.data["recordObservations"]["version"]


@pytest.fixture
def stands(schema, registry, seeded_database):
    """Where the KPI stands, or stood at a number."""
    executor = Executor(schema, registry, seeded_database, Settings(), clock=lambda: NOW)

    async def standing(version=None):
        as_of = None if version is None else {"version": version}
        answer = json.loads((await executor.execute(SERVICE, STANDS, {"asOf": as_of})).body)
        assert "errors" not in answer
        return answer["data"]["organization"]["kpi"]

    return standing


async def test_what_documents_print_is_current_again_and_the_past_stays_as_it_was(retract, recorded, stands):
    before = await stands()
    assert (before["current"]["text"], before["previous"]["text"]) == ("20 min", "22 minutes")
    answer = (await retract({"kpi": "MTTR", "period": "2024-Q2"})).data["retractObservations"]
    assert answer == {"retracted": 1, "unchanged": 0, "version": recorded + 1, "errors": []}
    after = await stands()
    assert (after["current"], after["status"]) == (PRINTED, "MET")
    assert after["series"]["points"] == [{"value": None}]
    assert await stands(recorded) == before


async def test_an_id_of_the_sources_own_is_enough_and_a_second_time_changes_nothing(retract, recorded, stands):
    for retracted in (1, 0):
        answer = (await retract({"externalId": "case-7"})).data["retractObservations"]
        assert answer == {
            "retracted": retracted, "unchanged": 1 - retracted, "version": recorded + 1, "errors": [],
        }  # fmt: skip
    assert (await stands())["current"] == PRINTED


async def test_what_another_system_recorded_is_not_touched(retract, recorded, ask_clone):
    answer = (await retract({"kpi": "MTTR", "period": "2024-Q2"}, source="opsgenie")).data["retractObservations"]
    assert answer["errors"] == [{
        "code": "NOT_FOUND", "index": 0, "path": ["input", "observations", "0", "period"],
        "message": "opsgenie has recorded nothing of technical.mttr of 2024-Q2",
    }]  # fmt: skip
    assert (answer["retracted"], answer["version"]) == (0, recorded)


async def test_what_is_taken_back_in_one_call_is_seen_in_the_same_operation(ask_clone):
    given = {"organization": "snapshot-co", "source": "pagerduty"}
    answer = await ask_clone(
        """mutation ($record: RecordObservationsInput!, $retract: RetractObservationsInput!) {
          recordObservations(input: $record) { recorded }
          retractObservations(input: $retract) { retracted }
        }""",
        variables={
            "record": given | {"observations": [observation(externalId="a")]},
            "retract": given | {"observations": [{"externalId": "a"}]},
        },
        scope=SERVICE,
    )
    assert answer.data == {"recordObservations": {"recorded": 1}, "retractObservations": {"retracted": 1}}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"scope": scope_over("snapshot-co", role=Role.EXECUTIVE)}, "FORBIDDEN"),
        ({"scope": scope_over("auterity", role=Role.ADMIN)}, "NOT_FOUND"),
        ({"source": "EVENTS"}, "BAD_USER_INPUT"),
        ({"observations": []}, "BAD_USER_INPUT"),
    ],
)
async def test_a_call_with_a_wrong_frame_is_refused(more, code, ask_seeds):
    scope = more.pop("scope", SERVICE)
    given = {"organization": "snapshot-co", "source": "pagerduty", "observations": [{"externalId": "a"}], **more}
    answer = await ask_seeds(RETRACT, variables={"input": given}, scope=scope)
    assert [found for found, _ in answer.errors] == [code]


async def test_rows_taken_back_are_kept(retract, recorded, seeded_database):
    await retract({"externalId": "case-7"})
    async with seeded_database.read([id_of("snapshot-co")]) as connection:
        kept = await connection.fetch("select value, withdrawn, ended_in is null as stands from observations")
    assert [tuple(row) for row in kept] == [(1200, True, False)]
