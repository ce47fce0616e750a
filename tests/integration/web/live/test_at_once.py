"""Responses that are sent without waiting: to whom, and that the long way is as good."""

import pytest

from kpi_server.domain.access import Grant, Role, Scope
from tests.integration.web.live.conftest import until

SCOPE = Scope(9, "another principal", (Grant(7, "acme", Role.EXECUTIVE),))
LESS = Scope(1, "board", (Grant(7, "acme", Role.SUPPORT),))


@pytest.fixture
async def followed(served):
    """A client with a stream, and what sends to it at once; its token was looked up a moment ago."""
    async with served.initialised(max_queue=1) as client:
        await client.subscribe('"é')
        await served.toy.has_streams(1)
        served.tokens.looked_up.add("board")
        yield client, served.toy.streams[0].at_once


@pytest.mark.parametrize("size", [0, 60, 125, 126, 65_400, 65_535, 65_536, 500_000])
async def test_what_is_sent_at_once_arrives_as_what_is_waited_for(served, followed, size):
    client, at_once = followed
    sent = b'"' + b"x" * size + b'"'
    assert at_once(SCOPE, sent)
    served.toy.tell(sent)
    assert await client.heard() == await client.heard() == {"id": '"é', "type": "next", "payload": "x" * size}


async def test_nothing_is_sent_at_once_with_a_token_that_has_to_be_looked_up(served, followed):
    client, at_once = followed
    served.tokens.looked_up.clear()
    assert not at_once(SCOPE, b"1")
    await client.say(type="ping")
    assert await client.heard() == {"type": "pong"}


async def test_nothing_is_sent_at_once_that_was_read_with_other_rights(followed):
    client, at_once = followed
    assert not at_once(LESS, b"1")
    await client.say(type="ping")
    assert await client.heard() == {"type": "pong"}


async def test_nothing_is_sent_at_once_to_a_client_that_does_not_read(served, followed):
    client, at_once = followed
    client.opened.transport.pause_reading()
    large, sent = b'"' + b"x" * 1_000_000 + b'"', 0
    while at_once(SCOPE, large):
        sent += 1
    assert 0 < sent < 20  # the buffers between them
    served.toy.tell(b'"waited for"')
    await until(served.is_stuck)
    assert not at_once(SCOPE, b"1")
    client.opened.transport.resume_reading()
    heard = [(await client.heard())["payload"] for _ in range(sent + 1)]
    assert heard == ["x" * 1_000_000] * sent + ["waited for"]
    assert at_once(SCOPE, b"1")


async def test_nothing_is_sent_at_once_when_the_connection_has_ended(served, followed):
    client, at_once = followed
    await client.opened.close()
    await served.toy.has_streams(0)
    assert not at_once(SCOPE, b"1")


async def test_nothing_is_sent_at_once_behind_the_word_that_a_connection_ends(served, followed):
    client, at_once = followed
    served.look(1e9)
    assert (await client.closed())[0] == 1001
    assert not at_once(SCOPE, b"1")
