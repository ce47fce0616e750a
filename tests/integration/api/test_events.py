"""Recording events through the API: who may, what counts, what is refused, and what metrics say afterwards."""

import pytest

from kpi_server.domain.access import Role
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import scope_over

pytestmark = pytest.mark.families

SLUG = "snapshot-co"
RECORD = """
mutation ($input: RecordEventsInput!) {
  recordEvents(input: $input) { recorded unchanged version errors { code message path ... on EventError { index } } }
}
"""


def session(external_id="s-1", **more):
    return {
        "kind": "session", "subject": "ada", "occurredAt": "2024-03-01T10:00:00Z", "externalId": external_id, **more
    }  # fmt: skip


@pytest.fixture
def record(ask_clone):
    """Records events as a service; the answer."""

    async def recording(*events, role=Role.SERVICE, source="web", **more):
        given = {"organization": SLUG, "source": source, "events": list(events), **more}
        return await ask_clone(RECORD, variables={"input": given}, scope=scope_over(SLUG, role=role))

    return recording


@pytest.fixture
def stored(seeded_database):
    """Counts what is stored of events, and of the observations that are made of them."""

    async def counting():
        async with seeded_database.read([id_of(SLUG)]) as connection:
            return tuple(
                await connection.fetchrow(
                    "select (select count(*) from events), (select count(*) from event_names), "
                    "(select count(*) from observations where source = 'EVENTS')"
                )
            )

    return counting


async def test_events_are_recorded_once_and_measures_made_of_them(record, stored):
    first = (await record(session(), session("s-2", subject="bob"))).data["recordEvents"]
    assert (first["recorded"], first["unchanged"], first["errors"]) == (2, 0, [])
    again = (await record(session(), session("s-3"))).data["recordEvents"]
    assert (again["recorded"], again["unchanged"], again["errors"]) == (1, 1, [])
    events, names, made = await stored()
    assert (events, names) == (3, 3)
    assert made == 3  # the active users of the day, and what they are on average and at most


async def test_another_source_may_use_the_same_ids(record, stored):
    await record(session())
    assert (await record(session(), source="app")).data["recordEvents"]["recorded"] == 1
    assert (await stored())[:2] == (2, 2)


async def test_an_event_that_says_another_thing_under_its_name_is_refused(record, stored):
    await record(session())
    for atomic, recorded in ((True, 0), (False, 1)):
        sent = (await record(session(subject="bob"), session("s-9"), atomic=atomic)).data["recordEvents"]
        assert (sent["recorded"], sent["unchanged"]) == (recorded, 0)
        assert sent["errors"] == [{
            "code": "CONFLICT", "index": 0, "path": ["input", "events", "0", "externalId"],
            "message": "\"s-1\" is web's name of an event that says something else; events do not change",
        }]  # fmt: skip
    assert (await stored())[:2] == (2, 2)


async def test_one_mistake_keeps_all_of_them_out_and_all_mistakes_are_told(record, stored):
    unreadable = {"occurredAt": "noon", "amount": "1,5"}
    wrong = session("s-2", kind="?", subject=" ", attributes=[{"key": "Plan", "value": "pro"}], **unreadable)
    sent = (await record(session(), wrong)).data["recordEvents"]
    assert sent["recorded"] == 0
    assert [error["path"][-1] for error in sent["errors"]] == [
        "subject", "occurredAt", "kind", "amount", "attributes",
    ]  # fmt: skip
    assert await stored() == (0, 0, 0)


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"role": Role.EXECUTIVE}, "FORBIDDEN", "Recording needs one of the roles ADMIN, INTEGRATOR, SERVICE"),
        ({"source": "events"}, "BAD_USER_INPUT", "`source` is the name of the system that measures, not events"),
        ({"source": " "}, "BAD_USER_INPUT", "`source`: it is empty"),
        ({"events": []}, "BAD_USER_INPUT", "`events` holds 1 to 10000 events, not 0"),
        ({"organization": "nobody"}, "NOT_FOUND", 'There is no organization "nobody" that you may see.'),
    ],
)
async def test_a_call_whose_frame_is_wrong_is_refused(record, stored, more, code, message):
    ((found, words),) = (await record(session(), **more)).errors
    assert found == code
    assert message in words
    assert await stored() == (0, 0, 0)
