"""Who follows the changes is told each once and in order, wherever it begins, however often it begins again."""

import asyncio
from itertools import count, islice

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_server.api.answer import Outcome
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from tests.integration import bakery
from tests.integration.live.conftest import SCOPE, Caller, soon

FOLLOWED = """subscription Follow($after: Cursor, $batchSize: Int! = 100) {
  changes(organization: "bakery", after: $after, batchSize: $batchSize) {
    events { kind key period revision oldExact newExact } cursor caughtUp } }"""
BLIND = """subscription Blind($after: Cursor) {
  changes(organization: "bakery", after: $after, batchSize: 1) { events { newExact } } }"""
POLLED = """query Poll($after: Cursor) {
  changes(organization: "bakery", after: $after, first: 1000) {
    events { kind key period revision oldExact newExact } cursor caughtUp } }"""


@pytest.fixture
def poll(executor):
    """What the query tells behind a cursor."""

    async def polled(after=None):
        answer = orjson.loads((await executor.execute(SCOPE, POLLED, {"after": after})).body)
        return answer["data"]["changes"]

    return polled


@pytest.fixture
def loaves():
    """Numbers of which each is another."""
    return count(1)


async def bake(database, *loaves):
    """Record how many loaves were baked in May, in a write for each number."""
    for number in loaves:
        await bakery.tell(database, bakery.family(), ("baked", "2026-05", None, number))


async def refused(executor, **variables):
    """Why there is no stream: code and message."""
    answer = await executor.subscribe(Caller(), FOLLOWED, variables)
    assert answer.outcome is Outcome.REQUEST_ERROR
    (error,) = answer.payload["errors"]
    return error["extensions"]["code"], error["message"]


async def test_without_a_cursor_the_first_page_says_where_it_begins(follow, shop, poll):
    await bake(shop, 1)
    live = await follow(FOLLOWED)
    begin = (await poll())["cursor"]
    assert await live.next() == {"changes": {"events": [], "cursor": begin, "caughtUp": True}}
    await bake(shop, 2)
    assert await live.next() == {"changes": await poll(begin)}


async def test_with_a_cursor_it_tells_what_was_missed_and_goes_on(follow, shop, poll):
    begin = (await poll())["cursor"]
    await bake(shop, 1, 2)
    live = await follow(FOLLOWED, after=begin)
    page = (await live.next())["changes"]
    assert [event["newExact"] for event in page["events"]] == ["1", "2"]
    await bake(shop, 3)
    assert (await live.next())["changes"] == await poll(page["cursor"])


async def test_a_slow_follower_finds_more_on_its_next_page(follow, shop):
    live = await follow(FOLLOWED)
    await live.next()
    await bake(shop, *range(1, 8))
    assert [event["newExact"] for event in (await live.next())["changes"]["events"]] == list("1234567")


async def test_it_goes_on_where_neither_cursor_nor_end_is_asked_for(follow, shop, poll):
    begin = (await poll())["cursor"]
    await bake(shop, 1, 2)
    live = await follow(BLIND, after=begin)
    for number in "12":
        assert await live.next() == {"changes": {"events": [{"newExact": number}]}}
    await bake(shop, 3)
    assert await live.next() == {"changes": {"events": [{"newExact": "3"}]}}


async def test_a_cursor_that_is_none_is_refused_before_anything_streams(executor, poll):
    begin = (await poll())["cursor"]
    code, message = await refused(executor, after="x")
    assert code == "BAD_USER_INPUT"
    assert message.startswith("this is no cursor of the feed")
    assert await refused(executor, after=begin, batchSize=0) == (
        "BAD_USER_INPUT",
        "`batchSize` is between 1 and 1,000, not 0",
    )


async def test_too_much_a_page_is_refused_by_its_cost(executor):
    """A thousand changes with twenty things each, beside themselves and the page, are more than 20,000."""
    things = " ".join(f"thing{number}: node {{ id }}" for number in range(20))
    document = f'subscription {{ changes(organization: "bakery", batchSize: 1000) {{ events {{ {things} }} }} }}'
    answer = await executor.subscribe(Caller(), document)
    assert answer.outcome is Outcome.REQUEST_ERROR
    (error,) = answer.payload["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "21001 objects" in error["message"]


async def test_rights_that_are_gone_end_it_before_another_event(follow, shop):
    caller = Caller()
    live = await follow(FOLLOWED, caller=caller)
    await live.next()
    caller.scope = Scope(1, "board", (Grant(bakery.HERE + 2, "elsewhere", Role.EXECUTIVE),))
    await bake(shop, 1)
    assert await live.last() == "NOT_FOUND"


async def test_rights_are_asked_for_before_every_page(follow, shop):
    caller = Caller()
    live = await follow(FOLLOWED, caller=caller)
    await live.next()
    for asked in (2, 3, 4):
        await bake(shop, asked)
        await live.next()
        assert caller.asked == asked


async def test_who_has_come_equally_far_shares_each_statement(follow, shop, poll, monkeypatch):
    """Fifty that began without a cursor and fifty that began with one: three writes, three statements."""
    begin = (await poll())["cursor"]
    lives = [await follow(FOLLOWED, **after) for after in ({}, {"after": begin}) for _ in range(50)]
    assert {orjson.dumps(await live.next()) for live in lives} == {
        orjson.dumps({"changes": {"events": [], "cursor": begin, "caughtUp": True}})
    }
    read = []
    borrow = type(shop.connections).borrow

    async def watched(lender):
        connection = await borrow(lender)
        read.append(connection)
        return connection

    for number in ("1", "2", "3"):
        waiting = [asyncio.create_task(live.next()) for live in lives]
        monkeypatch.setattr(type(shop.connections), "borrow", watched)
        monkeypatch.setattr(shop.announcer, "announce", lambda *_: None)
        await bake(shop, number)
        pages = await soon(asyncio.gather(*waiting))
        monkeypatch.undo()
        assert len({orjson.dumps(page) for page in pages}) == 1
        assert [event["newExact"] for event in pages[0]["changes"]["events"]] == [number]
    assert len(read) == 3


class Follower:
    """Follows from a cursor, is cut off, and follows on from the last cursor that came."""

    def __init__(self, follow, cursor, size):
        self._follow = follow
        self._size = size
        self.cursor = cursor
        self.told = []
        self.live = None
        self.has_said_where = False

    async def cut(self):
        """Lose the stream; while it waits, if it does."""
        if self.live is not None:
            waiting = asyncio.create_task(anext(self.live.stream))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            await self.live.stream.aclose()
        self.live, self.has_said_where = None, False

    async def pull(self, written):
        """Take a page, if one will come."""
        if self.live is None:
            self.live = await self._follow(FOLLOWED, after=self.cursor, batchSize=self._size)
        if len(self.told) < written or not self.has_said_where:
            page = (await self.live.next())["changes"]
            assert len(page["events"]) <= self._size
            self.told += [event["newExact"] for event in page["events"]]
            self.cursor, self.has_said_where = page["cursor"], True


STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 3)),
    st.tuples(st.just("pull"), st.integers(0, 2)),
    st.tuples(st.just("cut"), st.integers(0, 2)),
)


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=8, max_size=20), size=st.integers(1, 3))
async def test_whoever_is_cut_off_and_goes_on_is_told_everything_once(follow, shop, poll, loaves, steps, size):
    """Three followers of one feed, two of whom ask for the same pages; each write is one change."""
    begin, written = (await poll())["cursor"], []
    followers = [Follower(follow, begin, size) for size in (size, size, 1)]
    for step, which in steps:
        match step:
            case "write":
                numbers = list(islice(loaves, which))
                await bake(shop, *numbers)
                written += map(str, numbers)
            case "pull":
                await followers[which].pull(len(written))
            case "cut":
                await followers[which].cut()
    for follower in followers:
        while len(follower.told) < len(written) or not follower.has_said_where:
            await follower.pull(len(written))
    assert [follower.told for follower in followers] == [written] * 3
    assert {follower.cursor for follower in followers} == {(await poll(begin))["cursor"]}


async def test_connections_that_are_cut_cost_no_change(follow, shop, addresses, loaves):
    """PostgreSQL is restarted: every connection is gone, and what is written afterwards comes."""
    live = await follow(FOLLOWED)
    await live.next()
    waiting = asyncio.create_task(live.next())
    owner = await asyncpg.connect(addresses.owner)
    try:
        cut = (
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid <> pg_backend_pid() and datname = "
        )
        assert await owner.fetch(f"{cut} current_database()")
    finally:
        await owner.close()
    elsewhere = await open_database(addresses.server, revision=NEWEST, connections=2)
    await bake(elsewhere, next(loaves))
    await elsewhere.close()
    shop.heads.told(bakery.HERE, 2)
    assert [event["newExact"] for event in (await waiting)["changes"]["events"]] == ["1"]


async def test_what_is_not_wanted_is_passed_over_without_a_word(follow, shop, poll):
    document = FOLLOWED.replace("batchSize: $batchSize", 'batchSize: $batchSize, filter: { segments: ["plan=pro"] }')
    live = await follow(document)
    await live.next()
    waiting = asyncio.create_task(live.next())
    await bake(shop, 1, 2, 3)
    await bakery.tell(shop, bakery.family(), ("baked", "2026-05", "plan=pro", 4))
    page = (await waiting)["changes"]
    assert [event["newExact"] for event in page["events"]] == ["4"]
    assert page["cursor"] == (await poll())["cursor"]
