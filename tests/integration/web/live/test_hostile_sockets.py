"""Clients that break the protocol: its own close code for them, and nothing for anybody else."""

import asyncio
import base64
import json
import struct

import pytest

from kpi_server.web.live.protocol import LARGEST_GREETING
from tests.integration.web.live.conftest import INIT


@pytest.fixture
async def bystander(served):
    """Somebody else's stream, which lives on whatever is sent."""
    async with served.initialised("sales") as client:
        await client.subscribe("1")
        await served.toy.has_streams(1)
        yield client
        served.toy.tell(b'{"data":{"still":"here"}}')
        while (heard := await client.heard())["payload"] != {"data": {"still": "here"}}:
            assert heard["type"] == "next"


def subscribe(**parts):
    return json.dumps({"id": "1", "type": "subscribe", "payload": {"query": "{hello}"}} | parts)


def payload(**parts):
    return subscribe(payload={"query": "{hello}", **parts})


WRONG = {
    "nothing": "",
    "no JSON": "{",
    "null": "null",
    "a number": "1",
    "a string": '"x"',
    "a list": "[]",
    "no type": "{}",
    "a type that is no string": '{"type": 1}',
    "an unknown type": '{"type": "start"}',
    "a type of the server's": '{"type": "next", "id": "1", "payload": {}}',
    "an id that is empty": subscribe(id=""),
    "an id that is a number": subscribe(id=1),
    "an id that is null": subscribe(id=None),
    "an id without end": subscribe(id="x" * 257),
    "no id": '{"type": "subscribe", "payload": {"query": "{hello}"}}',
    "no id to complete": '{"type": "complete"}',
    "no payload": subscribe(payload=None),
    "a payload that is a list": subscribe(payload=[]),
    "a payload that is a string": subscribe(payload="{hello}"),
    "no query": subscribe(payload={}),
    "an empty query": payload(query=""),
    "a number as query": payload(query=1),
    "an object as query": payload(query={}),
    "a list as variables": payload(variables=[]),
    "a string as variables": payload(variables="{}"),
    "a number as operationName": payload(operationName=1),
    "a list as extensions": payload(extensions=[]),
    "a document id that is none": payload(documentId="x"),
    "JSON nested deep": payload(variables={"a": json.loads("[" * 100 + "]" * 100)}),
    "JSON nested deeper than any stack": '{"type": "ping", "payload": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}",
    "a number of thousands of digits": '{"type": "ping", "payload": {"a": ' + "9" * 5_000 + "}}",
    "NaN": '{"type": "ping", "payload": {"a": NaN}}',
    "half a character": '{"type": "ping", "payload": {"a": "\\ud800"}}',
    "a ping with a string": '{"type": "ping", "payload": "x"}',
    "a pong with a list": '{"type": "pong", "payload": []}',
    "an init with a list": '{"type": "connection_init", "payload": []}',
    "bytes": subscribe().encode(),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_what_is_no_message_closes_the_connection_with_4400(served, bystander, wrong):
    async with served.initialised() as client:
        await client.opened.send(wrong)
        code, reason = await client.closed()
        assert code == 4400
        assert 0 < len(reason.encode()) <= 123
    assert served.toy.executed == []
    assert len(served.connections) == 1


async def test_subscribing_before_the_connection_is_acknowledged_is_4401(served, bystander):
    async with served.socket() as client:
        await client.subscribe("1", "{hello}")
        assert await client.closed() == (4401, "Unauthorized")
    assert served.toy.executed == []


async def test_a_flood_of_inits_is_4429(served, bystander):
    async with served.socket() as client:
        for _ in range(1_000):
            await client.say(**INIT)
            if client.opened.protocol.close_rcvd:
                break
        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_an_id_that_is_in_use_is_4409_and_ends_all_of_the_connection(served, bystander):
    async with served.initialised() as client:
        await client.subscribe("1")
        await client.subscribe("1")
        assert await client.closed() == (4409, "Subscriber for 1 already exists")
    assert await served.toy.has_streams(1)


async def test_a_reason_that_would_be_too_long_is_cut(served, bystander):
    async with served.initialised() as client:
        for _ in range(2):
            await client.subscribe("é" * 256)
        code, reason = await client.closed()
        assert (code, reason) == (4409, "Subscriber for " + "é" * 54)


async def test_two_thousand_subscriptions_on_one_socket_are_as_many_as_allowed_and_errors(served, bystander):
    async with served.initialised() as client:
        for number in range(2_000):
            await client.subscribe(str(number))
        errors = [await client.heard() for _ in range(1_900)]
        assert {(error["type"], error["payload"][0]["extensions"]["code"]) for error in errors} == {
            ("error", "LIMIT_EXCEEDED")
        }
        assert [error["id"] for error in errors] == [str(number) for number in range(100, 2_000)]
        assert await served.toy.has_streams(100 + 1)
        served.toy.tell(b"{}")
        assert sorted([int((await client.heard())["id"]) for _ in range(100)]) == list(range(100))


@pytest.mark.parametrize("pieces", [1, 100])
async def test_a_message_of_a_megabyte_is_1009_in_however_many_frames(served, bystander, pieces):
    async with served.initialised() as client:
        await client.opened.send(["x" * (1_000_000 // pieces)] * pieces if pieces > 1 else "x" * 1_000_000)
        assert (await client.closed())[0] == 1009


def _greeting(length):
    greeting = json.dumps({**INIT, "payload": {**INIT["payload"], "filler": ""}})
    return greeting[:-3] + "x" * (length - len(greeting)) + greeting[-3:]


async def test_whoever_has_not_said_who_it_is_sends_no_more_than_that_takes(served, bystander):
    async with served.socket() as client:
        await client.opened.send(_greeting(LARGEST_GREETING + 1))
        assert (await client.closed())[0] == 1009
    async with served.socket() as client:
        await client.opened.send(_greeting(LARGEST_GREETING))
        assert (await client.heard())["type"] == "connection_ack"
        await client.opened.send(json.dumps({"type": "ping", "payload": {"filler": "x" * 200_000}}))
        assert (await client.heard())["type"] == "pong"


async def test_text_that_is_no_utf8_is_1007(served, bystander):
    async with served.initialised() as client:
        await client.opened.send(b'{"type": "\xff"}', text=True)
        assert (await client.closed())[0] == 1007


async def _handshaken(served, *headers):
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    lines = [
        "GET /graphql HTTP/1.1",
        "Host: x",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(b'0' * 16).decode()}",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
        *headers,
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    async with asyncio.timeout(10):
        return writer, reader, await reader.readuntil(b"\r\n\r\n")


def frame(data, first=0x81):
    """A client's frame; its mask of zeros masks nothing."""
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    return bytes([first]) + length + b"\0\0\0\0" + data


def close_code(answer):
    """The code in the close frame at the end."""
    place = answer.rindex(b"\x88")
    return struct.unpack(">H", answer[place + 2 : place + 4])[0]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(b"\x81\x02{}", 1002, id="a frame without a mask"),
        pytest.param(frame(b"{}", 0xC1), 1002, id="a reserved bit"),
        pytest.param(frame(b"{}", 0x83), 1002, id="a reserved opcode"),
        pytest.param(frame(b"{}", 0x80), 1002, id="a continuation of nothing"),
        pytest.param(frame(b"x" * 126, 0x89), 1002, id="a ping that is too long"),
        pytest.param(frame(b"\x03", 0x88), 1002, id="half a close code"),
        pytest.param(b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"\0\0\0\0", 1009, id="a length beyond all memory"),
    ],
)
async def test_frames_that_are_none_are_closed_as_websockets_are(served, bystander, sent, code):
    writer, reader, head = await _handshaken(served)
    assert head.startswith(b"HTTP/1.1 101 ")
    writer.write(sent)
    async with asyncio.timeout(10):
        assert close_code(await reader.read()) == code
    writer.close()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([f"X-{number}: x" for number in range(200)], id="many headers"),
        pytest.param(["X: " + "x" * 20_000], id="a long header"),
        pytest.param(["Sec-WebSocket-Key: again"], id="two keys"),
        pytest.param(["Sec-WebSocket-Version: 8"], id="two versions"),
    ],
)
async def test_handshakes_that_are_none_are_refused(served, bystander, headers, caplog):
    writer, reader, head = await _handshaken(served, *headers)
    assert head.startswith(b"HTTP/1.1 400 ")
    async with asyncio.timeout(10):
        await reader.read()
    assert "Traceback" not in caplog.text
    writer.close()
