"""graphql-transport-ws as its specification has it, with a real client."""

import pytest
from websockets.asyncio.client import connect


async def test_a_query_is_answered_by_next_and_complete(served):
    async with served.initialised() as client:
        await client.subscribe("1", "{hello}", variables={"a": 1}, operationName="Hello")
        assert await client.heard() == {"id": "1", "type": "next", "payload": {"data": {"{hello}": "board"}}}
        assert await client.heard() == {"id": "1", "type": "complete"}
    assert served.toy.executed == [("board", "{hello}", {"a": 1}, "Hello")]


async def test_a_mutation_is_answered_alike(served):
    async with served.initialised() as client:
        await client.subscribe("1", "mutation{change}")
        assert (await client.heard())["payload"] == {"data": {"mutation{change}": "board"}}
        assert (await client.heard())["type"] == "complete"


async def test_the_sub_protocol_is_accepted_whatever_else_is_offered(served):
    async with served.initialised(subprotocols=("graphql-ws", "graphql-transport-ws")) as client:
        assert client.opened.subprotocol == "graphql-transport-ws"


@pytest.mark.parametrize("offered", [(), ("graphql-ws",), ("soap", "graphql-ws")])
async def test_no_other_protocol_is_spoken_and_the_client_hears_so(served, offered):
    async with served.socket(subprotocols=offered) as client:
        assert await client.closed() == (4406, "Speak graphql-transport-ws.")


async def test_no_message_is_compressed(served):
    async with served.initialised(compression="deflate") as client:
        assert client.opened.protocol.extensions == []


async def test_a_stream_goes_on_until_its_client_completes_it(served):
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        served.toy.tell(b'{"data":{"n":1}}')
        served.toy.tell('{"data":{"n":"é"}}'.encode())
        assert await client.heard() == {"id": "1", "type": "next", "payload": {"data": {"n": 1}}}
        assert await client.heard() == {"id": "1", "type": "next", "payload": {"data": {"n": "é"}}}
        await client.say(id="1", type="complete")
        await served.toy.has_streams(0)
        assert await client.is_alive()


async def test_a_stream_that_ends_is_completed(served):
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        served.toy.tell(StopAsyncIteration())
        assert await client.heard() == {"id": "1", "type": "complete"}
        assert await served.toy.has_streams(0)


async def test_an_id_is_free_again_when_its_operation_is_over(served):
    async with served.initialised() as client:
        await client.subscribe("1", "{hello}")
        assert [(await client.heard())["type"] for _ in range(2)] == ["next", "complete"]
        await client.subscribe("1")
        await client.say(id="1", type="complete")
        await client.subscribe("1")
        await client.say(id="never begun", type="complete")
        assert await client.is_alive()
        assert await served.toy.has_streams(1)
        served.toy.tell(b"{}")
        assert await client.heard() == {"id": "1", "type": "next", "payload": {}}


async def test_ids_come_back_as_they_were_sent(served):
    async with served.initialised() as client:
        for id_ in ('"', "é\n\\", "x" * 256):
            await client.subscribe(id_, "{hello}")
            assert [(await client.heard())["id"] for _ in range(2)] == [id_, id_]


async def test_streams_on_one_socket_do_not_wait_for_each_other(served):
    async with served.initialised() as client:
        for id_ in ("1", "2"):
            await client.subscribe(id_)
        await client.subscribe("3", "{slow}")
        await served.toy.began.wait()
        await served.toy.has_streams(2)
        served.toy.tell(b"{}")
        assert sorted([(await client.heard())["id"] for _ in range(2)]) == ["1", "2"]
        served.toy.released.set()
        assert [(await client.heard())["id"] for _ in range(2)] == ["3", "3"]


async def test_pings_are_answered_with_their_payload_and_pongs_are_taken(served):
    async with served.socket() as client:
        await client.say(type="ping")
        assert await client.heard() == {"type": "pong"}
        await client.say(type="ping", payload=None)
        assert await client.heard() == {"type": "pong"}
        await client.say(type="pong", payload={"late": True})
        await client.say(type="ping", payload={"sent": 1})
        assert await client.heard() == {"type": "pong", "payload": {"sent": 1}}


async def test_a_document_that_is_wrong_is_an_error_of_its_own_id(served):
    async with served.initialised() as client:
        await client.subscribe("1")
        await client.subscribe("2", "{")
        error = await client.heard()
        assert (error["id"], error["type"]) == ("2", "error")
        assert [entry["extensions"]["code"] for entry in error["payload"]] == ["GRAPHQL_PARSE_FAILED"]
        await client.subscribe("2", "{hello}")
        assert [(await client.heard())["type"] for _ in range(2)] == ["next", "complete"]
        assert await served.toy.has_streams(1)


async def test_a_mistake_of_ours_is_masked_and_only_its_own(served, caplog):
    async with served.initialised() as client:
        await client.subscribe("1", "{bug}")
        (entry,) = (await client.heard())["payload"]
        assert (entry["message"], entry["extensions"]["code"]) == (
            "Something went wrong on the server.",
            "INTERNAL_ERROR",
        )
        assert await client.is_alive()
    assert entry["extensions"]["id"] in caplog.text


async def test_a_stream_that_breaks_is_an_error_of_its_own_id(served):
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        served.toy.tell(RuntimeError("a bug"))
        assert (await client.heard())["type"] == "error"
        assert await client.is_alive()
        assert await served.toy.has_streams(0)


async def test_a_client_that_goes_leaves_nothing_behind(served):
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        assert len(served.connections) == 1
        client.opened.transport.abort()
        assert await served.toy.has_streams(0)
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
    assert await served.toy.has_streams(0)
    assert len(served.connections) == 0


async def test_documents_that_a_token_may_not_execute_are_errors(serve):
    async with serve(trusted_only=True) as served, served.initialised() as client:
        await client.subscribe("1", "{hello}")
        (entry,) = (await client.heard())["payload"]
        assert entry["extensions"]["code"] == "TRUSTED_DOCUMENTS_ONLY"
        await client.say(id="2", type="subscribe", payload={"documentId": "sha256:" + "0" * 64})
        (entry,) = (await client.heard())["payload"]
        assert entry["extensions"]["code"] == "DOCUMENT_NOT_FOUND"
        assert await client.is_alive()
        assert served.toy.executed == []


async def test_the_accepting_answer_has_the_request_id(served):
    address = f"ws://127.0.0.1:{served.port}/graphql"
    headers = {"X-Request-Id": "mine"}
    async with connect(address, subprotocols=["graphql-transport-ws"], additional_headers=headers) as opened:
        assert opened.response.headers["x-request-id"] == "mine"


@pytest.mark.parametrize("length", [125, 126, 65_535, 65_536, 1_000_000])
async def test_messages_of_every_length_arrive(served, length):
    around = len('{"id":"1","type":"next","payload":""}')
    body = b'"' + b"x" * (length - around) + b'"'
    async with served.initialised() as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        served.toy.tell(body)
        assert len(await client.opened.recv()) == length
        served.toy.tell(b"1")
        assert (await client.heard())["payload"] == 1
