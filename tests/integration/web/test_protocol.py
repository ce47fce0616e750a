"""Heads of requests are bounded in size and time, and what is no HTTP is answered with a GraphQL error."""

import asyncio
import contextlib
import gc
import json

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from kpi_server.cli.serving import AnnouncedServer
from kpi_server.web.protocol import LARGEST_HEAD, BoundedProtocol
from kpi_server.web.replies import Reply
from kpi_server.web.requests import WHOLE

LINE = b"POST / HTTP/1.1\r\n"
LENGTH = len(b"/") + len(b"x")  # what the smallest request with a header named x counts beside the header's value


class Impatient(BoundedProtocol):
    patience_s = 0.2


class Patient(BoundedProtocol):
    patience_s = 60.0


async def application(scope, receive, send):
    """Answers before it reads the body, as a refusal does."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def telling(scope, receive, send):
    """Answers with the body if all of the request had come when it was asked."""
    body = bytes(scope["state"].get(WHOLE, b"part"))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def served(protocol, application=application):
    """The port of a server with that protocol."""
    options = {"http": protocol, "port": 0, "lifespan": "off", "log_config": None, "timeout_keep_alive": 60}
    started = asyncio.Event()
    server = AnnouncedServer(uvicorn.Config(application, **options), started.set)
    task = asyncio.create_task(server._serve())
    try:
        await started.wait()
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def exchanged(port, *pieces):
    """All that the server says to these pieces before it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def exchanged_in_turn(port, first, last):
    """All that the server says to a request, and to another that is sent after it was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(5):
            writer.write(first)
            answer = await reader.readuntil(b"x-content-type-options: nosniff\r\n\r\n")
            writer.write(last)
            return answer + await reader.read()
    finally:
        writer.close()


def is_refusal(answer, status):
    head, _, body = answer.partition(b"\r\n\r\n")
    (error,) = json.loads(body)["errors"]
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Content-Type: application/json; charset=utf-8" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert (error["extensions"]["code"], bool(error["message"])) == ("BAD_REQUEST", True)
    return True


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00", b"FOO / HTTP/1.1\r\n\r\n", LINE + b"Content-Length: -1\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_as_graphql(garbage):
    async with served(Patient) as port:
        assert is_refusal(await exchanged(port, garbage), 400)


async def test_a_head_of_the_largest_size_is_read():
    value = b"v" * (LARGEST_HEAD - LENGTH - len(b"connection" + b"close"))
    async with served(Patient) as port:
        answer = await exchanged(port, LINE + b"Connection: close\r\nX: " + value + b"\r\n\r\n")
        exceeded = await exchanged(port, LINE + b"Connection: close\r\nX: v" + value + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert is_refusal(exceeded, 431)


async def test_a_head_without_an_end_is_refused_before_it_fills_the_memory():
    async with served(Patient) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(LINE + b"X: ")
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 100 * LARGEST_HEAD and not reader.at_eof():
                writer.write(b"v" * 1000)
                await writer.drain()
                sent += 1000
        writer.close()
    assert LARGEST_HEAD < sent < 100 * LARGEST_HEAD


async def test_a_request_is_whole_when_its_body_came_with_its_head_and_not_before():
    """Whoever reads the body of any other waits for it, and has to stop waiting in time."""
    head = LINE + b"Connection: close\r\nContent-Length: 4\r\n\r\n"
    async with served(Patient, telling) as port:
        assert (await exchanged(port, head + b"body")).endswith(b"body")
        assert (await exchanged(port, head + b"bo")).endswith(b"part")


@pytest.mark.parametrize("beginning", [b"POST", LINE, LINE + b"X: v\r\n"])
async def test_a_head_that_does_not_arrive_is_refused(beginning):
    async with served(Impatient) as port:
        assert is_refusal(await exchanged(port, beginning), 408)


async def test_a_second_head_that_does_not_arrive_is_refused_too():
    async with served(Impatient) as port:
        answer = await exchanged(port, LINE + b"Content-Length: 0\r\n\r\n", LINE)
    first, _, second = answer.partition(b"ok")
    assert first.startswith(b"HTTP/1.1 200 ")
    assert is_refusal(second, 408)


async def test_a_connection_on_which_nothing_comes_is_closed():
    async with served(Impatient) as port:
        assert await exchanged(port, b"") == b""
        assert await exchanged(port, b"\r\n\r\n") == b""


async def test_a_body_that_goes_on_after_the_answer_ends_the_connection():
    async with served(Impatient) as port:
        answer = await exchanged(port, LINE + b"Content-Length: 100\r\n\r\n", b"x")
    assert answer.endswith(b"ok")


async def test_a_kept_connection_serves_many_requests():
    request = LINE + b"Content-Length: 3\r\n\r\nabc"
    async with served(Patient) as port:
        answer = await exchanged(port, *[request] * 3, LINE + b"Connection: close\r\n\r\n")
    assert answer.count(b"ok") == 4


@pytest.mark.parametrize(
    ("beginning", "messages"),
    [
        (LINE, [0, 2]),  # the second is the connection's last
        (b"GET / HTTP/1.1\r\n", [0, 2]),
        (b"HEAD / HTTP/1.1\r\n", [2, 2]),
        (LINE + b"Expect: 100-continue\r\nContent-Length: 0\r\n", [2, 2]),
    ],
)
async def test_an_answer_is_written_at_once_where_nothing_is_left_to_do_after_it(beginning, messages):
    """A client that has the head alone wakes up for nothing."""
    sent: list[int] = []

    async def replying(scope, receive, send):
        at = len(sent)
        sent.append(0)
        scope["request_id"] = f"r{at}"

        async def counted(message):
            sent[at] += 1
            await send(message)

        await Reply(201, {"Content-Type": "text/plain"}, b"answer").send(scope, counted)

    async with served(Patient, replying) as port:
        answers = await exchanged_in_turn(port, beginning + b"\r\n", beginning + b"Connection: close\r\n\r\n")
    heads = [part for part in answers.split(b"\r\n\r\n") if b"HTTP/1.1 201 Created\r\n" in part]
    assert sent == messages
    assert [head.count(b"\r\nx-request-id: r%d\r\n" % at) for at, head in enumerate(heads)] == [1, 1]
    assert all(b"\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n" in head for head in heads)
    assert all(head.count(b"\r\ndate: ") == 1 for head in heads)
    assert answers.count(b"\r\n\r\nanswer") == (0 if beginning.startswith(b"HEAD") else 2)


async def replied(scope, receive, send):
    scope["request_id"] = scope["path"].removeprefix("/")
    await Reply(200, {"Content-Type": "text/plain"}, b"answer").send(scope, send)


async def test_pipelined_requests_are_answered_in_their_order():
    async with served(Patient, replied) as port:
        requests = [b"GET /r%d HTTP/1.1\r\n\r\n" % at for at in range(3)]
        answers = await exchanged(port, b"".join(requests) + b"GET /r3 HTTP/1.1\r\nConnection: close\r\n\r\n")
    named = [line for line in answers.split(b"\r\n") if line.startswith(b"x-request-id: ")]
    assert named == [b"x-request-id: r%d" % at for at in range(4)]
    assert answers.count(b"\r\n\r\nanswer") == 4


async def test_an_answered_request_is_forgotten_at_once():
    """What only the garbage collector finds stays for thousands of requests, bodies and all."""
    gc.collect()
    gc.disable()
    try:
        async with served(Patient, replied) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(20):
                writer.write(LINE + b"Content-Length: 3\r\n\r\nabc")
                await reader.readuntil(b"\r\n\r\nanswer")
            kept = sum(type(one) is RequestResponseCycle for one in gc.get_objects())
            writer.close()
    finally:
        gc.enable()
    assert kept <= 2
