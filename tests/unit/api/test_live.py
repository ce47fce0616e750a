"""Streams over pages that are made up: who waits, what is shared, what is sent and what ends them."""

import asyncio
from datetime import date, timedelta

import orjson
import pytest

from kpi_server.api.errors import Code
from kpi_server.api.live.beginning import Live
from kpi_server.api.live.streams import QUIET
from kpi_server.domain.access import Role
from kpi_server.errors import Unauthenticated
from kpi_server.store.heads import Head
from tests.unit.api.following import (
    BOARD,
    DESK,
    HERE,
    MANY_BYTES,
    Clock,
    Feed,
    State,
    asking,
    begun,
    body,
    settled,
    soon,
    waiting,
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def live(clock):
    return Live(MANY_BYTES, clock)


async def test_all_who_wait_at_one_place_are_told_by_one_read(live):
    feed = Feed()
    streams = [(await begun(live, feed))[0] for _ in range(20)]
    tasks = [waiting(stream) for stream in streams]
    await settled()
    feed.read.clear()
    feed.write()
    bodies = await asyncio.gather(*tasks)
    assert set(bodies) == {body(1)}
    assert len({id(body) for body in bodies}) == 1
    assert feed.read == [("EXECUTIVE", "0")]


async def test_who_comes_later_to_a_place_finds_the_page_kept(live):
    feed = Feed()
    (quick, _), (slow, _) = await begun(live, feed), await begun(live, feed)
    for number in (1, 2):
        feed.write()
        assert await soon(anext(quick)) == body(number)
    feed.read.clear()
    assert [await soon(anext(slow)) for _ in range(2)] == [body(1), body(2)]
    assert feed.read == []


async def test_pages_are_kept_within_their_bytes(clock):
    feed, live = Feed(), Live(5 * len(body(11)), clock)
    (quick, _), (slow, _) = await begun(live, feed), await begun(live, feed)
    for _ in range(12):
        feed.write()
        feed.write()
        await soon(anext(quick))
    feed.read.clear()
    told = []
    while len(told) < 16:
        told += orjson.loads(await soon(anext(slow)))[1]
    assert told == [number for number in range(1, 25) if number % 3]
    assert feed.read == [("EXECUTIVE", "0"), ("EXECUTIVE", "10")]  # what lies behind 20 is among the last five


async def test_who_goes_leaves_the_others_waiting(live):
    feed = Feed()
    (one, _), (other, _) = await begun(live, feed), await begun(live, feed)
    gone, stays = waiting(one), waiting(other)
    await settled()
    gone.cancel()
    await asyncio.wait([gone])
    feed.write()
    assert await stays == body(1)


async def test_when_all_have_gone_nobody_waits_and_nothing_is_lost(live):
    feed = Feed()
    stream, _ = await begun(live, feed)
    gone = waiting(stream)
    await settled()
    gone.cancel()
    await asyncio.wait([gone])
    await settled()
    assert list(feed.heads.awaited) == []
    feed.write()
    assert await soon(anext(stream)) == body(1)


async def test_news_of_nothing_is_read_once_and_not_sent(live):
    """A number was heard of and nothing is there to read, as after a restore."""
    feed = Feed()
    stream, _ = await begun(live, feed)
    task = waiting(stream)
    await settled()
    feed.read.clear()
    feed.heads.told(HERE, 5)
    await settled()
    assert feed.read == [("EXECUTIVE", "0")]
    feed.number = 1
    feed.heads.told(HERE, 6)
    assert await task == body(1)


async def test_what_is_written_while_a_page_is_read_comes_with_the_next(live):
    feed = Feed()
    stream, _ = await begun(live, feed)
    feed.gate = asyncio.Event()
    task = waiting(stream)
    feed.write()
    await settled()
    feed.write()
    feed.gate.set()
    assert [await task, await soon(anext(stream))] == [body(1), body(2)]


async def test_a_page_without_events_is_sent_once_an_hour(live, clock):
    feed = Feed(number=2)
    stream, _ = await begun(live, feed)
    task = waiting(stream)
    feed.write()  # 3 is hidden
    await settled()
    feed.write()
    assert await task == body(4)
    feed.write(numbers=1)
    assert await soon(anext(stream)) == body(5)
    clock.now += QUIET - timedelta(seconds=1)
    task = waiting(stream)
    feed.write()  # 6 is hidden
    await settled()
    assert not task.done()
    feed.write()
    assert await task == body(7)
    clock.now += QUIET
    feed.write()
    await soon(anext(stream))
    task = waiting(stream)
    clock.now += QUIET
    feed.write()  # 9 is hidden
    assert await task == body()


async def test_a_page_that_was_read_with_rights_that_are_gone_is_not_sent(live):
    feed, rights = Feed(), [BOARD]

    async def authorize():
        return rights[-1]

    stream, _ = await begun(live, feed, authorize)
    task = waiting(stream)
    await settled()
    rights.append(DESK)
    feed.read.clear()
    feed.write()
    assert await task == body(1, role=Role.SUPPORT)
    assert feed.read == [("EXECUTIVE", "0"), ("SUPPORT", "0")]


async def test_a_token_that_is_gone_ends_a_stream_before_its_next_page(live):
    feed, tokens = Feed(), [BOARD]

    async def authorize():
        if not tokens:
            raise Unauthenticated("gone")
        return tokens.pop()

    stream, _ = await begun(live, feed, authorize)
    feed.write()
    with pytest.raises(Unauthenticated):
        await soon(anext(stream))


async def test_a_database_that_is_away_is_waited_for(live):
    feed = Feed()
    stream, _ = await begun(live, feed)
    feed.failing = [Code.UNAVAILABLE] * 5 + [Code.TIMEOUT] * 2
    feed.write()
    assert await soon(anext(stream)) == body(1)
    assert feed.failing == []


async def test_rights_that_cannot_be_looked_up_are_waited_for(live):
    feed, answers = Feed(), [BOARD, OSError("away"), OSError("away"), BOARD]

    async def authorize():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    stream, _ = await begun(live, feed, authorize)
    feed.write()
    assert await soon(anext(stream)) == body(1)
    assert answers == []


@pytest.mark.parametrize("failing", [[Code.TIMEOUT] * 3, [Code.INTERNAL_ERROR], [Code.CURSOR_EXPIRED]])
async def test_what_does_not_pass_ends_a_stream_with_a_word(live, failing):
    feed = Feed()
    stream, _ = await begun(live, feed)
    feed.failing = list(failing)
    feed.write()
    assert await soon(anext(stream)) == b"failed"
    with pytest.raises(StopAsyncIteration):
        await soon(anext(stream))
    assert feed.failing == []


async def test_a_failure_is_not_kept_for_others(live):
    feed = Feed()
    (one, _), (other, _) = await begun(live, feed), await begun(live, feed)
    feed.failing = [Code.INTERNAL_ERROR]
    feed.write()
    assert await soon(anext(one)) == b"failed"
    assert await soon(anext(other)) == body(1)


async def test_a_failing_first_page_begins_no_stream(live):
    feed = Feed(failing=[Code.NOT_FOUND])
    page = await live.begun(asking(feed), question="question")
    assert page.failure is Code.NOT_FOUND


async def test_a_stream_that_is_closed_has_no_more(live):
    feed = Feed()
    stream, _ = await begun(live, feed)
    await stream.aclose()
    feed.write()
    with pytest.raises(StopAsyncIteration):
        await soon(anext(stream))


async def test_a_bug_while_a_page_is_read_is_everybodys_who_waits(live):
    feed = Feed()
    streams = [(await begun(live, feed))[0] for _ in range(3)]
    tasks = [waiting(stream) for stream in streams]
    await settled()
    feed.number = "no number"
    feed.heads.told(HERE, 1)
    await asyncio.wait(tasks)
    assert {type(task.exception()) for task in tasks} == {TypeError}


async def test_a_state_is_shown_when_it_is_another(live):
    state = State()
    state.heads.told(HERE, 1)
    stream, first = await begun(live, state)
    assert first == b"a"
    task = waiting(stream)
    await settled()
    assert state.read == 2  # what had been heard before the first page is not known
    state.heads.told(HERE, 2)
    await settled()
    assert (state.read, task.done()) == (3, False)
    state.stands = "b"
    state.heads.told(HERE, 3)
    assert await task == b"b"


async def test_a_state_is_looked_at_when_a_day_begins(live):
    state = State()
    state.heads.looked_up(HERE, state.heads.of(HERE), Head(1, date(2026, 3, 1)))
    stream, _ = await begun(live, state)
    task = waiting(stream)
    await settled()
    state.stands = "due"
    state.heads.looked_up(HERE, Head(1, date(2026, 3, 1)), Head(1, date(2026, 3, 2)))
    assert await task == b"due"


async def test_a_state_that_went_there_and_back_is_no_news(live):
    state = State()
    (quick, _), (slow, _) = await begun(live, state), await begun(live, state)
    for number, stands in enumerate("ba", start=1):
        state.stands = stands
        state.heads.told(HERE, number)
        assert await soon(anext(quick)) == stands.encode()
    task = waiting(slow)
    await settled()
    assert not task.done()
    state.stands = "c"
    state.heads.told(HERE, 3)
    assert await task == b"c"
