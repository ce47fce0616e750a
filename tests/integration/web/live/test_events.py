"""GraphQL over server-sent events (graphql-sse, distinct connections), with a real HTTP client."""

import asyncio
import contextlib
import json

import httpx
import pytest

from kpi_server.api.answer import Answer, Outcome
from tests.integration.web.live.conftest import until

HELLO = b'event: next\ndata: {"data":{"{hello}":"board"}}\n\nevent: complete\ndata:\n\n'
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


@pytest.fixture
async def http():
    async with httpx.AsyncClient(timeout=10) as client:
        yield client


def sent(query, accept="text/event-stream", **headers):
    headers = {"Accept": accept, "Authorization": "Bearer board", **headers}
    return {"json": {"query": query}, "headers": headers}


@pytest.fixture
def opened(served, http):
    """Open a subscription's stream; what arrives, event by event."""

    @contextlib.asynccontextmanager
    async def begin(**given):
        async with http.stream("POST", served.url, **{**sent("subscription{ticks}"), **given}) as response:
            yield response, Events(response.aiter_raw())

    return begin


class Events:
    def __init__(self, pieces):
        self.pieces = pieces
        self.text = b""

    async def heard(self):
        """The next event with the empty line at its end; nothing when the stream is over."""
        while b"\n\n" not in self.text:
            try:
                self.text += await anext(self.pieces)
            except StopAsyncIteration:
                return self.text
        event, _, self.text = self.text.partition(b"\n\n")
        return event + b"\n\n"


async def test_a_query_is_one_event_and_the_end(served, http):
    response = await http.post(served.url, **sent("{hello}"))
    assert (response.status_code, response.content) == (200, HELLO)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["vary"] == "Accept, Authorization"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "etag" not in response.headers


async def test_a_get_is_answered_alike_but_for_mutations(served, http):
    headers = sent("")["headers"]
    response = await http.get(served.url, params={"query": "{hello}"}, headers=headers)
    assert response.content == HELLO
    refused = await http.get(served.url, params={"query": "mutation{change}"}, headers=headers)
    assert (refused.status_code, refused.headers["content-type"]) == (405, "application/json; charset=utf-8")


@pytest.mark.parametrize(
    "accept",
    [
        "text/event-stream",
        "Text/Event-Stream;q=0.9, application/json;q=0.5",
        "text/event-stream, */*;q=0.1",
        "text/event-stream, multipart/mixed",
    ],
)
async def test_who_prefers_events_gets_them(served, http, accept):
    assert (await http.post(served.url, **sent("{hello}", accept))).content == HELLO


@pytest.mark.parametrize("accept", [URQL, "application/json, text/event-stream", "text/*, application/json", "*/*"])
async def test_who_names_events_among_others_gets_json(served, http, accept):
    response = await http.post(served.url, **sent("{hello}", accept))
    assert response.json() == {"data": {"{hello}": "board"}}
    assert "json" in response.headers["content-type"]


async def test_what_is_wrong_with_a_document_is_an_event(served, http):
    response = await http.post(served.url, **sent("{"))
    assert response.status_code == 200
    event, _, end = response.content.partition(b"\n\n")
    (error,) = json.loads(event.removeprefix(b"event: next\ndata: "))["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert end == b"event: complete\ndata:\n\n"


async def test_what_never_became_an_operation_has_a_status_and_json(served, http):
    unknown = await http.post(served.url, **sent("{hello}", Authorization="Bearer nobody"))
    broken = await http.post(
        served.url, content=b"{", headers={**sent("")["headers"], "Content-Type": "application/json"}
    )
    bug = await http.post(served.url, **sent("{bug}"))
    answers = [
        (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) for answer in (unknown, broken, bug)
    ]
    assert answers == [(401, "UNAUTHENTICATED"), (400, "BAD_REQUEST"), (500, "INTERNAL_ERROR")]


async def test_a_stream_goes_on_until_its_client_goes(served, opened):
    async with opened() as (response, events):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["x-accel-buffering"] == "no"
        assert await events.heard() == b":\n\n"
        await served.toy.has_streams(1)
        served.toy.tell(b'{"data":{"n":1}}')
        served.toy.tell(b'{"data":{"n":2}}')
        assert await events.heard() == b'event: next\ndata: {"data":{"n":1}}\n\n'
        assert await events.heard() == b'event: next\ndata: {"data":{"n":2}}\n\n'
        assert len(served.connections) == 1
    assert await served.toy.has_streams(0)
    assert len(served.connections) == 0


async def test_a_stream_that_ends_is_completed(served, opened):
    async with opened() as (_, events):
        await served.toy.has_streams(1)
        served.toy.tell(StopAsyncIteration())
        assert [await events.heard() for _ in range(3)] == [b":\n\n", b"event: complete\ndata:\n\n", b""]


async def test_a_mistake_of_ours_is_masked_and_the_end(served, opened):
    async with opened() as (_, events):
        await served.toy.has_streams(1)
        served.toy.tell(RuntimeError("password=hunter2"))
        _, failed, *end = [await events.heard() for _ in range(4)]
    (error,) = json.loads(failed.removeprefix(b"event: next\ndata: "))["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("Something went wrong on the server.", "INTERNAL_ERROR")
    assert end == [b"event: complete\ndata:\n\n", b""]


async def test_a_stream_without_events_says_so_now_and_then(served, opened):
    async with opened() as (_, events):
        await events.heard()
        served.look(20)
        served.toy.tell(b"{}")
        assert await events.heard() == b"event: next\ndata: {}\n\n"
        served.look(20)
        served.look(1)
        assert await events.heard() == b":\n\n"


@pytest.mark.parametrize("how", ["revoked", "revoked while idle", "away", "too old", "stopping"])
async def test_a_stream_that_breaks_off_is_not_completed(served, opened, how):
    async with opened() as (_, events):
        assert await events.heard() == b":\n\n"
        await served.toy.has_streams(1)
        if how.startswith("revoked"):
            del served.tokens.good["board"]
        match how:
            case "revoked":
                served.toy.tell(b"secret")
            case "revoked while idle":
                await served.connections.check_tokens()
            case "away":
                served.toy.tell(ConnectionRefusedError())
            case "too old":
                served.look(86_401)
            case "stopping":
                served.server.should_exit = True
        assert await events.heard() == b""
    assert await served.toy.has_streams(0)
    assert len(served.connections) == 0


@pytest.mark.parametrize("why", ["it does not read", "its token is revoked"])
async def test_a_client_that_does_not_read_is_dropped(served, why):
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    body = json.dumps({"query": "subscription{ticks}"}).encode()
    head = f"Host: x\r\nAuthorization: Bearer board\r\nAccept: text/event-stream\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"POST /graphql HTTP/1.1\r\n{head}Content-Type: application/json\r\n\r\n".encode() + body)
    writer.transport.pause_reading()
    await served.toy.has_streams(1)
    for _ in range(20):
        served.toy.tell(b"x" * 1_000_000)
    await until(served.is_stuck)
    if why == "it does not read":
        served.look(10)
        assert len(served.connections) == 1
        served.look(1)
    else:
        del served.tokens.good["board"]
        await served.connections.check_tokens()
    assert await served.toy.has_streams(0)
    writer.transport.resume_reading()
    with contextlib.suppress(ConnectionError):
        await reader.read()
    writer.close()


async def test_streams_count_as_connections(serve, http):
    async with serve(max_connections=1) as served, served.initialised():
        response = await http.post(served.url, **sent("subscription{ticks}"))
        assert (response.status_code, response.headers["retry-after"]) == (503, "10")
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert await served.toy.has_streams(0)
        assert (await http.post(served.url, **sent("{hello}"))).content == HELLO
    async with serve(max_principal_connections=1) as served, served.initialised():
        response = await http.post(served.url, **sent("subscription{ticks}"))
        assert (response.status_code, len(served.connections)) == (503, 1)


async def test_a_subscription_that_cannot_begin_says_why(served, http):
    served.toy.outcome = Answer({"errors": [{"message": "away"}]}, Outcome.UNAVAILABLE)
    assert (await http.post(served.url, **sent("subscription{ticks}"))).status_code == 503
    served.toy.outcome = Answer({"errors": [{"message": "wrong"}]}, Outcome.REQUEST_ERROR)
    response = await http.post(served.url, **sent("subscription{ticks}"))
    assert response.content == b'event: next\ndata: {"errors":[{"message":"wrong"}]}\n\nevent: complete\ndata:\n\n'


async def test_the_head_alone_is_no_stream(served, http):
    response = await http.head(served.url, params={"query": "subscription{ticks}"}, headers=sent("")["headers"])
    assert response.status_code == 406
