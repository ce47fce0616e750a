"""Importing files of events: once each, by line what is wrong, measures made of them, failures shown."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Role
from kpi_server.domain.importing.rows import Content, Format
from kpi_server.errors import BadInput
from kpi_server.services.catalog.loading import seed
from kpi_server.services.closing import CLOSE, change_closing
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivery
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import scope_over
from tests.integration.test_aggregation import CATALOG

pytestmark = pytest.mark.families

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HERE = id_of("shop")
STATE = """
{ organization(slug: "shop") {
  aggregates { key kind measures waiting lastStart failure }
  imports { nodes { content format accepted rejected version } }
} }
"""


def session(external_id="s-1", subject="ada", day="03-01", **more):
    return {
        "kind": "session",
        "subject": subject,
        "occurredAt": f"2026-{day}T10:00:00Z",
        "externalId": external_id,
        **more,
    }


def lines(*rows):
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


@pytest.fixture
async def shop(database, registry, tmp_path):
    (tmp_path / "all.yaml").write_text(CATALOG, encoding="utf-8")
    (receipt,) = await seed(database, registry, [tmp_path])
    assert receipt.problems == ()
    return database


@pytest.fixture
def send(shop, registry):
    async def sending(content, *, form=Format.NDJSON, source="web", **more):
        async def arriving():
            for start in range(0, len(content), 100):
                yield content[start : start + 100]

        delivery = Delivery(form, NOW, content=Content.EVENTS, **more)
        return await deliver(shop, registry, Sender(HERE, 1, "a test", source), delivery, arriving())

    return sending


@pytest.fixture
def state(shop, registry):
    executor = Executor(build_schema(registry), registry, shop, Settings(), clock=lambda: NOW)

    async def asking():
        answer = json.loads((await executor.execute(scope_over("shop", role=Role.EXECUTIVE), STATE)).body)
        return answer["data"]["organization"]

    return asking


async def _rows(database, sql):
    async with database.read([HERE]) as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


COUNTS = "select (select count(*) from events), (select count(*) from event_names), (select count(*) from batches)"
USERS = (
    "select period, value from observations as o join measures as m on m.id = o.measure_id "
    "where m.key = 'product.active_users' and segment = '' and ended_in is null order by period"
)


async def test_events_are_recorded_once_and_measures_made_of_them(send, shop, state):
    sent = lines(
        session(attributes={"plan": "pro"}),
        session("s-2", "bob", **{"attributes.plan": "pro"}),
        session("s-3", day="03-02"),
    )
    delivered = await send(sent)
    assert (delivered.recorded, delivered.unchanged, delivered.rejected, delivered.version) == (3, 0, 0, 2)
    assert [(one.aggregate, one.periods, one.failure) for one in delivered.aggregated] == [
        ("product.sessions", 2, None)
    ]
    again = await send(sent)
    assert (again.recorded, again.unchanged, again.version, again.aggregated) == (0, 3, None, ())
    assert (await _rows(shop, COUNTS))[0][:2] == (3, 3)
    assert await _rows(shop, "select count(*) from batches where sequence is null") == [(0,)]
    assert await _rows(shop, "select distinct attributes ->> 'plan' as plan from events order by 1") == [
        ("pro",),
        (None,),
    ]
    shown = await state()
    assert shown["imports"]["nodes"] == [
        {"content": "EVENTS", "format": "NDJSON", "accepted": 3, "rejected": 0, "version": version}
        for version in (None, 2)
    ]
    (sessions,) = [one for one in shown["aggregates"] if one["key"] == "product.sessions"]
    assert (sessions["kind"], sessions["waiting"], sessions["lastStart"]) == ("session", 0, "2026-03-02")
    assert "product.active_users" in sessions["measures"]


WRONG = [
    session(),
    session("s-2", subject=" "),
    session("s-3", kind="sesion"),
    {**session("s-4"), "occurredAt": "2026-03-01T10:00:00"},
    {**session("s-5"), "occurredAt": "2026-04-01T10:00:00Z"},
    {"kind": "session", "subject": "ada"},
    session("s-6", amount=float("nan")),
    session("s-7", colour="red"),
    session(subject="bob"),
    session(),
    session("s-8", attributes={"plan": 7}),
]
FOUND = [
    (2, "subject"),
    (3, "kind"),
    (4, "occurredAt"),
    (5, "occurredAt"),
    (6, ""),
    (7, ""),
    (8, ""),
    (9, "externalId"),
    (11, ""),
]


async def test_what_is_wrong_is_told_by_line_and_the_others_are_recorded(send, shop):
    delivered = await send(lines(*WRONG))
    assert [(fault.index, fault.field) for fault in delivered.faults] == FOUND
    assert (delivered.recorded, delivered.unchanged, delivered.rejected) == (1, 1, 9)
    assert delivered.faults[3].message == "2026-04-01T10:00:00+00:00 has not come yet"
    assert delivered.faults[7].code == "CONFLICT"


@pytest.mark.parametrize(("more", "recorded"), [({"atomic": True}, 0), ({"rehearses": True}, 1)])
async def test_a_rehearsal_and_an_atomic_file_with_a_wrong_row_record_nothing(send, shop, more, recorded):
    before = await _rows(shop, COUNTS)
    delivered = await send(lines(*WRONG), **more)
    assert [(fault.index, fault.field) for fault in delivered.faults] == FOUND
    assert (delivered.recorded, delivered.version) == (recorded, None)
    assert await _rows(shop, COUNTS) == before


async def test_of_a_file_that_breaks_off_nothing_is_recorded(send, shop):
    before = await _rows(shop, COUNTS)
    with pytest.raises(BadInput, match="end too early"):
        await send(gzip.compress(lines(session()))[:-9])
    with pytest.raises(BadInput, match="events come as NDJSON"):
        await send(b"kind,subject\n", form=Format.CSV)
    assert await _rows(shop, COUNTS) == before


async def test_events_of_a_closed_period_are_rejected(send, shop):
    await change_closing(shop, HERE, "cfo", ["2026-02"], NOW, action=CLOSE)
    delivered = await send(lines(session(day="02-28"), session("s-2")))
    assert [(fault.index, fault.code) for fault in delivered.faults] == [(1, "FORBIDDEN")]
    assert (delivered.recorded, (await send(lines(session(day="02-28")), restates=True)).recorded) == (1, 1)


async def test_an_aggregate_that_fails_is_shown_until_it_is_mended(send, shop, state):
    """There is no rate for pounds yet: the events are kept, and wait."""
    paid = {"kind": "subscription", "subject": "acme", "externalId": "a", "amount": 9, "currency": "GBP"}
    delivered = await send(lines({**paid, "occurredAt": "2026-03-01T10:00:00Z"}))
    assert delivered.recorded == 1
    (made,) = delivered.aggregated
    assert "GBP" in made.failure
    (failed,) = [one for one in (await state())["aggregates"] if one["failure"]]
    assert (failed["kind"], failed["waiting"], failed["failure"]) == ("subscription", 1, made.failure)
    async with shop.write(HERE, action="a test", actor="a test") as write:
        await (await write.driver()).execute("delete from events")
        write.keep()
    euros = {**paid, "externalId": "b", "currency": "EUR", "occurredAt": "2026-03-01T10:00:00Z"}
    assert (await send(lines(euros))).aggregated[0].failure is None
    assert [one["failure"] for one in (await state())["aggregates"]] == [None] * len((await state())["aggregates"])
