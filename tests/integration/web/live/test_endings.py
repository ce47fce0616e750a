"""How connections end that nobody ended: in time, with a code that brings clients back, and no write lost."""

from kpi_server.api.answer import Answer, Outcome
from kpi_server.web.protocol import BoundedProtocol
from tests.integration.web.live.conftest import until

STOPPING = (1012, "The server stops: come back.")
LARGE = b'"' + b"x" * 1_000_000 + b'"'


async def test_a_connection_that_is_not_initialised_is_closed_after_ten_seconds(served):
    async with served.socket() as client, served.initialised() as other:
        await client.say(type="ping")
        await client.heard()
        served.look(10)
        assert await client.is_alive()
        served.look(1)
        assert await client.closed() == (4408, "Connection initialisation timeout")
        assert await other.is_alive()


async def test_a_connection_ends_when_it_is_as_old_as_one_may_be(serve):
    async with serve(connection_life_s=60) as served, served.initialised() as old:
        served.look(59)
        async with served.initialised() as young:
            served.look(2)
            assert await old.closed() == (1001, "The connection was open for as long as one may be: come back.")
            assert await young.is_alive()


async def test_a_client_that_does_not_read_is_given_up_and_the_others_get_everything(served):
    async with served.initialised(max_queue=1) as slow, served.initialised("sales") as other:
        slow.opened.transport.pause_reading()
        for client in (slow, other):
            await client.subscribe("1")
        await served.toy.has_streams(2)
        for _ in range(20):  # more than the buffers between them hold
            served.toy.tell(LARGE)
        for _ in range(20):
            assert (await other.heard())["type"] == "next"
        served.look(10)
        assert len(served.connections) == 2
        served.look(1)
        assert await served.toy.has_streams(1)
        slow.opened.transport.resume_reading()
        assert await slow.closed() == (1013, "What was sent is not read: come back later.")
        assert await other.is_alive()


async def test_a_client_that_never_reads_holds_nothing(served, monkeypatch):
    monkeypatch.setattr("kpi_server.web.live.protocol.GONE_WITHIN_S", 0.0)
    async with served.initialised(max_queue=1) as slow:
        slow.opened.transport.pause_reading()
        await slow.subscribe("1")
        await served.toy.has_streams(1)
        for _ in range(20):
            served.toy.tell(LARGE)
        await until(served.is_stuck)
        served.look(11)
        await until(lambda: not served.server.server_state.connections)
        slow.opened.transport.abort()


async def test_a_slow_client_makes_no_more_pages_than_one_for_each_stream(served):
    async with served.initialised(max_queue=1) as slow:
        slow.opened.transport.pause_reading()
        for number in range(5):
            await slow.subscribe(str(number))
        await served.toy.has_streams(5)
        for _ in range(20):
            served.toy.tell(LARGE)
        await until(served.is_stuck)
        (protocol,) = served.server.server_state.connections
        assert protocol.transport.get_write_buffer_size() < 3 * len(LARGE)
        slow.opened.transport.abort()


async def test_a_client_that_answers_no_ping_is_dropped(serve):
    async with serve(ping_interval_s=0.05) as served, served.initialised() as deaf, served.initialised() as other:
        await deaf.subscribe("1")
        await served.toy.has_streams(1)
        deaf.opened.transport.pause_reading()
        assert await served.toy.has_streams(0)
        deaf.opened.transport.resume_reading()
        assert await deaf.closed() is None  # no code: one would tell it not to come back
        assert await other.is_alive()


async def test_the_time_for_a_head_does_not_end_what_became_a_socket(serve):
    class Hasty(BoundedProtocol):
        def handle_websocket_upgrade(self):
            self.patience_s = 0.0
            super().handle_websocket_upgrade()

    async with serve(http=Hasty) as served, served.initialised() as client:
        assert await client.is_alive()


async def test_stopping_sends_everybody_to_another_server(served):
    async with served.initialised() as client, served.socket() as silent:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        served.server.should_exit = True
        assert await client.closed() == STOPPING
        assert await silent.closed() == STOPPING
    assert await served.toy.has_streams(0)


async def test_stopping_waits_for_the_answer_of_what_was_begun(served):
    async with served.initialised() as client, served.initialised("sales") as idle:
        await client.subscribe("1")
        await client.subscribe("2", "{slow}")
        await served.toy.began.wait()
        served.server.should_exit = True
        assert await idle.closed() == STOPPING
        await client.subscribe("3", "mutation{change}")
        served.toy.released.set()
        assert await client.heard() == {"id": "2", "type": "next", "payload": {"data": {"{slow}": "board"}}}
        assert await client.heard() == {"id": "2", "type": "complete"}
        assert await client.closed() == STOPPING
    assert [document for _, document, *_ in served.toy.executed] == ["{slow}"]


async def test_there_are_as_many_connections_as_the_process_takes(serve):
    async with serve(max_connections=1) as served:
        async with served.socket() as first:
            assert await first.is_alive()
            async with served.socket() as second:
                code, reason = await second.closed()
                assert (code, reason.partition(":")[0]) == (1013, "There are as many connections as the server takes")
            assert await first.is_alive()
        await until(lambda: len(served.connections) == 0)
        async with served.initialised() as again:
            assert await again.is_alive()


async def test_a_principal_has_as_many_connections_as_it_may(serve):
    async with serve(max_principal_connections=1) as served, served.initialised() as first:
        async with served.socket() as second:
            await second.say(type="connection_init", payload={"Authorization": "Bearer board"})
            code, reason = await second.closed()
            assert (code, reason.partition(":")[0]) == (1013, "This principal has as many connections as it may have")
        async with served.initialised("sales") as other:
            assert await other.is_alive()
        assert await first.is_alive()
        await first.opened.close()
        await until(lambda: len(served.connections) == 0)
        async with served.initialised() as again:
            assert await again.is_alive()


async def test_a_subscription_that_the_database_keeps_from_beginning_brings_its_client_back(served):
    served.toy.outcome = Answer({"errors": [{"message": "away"}]}, Outcome.UNAVAILABLE)
    async with served.initialised() as client:
        await client.subscribe("1")
        assert await client.closed() == (1013, "The database does not answer: come back later.")


async def test_a_stream_whose_database_goes_away_brings_its_client_back(served, caplog):
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        served.toy.tell(ConnectionRefusedError("password=hunter2"))
        assert await client.closed() == (1013, "The database does not answer: come back later.")
    assert caplog.text == ""
