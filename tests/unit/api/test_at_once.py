"""Responses that are sent at once: to whom, what not, and that nothing is lost however that changes."""

import asyncio

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.errors import Code
from kpi_server.api.live.beginning import Live
from kpi_server.domain.access import Role
from tests.unit.api.following import (
    BOARD,
    DESK,
    HERE,
    MANY_BYTES,
    Clock,
    Feed,
    State,
    begun,
    body,
    settled,
    soon,
    waiting,
)


class Client:
    """Takes what it is sent at once, unless it is busy."""

    def __init__(self):
        self.taken = []
        self.is_busy = False

    def __call__(self, scope, sent):
        if self.is_busy:
            return False
        assert orjson.loads(sent)[0] == scope.grants[0].role.value
        self.taken.append(sent)
        return True


@pytest.fixture
def live():
    return Live(MANY_BYTES, Clock())


async def test_whoever_takes_pages_at_once_is_not_woken_for_them(live):
    feed, clients = Feed(), [Client() for _ in range(20)]
    tasks = [waiting((await begun(live, feed, at_once=client))[0]) for client in clients]
    await settled()
    feed.read.clear()
    for _ in range(2):
        feed.write()
        await settled()
    assert [client.taken for client in clients] == [[body(1), body(2)]] * 20
    assert not any(task.done() for task in tasks)
    assert feed.read == [("EXECUTIVE", "0"), ("EXECUTIVE", "1")]


async def test_whoever_is_busy_is_told_and_catches_up_and_keeps_nobody_else(live):
    feed, quick, slow = Feed(), Client(), Client()
    (quick_stream, _), (slow_stream, _) = await begun(live, feed, at_once=quick), await begun(live, feed, at_once=slow)
    waiting_quick, told = waiting(quick_stream), waiting(slow_stream)
    await settled()
    slow.is_busy = True
    for _ in range(2):
        feed.write()
        await settled()
    assert quick.taken == [body(1), body(2)]
    assert await told == body(1)
    slow.is_busy = False
    feed.read.clear()
    assert await soon(anext(slow_stream)) == body(2)  # it was kept
    waiting_slow = waiting(slow_stream)
    feed.write(2)
    await settled()
    assert quick.taken[2:] == slow.taken == [body(4)]
    assert feed.read == [("EXECUTIVE", "2")]
    assert not waiting_quick.done()
    assert not waiting_slow.done()


async def test_whoever_comes_along_to_where_pages_are_kept_passes_them_too(live):
    feed, behind = Feed(), Client()
    stream, _ = await begun(live, feed, at_once=behind)
    feed.gate = asyncio.Event()
    task = waiting(stream)
    feed.write()
    await settled()  # what lies behind 0 is being read, as far as 1
    ahead, _ = await asyncio.gather(begun(live, feed), _opened(feed))
    feed.write()
    assert await soon(anext(ahead[0])) == body(2)
    await settled()
    assert behind.taken == [body(1), body(2)]
    assert not task.done()


async def _opened(feed):
    await settled()
    feed.gate.set()


async def test_a_page_that_is_to_be_decided_about_is_not_sent_at_once(live):
    feed, client = Feed(number=2), Client()
    stream, _ = await begun(live, feed, at_once=client)
    task = waiting(stream)
    await settled()
    feed.write()  # 3 is hidden
    await settled()
    assert (client.taken, task.done()) == ([], False)
    feed.failing = [Code.CURSOR_EXPIRED]
    feed.write()
    assert await task == b"failed"
    assert client.taken == []


async def test_other_rights_are_asked_for_when_nothing_can_be_sent_at_once(live):
    feed, client, rights = Feed(), Client(), [BOARD]

    async def authorize():
        return rights[-1]

    stream, _ = await begun(live, feed, authorize, at_once=client)
    task = waiting(stream)
    await settled()
    rights.append(DESK)
    client.is_busy = True
    feed.write()
    assert await task == body(1, role=Role.SUPPORT)


async def test_when_all_who_took_pages_have_gone_nobody_waits(live):
    feed, client = Feed(), Client()
    stream, _ = await begun(live, feed, at_once=client)
    gone = waiting(stream)
    await settled()
    feed.write()
    await settled()
    gone.cancel()
    await asyncio.wait([gone])
    await settled()
    assert client.taken == [body(1)]
    assert list(feed.heads.awaited) == []
    client.is_busy = True
    feed.write()
    assert await soon(anext(stream)) == body(2)


async def test_a_bug_in_sending_to_one_is_none_for_the_others(live):
    def broken(_scope, _body):
        raise RuntimeError

    feed, client = Feed(), Client()
    streams = [(await begun(live, feed, at_once=at_once))[0] for at_once in (broken, client, broken)]
    tasks = [waiting(stream) for stream in streams]
    await settled()
    feed.write()
    assert [await tasks[0], await tasks[2]] == [body(1)] * 2
    assert client.taken == [body(1)]


@given(st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(0, 4)), st.integers(0, 6)), max_size=30))
def test_whoever_is_busy_whenever_everything_comes_to_everybody_in_order(moments):
    """A moment: so many writes, who of five is busy then, and how long everybody runs before the next."""

    async def follow(stream, client):
        async for sent in stream:
            client.taken.append(sent)

    async def law():
        feed, live, clients = Feed(size=2), Live(5 * len(body(11)), Clock()), [Client() for _ in range(5)]
        streams = [(await begun(live, feed, at_once=client))[0] for client in clients]
        tasks = [asyncio.create_task(follow(*pair)) for pair in zip(streams, clients, strict=True)]
        for writes, busy, turns in moments:
            for number, client in enumerate(clients):
                client.is_busy = number in busy
            feed.write(writes)
            for _ in range(turns):
                await asyncio.sleep(0)
        feed.write(3)
        wanted = [number for number in range(1, feed.number + 1) if number % 3]
        while any(told(client) != wanted for client in clients):
            assert all(told(client) == wanted[: len(told(client))] for client in clients)
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    def told(client):
        return [number for sent in client.taken for number in orjson.loads(sent)[1]]

    asyncio.run(asyncio.wait_for(law(), 60))


async def test_a_state_is_sent_at_once_when_it_is_another(live):
    state, taken = State(), []

    def at_once(_scope, sent):
        taken.append(sent)
        return True

    stream, _ = await begun(live, state, at_once=at_once)
    task = waiting(stream)
    for number, stands in enumerate("bbc", start=1):
        state.stands = stands
        state.heads.told(HERE, number)
        await settled()
    assert taken == [b"b", b"c"]
    assert not task.done()
