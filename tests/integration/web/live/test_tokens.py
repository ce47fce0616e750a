"""Who connects: the token in the first message or in the handshake, good when it comes and for as long as it stays."""

import pytest

from kpi_server.web.authentication import FAILURES
from kpi_server.web.live.connections import Times

EXPIRED = (4403, "The token is expired or revoked: come back with another one.")


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer board"},
        {"authorization": "bearer board"},
        {"AUTHORIZATION": "Bearer  board "},
        {"headers": {"Authorization": "Bearer board"}},
        {"Authorization": "Bearer board", "headers": {"authorization": "Bearer board"}, "other": 1},
    ],
)
async def test_the_token_is_read_wherever_clients_put_it(served, payload):
    async with served.socket() as client:
        await client.say(type="connection_init", payload=payload)
        assert await client.heard() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    "payload", [{}, {"payload": None}, {"payload": {}}, {"payload": {"Authorization": "Bearer board"}}]
)
async def test_a_token_in_the_handshake_is_enough(served, payload):
    async with served.socket(additional_headers={"Authorization": "Bearer board"}) as client:
        await client.say(type="connection_init", **payload)
        assert await client.heard() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (None, "Send a token"),
        ({}, "Send a token"),
        ({"Authorization": ""}, "Send a token"),
        ({"Authorization": 1}, "Send a token"),
        ({"Authorization": "Basic board"}, "Send a token"),
        ({"Authorization": "board"}, "Send a token"),
        ({"headers": ["Bearer board"]}, "Send a token"),
        ({"Authorization": "Bearer sales", "authorization": "Bearer board"}, "Two tokens"),
        ({"Authorization": "Bearer nobody"}, "The token opens nothing here"),
    ],
)
async def test_without_one_good_token_the_connection_is_4403(served, payload, said):
    async with served.socket() as client:
        await client.say(type="connection_init", payload=payload)
        code, reason = await client.closed()
        assert code == 4403
        assert reason.startswith(said)
    assert len(served.connections) == 0


async def test_another_token_in_the_handshake_is_two_tokens(served):
    async with served.socket(additional_headers={"Authorization": "Bearer sales"}) as client:
        await client.say(type="connection_init", payload={"Authorization": "Bearer board"})
        assert await client.closed() == (4403, "Two tokens are given: send one.")


async def test_trying_tokens_is_slowed_down(served):
    async def reason():
        async with served.socket() as client:
            await client.say(type="connection_init", payload={"Authorization": "Bearer guess"})
            return (await client.closed())[1]

    reasons = [await reason() for _ in range(FAILURES + 1)]
    assert reasons[-1].startswith("Too many requests with tokens that open nothing")
    async with served.initialised() as client:
        assert await client.is_alive()


async def test_a_database_that_is_away_lets_clients_come_back(served):
    async with served.socket() as client:
        await client.say(type="connection_init", payload={"Authorization": "Bearer unlucky"})
        assert await client.closed() == (1013, "The database does not answer: come back later.")


async def test_a_revoked_token_ends_connections_that_are_idle_and_no_others(served):
    async with served.initialised() as board, served.initialised("sales") as sales:
        await board.subscribe("1")
        await served.toy.has_streams(1)
        await served.connections.check_tokens()
        assert await board.is_alive()
        del served.tokens.good["board"]
        await served.connections.check_tokens()
        assert await board.closed() == EXPIRED
        assert await sales.is_alive()
    assert await served.toy.has_streams(0)


async def test_a_revoked_token_ends_a_connection_at_the_next_answer_of_a_stream(served):
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        del served.tokens.good["board"]
        served.toy.tell(b'{"data":{"a":"secret"}}')
        assert await client.closed() == EXPIRED


async def test_a_revoked_token_executes_nothing(served):
    async with served.initialised() as client:
        del served.tokens.good["board"]
        await client.subscribe("1", "{hello}")
        assert await client.closed() == EXPIRED
    assert served.toy.executed == []


async def test_a_database_that_is_away_revokes_nothing(served):
    async with served.initialised() as client:
        served.tokens.good = {}
        served.tokens.authenticate = served.tokens.unreachable
        await served.connections.check_tokens()
        assert await client.is_alive()


async def test_tokens_are_checked_by_themselves_and_connections_looked_at(serve):
    times = Times(look_s=0.01, tokens_s=0.01)
    async with serve(times=times) as served, served.initialised() as client, served.socket() as silent:
        served.clock[0] += 11
        assert await silent.closed() == (4408, "Connection initialisation timeout")
        assert await client.is_alive()
        del served.tokens.good["board"]
        assert await client.closed() == EXPIRED
