"""The feed tells what writes changed: in their order, each change once, whatever the pages and wherever one begins."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest

from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.domain.feed import FeedCursor, Position
from kpi_server.domain.recording import Sent
from kpi_server.domain.retracting import Retraction
from kpi_server.services.catalog.loading import seed
from kpi_server.services.closing import CLOSE, OPEN, change_closing
from kpi_server.services.recompute import catch_up
from kpi_server.services.recording import Call, Sender, record
from kpi_server.services.retracting import RetractionCall
from kpi_server.services.retracting import retract as take
from kpi_server.settings import Settings
from kpi_server.store.feed import read_end, read_page
from kpi_server.store.sql import statement
from tests.integration.bakery import CATALOG, HERE, NOW, family, load, retract, tell

BAKER = Scope(1, "baker", (Grant(HERE, "bakery", Role.EXECUTIVE),))
CHANGES = """
query ($after: Cursor, $first: Int! = 100, $filter: ChangeFilter) {
  changes(organization: "bakery", after: $after, first: $first, filter: $filter) {
    events {
      kind operation key segment period revision oldExact newExact oldText newText oldStatus newStatus
      source { system }
    }
    cursor
    caughtUp
  }
}
"""


@pytest.fixture(scope="module")
def registry():
    return family()


@pytest.fixture
def ask(bakery, registry):
    executor = Executor(build_schema(registry), registry, bakery, Settings(), clock=lambda: NOW)

    async def asking(query=CHANGES, scope=BAKER, **variables):
        return json.loads((await executor.execute(scope, query, variables)).body)

    return asking


async def _now(ask):
    return (await ask())["data"]["changes"]["cursor"]


def _short(event):
    return (event["kind"], event["key"], event["segment"], event["period"], event["oldExact"], event["newExact"])


async def _recompute(database, registry):
    assert [one async for one in catch_up(database, registry, [HERE], clock=lambda: NOW)]


async def test_without_a_cursor_it_begins_now_and_tells_nothing(ask):
    changes = (await ask())["data"]["changes"]
    assert changes["events"] == []
    assert changes["caughtUp"] is True
    again = (await ask(after=changes["cursor"]))["data"]["changes"]
    assert again == changes


async def test_a_value_is_recorded_then_corrected_then_taken_back(bakery, registry, ask):
    start = await _now(ask)
    first = await tell(bakery, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", "plan=pro", 60))
    second = await tell(bakery, registry, ("lost", "2026-05", None, 4))
    await retract(bakery, registry, "bakery.lost", "2026-05", "till")
    changes = (await ask(after=start))["data"]["changes"]
    assert [_short(event) for event in changes["events"]] == [
        ("RECORDED", "bakery.lost", "", "2026-05", None, "3"),
        ("RECORDED", "bakery.baked", "plan=pro", "2026-05", None, "60"),
        ("CORRECTED", "bakery.lost", "", "2026-05", "3", "4"),
        ("RETRACTED", "bakery.lost", "", "2026-05", "4", None),
    ]
    assert [event["revision"] for event in changes["events"]] == [
        first.version, first.version, second.version, second.version + 1,
    ]  # fmt: skip
    assert [event["operation"] for event in changes["events"]] == ["CREATED", "CREATED", "UPDATED", "REMOVED"]
    assert {event["source"]["system"] for event in changes["events"]} == {"till"}
    assert changes["caughtUp"] is True


async def test_a_calculated_value_is_told_when_it_becomes_another(bakery, registry, ask):
    await tell(bakery, registry, ("lost", "2026-05", None, 3), ("baked", "2026-05", None, 60))
    await _recompute(bakery, registry)
    await tell(bakery, registry, ("lost", "2026-05", None, 6))
    start = await _now(ask)
    await _recompute(bakery, registry)
    events = (await ask(after=start))["data"]["changes"]["events"]
    assert [_short(event) for event in events] == [
        ("RECOMPUTED", "bakery.waste", "", "2026-05", "0.05", "0.1"),  # 3 of 60, then 6 of 60 loaves
    ]


async def _all(ask, cursor, **variables):
    """All events behind a cursor, page by page, and the last page's cursor."""
    told, is_all = [], False
    while not is_all:
        page = (await ask(after=cursor, **variables))["data"]["changes"]
        assert len(page["events"]) <= variables["first"]
        told += page["events"]
        cursor, is_all = page["cursor"], page["caughtUp"]
    return told, cursor


async def test_pages_of_any_size_tell_every_change_once_in_one_order(bakery, registry, ask):
    start = await _now(ask)
    for number in range(1, 4):
        await tell(bakery, registry, *(("lost", f"2026-0{month}", None, number) for month in range(1, 4)))
        await retract(bakery, registry, "bakery.lost", "2026-02", "till")
    whole = (await ask(after=start))["data"]["changes"]
    assert len(whole["events"]) == 3 * 4
    for size in (1, 2, 3, 7):
        assert await _all(ask, start, first=size) == (whole["events"], whole["cursor"])


async def test_a_catalog_tells_what_it_brought(database, registry, tmp_path, ask):
    epoch = (await _head(database)).epoch
    query = (
        'query ($after: Cursor) { changes(organization: "bakery", after: $after) '
        "{ events { kind operation key node { __typename id } id kpi { key } newStatus segment } } }"
    )
    answer = await ask(query, after=str(FeedCursor(epoch, HERE, Position(0))))
    told = [
        (event["kind"], event["operation"], event["key"], (event["node"] or {}).get("__typename"), event["newStatus"])
        for event in answer["data"]["changes"]["events"]
    ]
    assert sorted(told, key=str) == sorted(
        [("DEFINITION", "CREATED", None, "Organization", None), ("DOCUMENT", "CREATED", None, "Document", None)]
        + [
            (kind, "CREATED", key, "Kpi", status)
            for key in re.findall(r"bakery\.\w+", CATALOG)
            for kind, status in (("DEFINITION", None), ("STATUS", "NO_TARGET"))
        ],
        key=str,
    )
    assert all(event["id"] == event["node"]["id"] for event in answer["data"]["changes"]["events"])


RISKS = """
risks:
  - {key: rain, source: "menu:10", name: Rain}
  - {key: mould, source: "menu:11", name: Mould, probability: "30%", kpi: bakery.waste}
mitigations:
  - {key: roof, source: "menu:12", name: Roof, risk: rain, progress: "10%"}
  - {key: fridge, source: "menu:13", name: Fridge, risk: mould, progress: "20%"}
  - {key: luck, source: "menu:14", name: Luck, progress: "30%"}
"""


async def test_what_is_known_and_done_about_a_risk_is_about_its_kpi(bakery, registry, ask, tmp_path):
    async def told_with(more):
        start = await _now(ask)
        await load(bakery, registry, tmp_path, more)
        pages = [
            (await ask(after=start, filter=wanted))["data"]["changes"] for wanted in ({}, {"families": ["bakery"]})
        ]
        whole, wanted = ([(event["operation"], event["key"]) for event in page["events"]] for page in pages)
        assert {event["kind"] for event in pages[0]["events"]} == {"RISK"}
        assert wanted == [event for event in whole if event[1] is not None]
        return sorted(whole, key=str)

    waste = "bakery.waste"
    assert await told_with(RISKS) == [("CREATED", waste)] * 3 + [("CREATED", None)] * 4
    assert await told_with(RISKS.replace("20%", "25%")) == [("UPDATED", waste)]
    assert await told_with("") == [("REMOVED", waste)] * 3 + [("REMOVED", None)] * 4


async def _head(database):
    async with database.read([HERE]) as connection:
        return await read_end(connection.fetch, HERE)


async def test_the_feed_of_an_organization_is_where_the_rest_of_the_answer_is(bakery, registry, ask):
    query = '{ organization(slug: "bakery") { version feed { cursor version } } }'
    await tell(bakery, registry, ("lost", "2026-05", None, 3))
    (organization,) = (await ask(query))["data"].values()
    assert organization["feed"] == {"cursor": await _now(ask), "version": organization["version"]}
    await tell(bakery, registry, ("lost", "2026-05", None, 4))
    then = f'{{ organization(slug: "bakery", asOf: {{version: {organization["version"]}}}) {{ feed {{ cursor }} }} }}'
    assert (await ask(then))["data"]["organization"]["feed"]["cursor"] == organization["feed"]["cursor"]


@pytest.mark.parametrize(
    ("made", "code", "says"),
    [
        (lambda _: "bm9uZQ", "BAD_USER_INPUT", "no cursor of the feed"),
        (lambda epoch: str(FeedCursor(epoch, HERE + 1, Position(1))), "BAD_USER_INPUT", "another organization's"),
        (lambda epoch: str(FeedCursor(epoch, HERE, Position(10**9))), "BAD_USER_INPUT", "has not happened"),
        (lambda epoch: str(FeedCursor(epoch, HERE, Position(2**63 - 2))), "BAD_USER_INPUT", "has not happened"),
        (lambda _: str(FeedCursor("0" * 16, HERE, Position(1))), "CURSOR_EXPIRED", "restored or replaced"),
    ],
)  # fmt: skip
async def test_a_cursor_that_cannot_be_continued_from_is_refused_in_words(bakery, ask, made, code, says):
    answer = await ask(after=made((await _head(bakery)).epoch))
    ((error,), data) = answer["errors"], answer["data"]
    assert (error["extensions"]["code"], data) == (code, None)
    assert says in error["message"]


async def test_whoever_was_away_for_longer_than_changes_are_told_is_told_so(bakery, registry, ask):
    await tell(bakery, registry, ("lost", "2026-05", None, 3))
    start = await _now(ask)
    async with bakery.read([HERE]) as connection:
        (recorded,) = await connection.fetch("select max(recorded_at) as at from batches")
    await tell(bakery, registry, ("lost", "2026-05", None, 4))

    async def at(moment):
        executor = Executor(
            build_schema(registry), registry, bakery, Settings(feed_retention_days=1), clock=lambda: moment
        )
        return json.loads((await executor.execute(BAKER, CHANGES, {"after": start})).body)

    assert len((await at(recorded["at"]))["data"]["changes"]["events"]) == 1
    late = await at(recorded["at"] + timedelta(days=1, minutes=5))
    assert late["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"


async def test_who_may_not_see_an_organization_is_told_there_is_none(ask):
    answer = await ask(scope=Scope(2, "stranger", ()))
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_the_last_numbers_of_organizations_are_read_together(bakery, registry):
    receipt = await tell(bakery, registry, ("lost", "2026-05", None, 3))
    async with bakery.read([HERE]) as connection:
        numbered = await connection.fetch(statement("versions"), [HERE, HERE + 1], NOW)
        assert {row["id"]: row["version"] for row in numbered} == {HERE: receipt.version}
        page = await read_page(connection.fetch, HERE, Position(receipt.version - 1), 10)
    assert [row["value"] for row in page.events] == [Decimal(3)]
    assert (page.position, page.caught_up) == (Position(receipt.version), True)


TARGET = """
owners:
  - {key: baker, source: "menu:8", title: Baker}
targets:
  - {kpi: bakery.waste, source: "menu:7", text: "%s"}
figures:
  - {kpi: bakery.waste, source: "menu:9", text: "4%%", placement: HEADLINE}
"""


async def test_a_status_is_told_when_it_becomes_another_and_not_when_the_target_moves_beside_it(
    bakery, registry, ask, tmp_path
):
    start = await _now(ask)
    for target in ("< 5%", "< 6%", "< 1%"):  # of 4 %: met, met, missed
        await load(bakery, registry, tmp_path, TARGET % target)
    await load(bakery, registry, tmp_path)
    events = (await ask(after=start, filter={"kinds": ["STATUS"]}))["data"]["changes"]["events"]
    assert [(event["operation"], event["key"], event["oldStatus"], event["newStatus"]) for event in events] == [
        ("UPDATED", "bakery.waste", "NO_TARGET", "MET"),
        ("UPDATED", "bakery.waste", "MET", "MISSED"),
        ("UPDATED", "bakery.waste", "MISSED", "NO_TARGET"),
    ]


async def test_what_is_changed_in_a_closed_period_is_restated(bakery, registry, ask):
    await tell(bakery, registry, ("lost", "2026-04", None, 3), ("lost", "2026-05", None, 3))
    start = await _now(ask)
    for action in (CLOSE, OPEN, CLOSE):
        receipt = await change_closing(bakery, HERE, "admin", ["2026-04"], NOW, action=action)
        assert receipt.changed == 1
    sent = [Sent(None, "2026-04", Decimal(4), None, measure="bakery.lost")]
    await record(bakery, registry, Sender(HERE, 1, "admin", "till"), Call(sent, True, None, NOW, restates=True))
    taken = [Retraction(measure="bakery.lost", period="2026-04", segment=None)]
    await take(bakery, registry, Sender(HERE, 1, "admin", "till"), RetractionCall(taken, True, NOW, restates=True))
    events = (await ask(after=start))["data"]["changes"]["events"]
    assert [(event["kind"], event["operation"], event["period"], event["newExact"]) for event in events] == [
        ("GOVERNANCE", "CREATED", "2026-04", None),
        ("GOVERNANCE", "REMOVED", "2026-04", None),
        ("GOVERNANCE", "CREATED", "2026-04", None),
        ("RESTATED", "UPDATED", "2026-04", "4"),
        ("RESTATED", "REMOVED", "2026-04", None),
    ]


OWNED = (
    CATALOG.replace("name: Waste}", "name: Waste, owner: baker, department: shop}")
    + """
owners:
  - {key: baker, source: "menu:8", title: Baker}
departments:
  - {key: shop, source: "menu:9", name: Shop}
"""
)


def _of(**named):
    """Whether an event has one of these values in each of these fields."""
    return lambda event: all(event[name] in values for name, values in named.items())


FILTERS = [
    ({}, _of()),
    ({"kinds": ["RECORDED", "RETRACTED"]}, _of(kind=["RECORDED", "RETRACTED"])),
    ({"kinds": ["CORRECTED", "OWNER"]}, _of(kind=["CORRECTED", "OWNER"])),
    ({"kinds": ["RECOMPUTED"]}, _of(kind=["RECOMPUTED"])),
    ({"kpis": ["bakery.lost", "no.such"]}, _of(key=["bakery.lost"])),
    ({"families": ["bakery"]}, lambda event: event["key"] is not None),
    ({"segments": ["PLAN=Pro"]}, _of(segment=["plan=pro"])),
    ({"segments": [""], "kinds": ["RECORDED"]}, _of(segment=[""], kind=["RECORDED"])),
    ({"owners": ["baker"]}, _of(key=["bakery.waste"])),
    ({"departments": ["shop"], "kinds": ["DEFINITION"]}, _of(key=["bakery.waste"], kind=["DEFINITION"])),
]
NOTHING = [{"families": ["financial"]}, {"kinds": []}, {"owners": ["nobody"]}]


async def test_a_filter_tells_of_the_whole_feed_what_is_wanted(bakery, registry, ask, tmp_path):
    start = await _now(ask)
    (tmp_path / "a.yaml").write_text(OWNED, encoding="utf-8")
    await seed(bakery, registry, [tmp_path])
    await tell(bakery, registry, *(("lost", "2026-05", segment, 3) for segment in (None, "plan=pro")))
    await tell(bakery, registry, ("lost", "2026-05", None, 4), ("baked", "2026-05", None, 40))
    await _recompute(bakery, registry)
    await retract(bakery, registry, "bakery.lost", "2026-05", "till")
    whole = (await ask(after=start))["data"]["changes"]
    for wanted, is_wanted in FILTERS:
        expected = [event for event in whole["events"] if is_wanted(event)]
        assert expected
        for size in (2, 100):
            assert await _all(ask, start, first=size, filter=wanted) == (expected, whole["cursor"]), wanted
    for wanted in NOTHING:
        page = (await ask(after=start, filter=wanted))["data"]["changes"]
        assert page == {"events": [], "cursor": whole["cursor"], "caughtUp": True}


async def test_a_page_looks_at_a_bounded_number_of_rows_for_what_is_wanted(bakery, registry, ask, monkeypatch):
    monkeypatch.setattr("kpi_server.store.feed.MOST_LOOKED_AT", 4)
    start = await _now(ask)
    await tell(bakery, registry, *(("lost", f"2026-05-{day:02}", None, day) for day in range(1, 11)))
    await tell(bakery, registry, ("baked", "2026-05", None, 3))
    sizes, cursor, is_all = [], start, False
    while not is_all:
        page = (await ask(after=cursor, filter={"kpis": ["bakery.baked"]}))["data"]["changes"]
        sizes.append(len(page["events"]))
        cursor, is_all = page["cursor"], page["caughtUp"]
    assert sizes == [0, 0, 1]  # of 4, 4 and 3 rows


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"segments": ["pro"]}, "segment"),
        ({"kpis": ["x" * 201]}, "`kpis` is longer than 200"),
        ({"families": ["financial"] * 1001}, "at most 1,000 entries, not 1,001"),
    ],
)
async def test_a_filter_that_can_be_none_is_refused(ask, wanted, says):
    (error,) = (await ask(filter=wanted))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert says in error["message"]


LISTED = """
{ organization(slug: "bakery", asOf: {version: %d}) { owners(first: 2%s) {
  nodes { id title } pageInfo { endCursor hasNextPage }
} } }
"""
BEHIND = """
query ($after: Cursor!) { changes(organization: "bakery", after: $after, filter: {kinds: [OWNER]}) {
  events { operation id node { ... on Owner { title } } } caughtUp
} }
"""


def _owners(*titles):
    return "owners:\n" + "".join(
        f'  - {{key: {key}, source: "menu:8", title: {title}}}\n' for key, title in zip("abcdefg", titles, strict=False)
    )


async def test_lists_as_of_the_feed_with_what_came_after_it_are_what_there_is(bakery, registry, ask, tmp_path):
    """A copy that is begun while others write: page by page as of one number, then what the feed tells behind it."""
    await load(bakery, registry, tmp_path, _owners("Ann", "Bob", "Cid"))
    feed = (await ask('{ organization(slug: "bakery") { feed { cursor version } } }'))["data"]["organization"]["feed"]
    copy, after, goes_on = {}, "", True
    for titles in (("Ann", "Bea"), ("Ann", "Bea", "Cleo", "Dan"), ("Eve", "Bea", "Cleo")):
        await load(bakery, registry, tmp_path, _owners(*titles))
        if goes_on:
            page = (await ask(LISTED % (feed["version"], after)))["data"]["organization"]["owners"]
            copy |= {node["id"]: node["title"] for node in page["nodes"]}
            goes_on, after = page["pageInfo"]["hasNextPage"], f', after: "{page["pageInfo"]["endCursor"]}"'
    assert (goes_on, sorted(copy.values())) == (False, ["Ann", "Bob", "Cid"])
    behind = (await ask(BEHIND, after=feed["cursor"]))["data"]["changes"]
    assert behind["caughtUp"] is True
    for event in behind["events"]:
        if event["operation"] == "REMOVED":
            copy.pop(event["id"], None)  # one that came and went meanwhile was never read
        elif event["node"] is not None:  # one that is gone by now: its removal follows
            copy[event["id"]] = event["node"]["title"]
    now = (await ask('{ organization(slug: "bakery") { owners { nodes { id title } } } }'))["data"]["organization"]
    assert copy == {node["id"]: node["title"] for node in now["owners"]["nodes"]}
    assert sorted(copy.values()) == ["Bea", "Cleo", "Eve"]
