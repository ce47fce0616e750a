"""The whole server, with PostgreSQL: a subscription from the handshake to the write that it tells of."""

import asyncio
import contextlib
import json

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import connect

from kpi_server.api.schema import build_schema
from kpi_server.app import assemble
from kpi_server.cli.serving import AnnouncedServer, options
from kpi_server.domain.access import Opening, Role
from kpi_server.services.access import create_token
from kpi_server.settings import Settings
from tests.integration import bakery
from tests.integration.live.conftest import rename

CHANGES = """
subscription ($after: Cursor) {
  changes(organization: "bakery", after: $after) { events { kind operation } cursor caughtUp }
}
"""
SCORECARD = """
subscription {
  scorecard(organization: "bakery", input: {kpis: ["bakery.waste"]}, minInterval: "PT0.1S") { kpis { nodes { name } } }
}
"""


@pytest.fixture
async def shop(database, tmp_path):
    await bakery.load(database, bakery.family(), tmp_path)
    return database


@pytest.fixture
async def token(shop):
    return (await create_token(shop, "board", [Opening("bakery", Role.EXECUTIVE)])).token


@pytest.fixture(scope="session")
def schema():
    return build_schema(bakery.family())


@pytest.fixture
async def server(shop, addresses, schema):
    """A server of the bakery; its address."""
    settings = Settings(_env_file=None, database_url=addresses.server, recompute=False)
    started = asyncio.Event()
    app = assemble(settings, bakery.family(), schema)
    config = uvicorn.Config(app, port=0, **{**options(settings), "loop": "none"})
    running = AnnouncedServer(config, started.set)
    task = asyncio.create_task(running._serve())
    await started.wait()
    yield f"127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/graphql"
    running.should_exit = True
    await task


@contextlib.asynccontextmanager
async def socket(server, token):
    async with connect(f"ws://{server}", subprotocols=["graphql-transport-ws"]) as opened:
        await opened.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
        assert await heard(opened) == {"type": "connection_ack"}
        yield opened


async def heard(opened):
    async with asyncio.timeout(20):
        return json.loads(await opened.recv())


async def subscribe(opened, query, variables=None, id_="1"):
    message = {"id": id_, "type": "subscribe", "payload": {"query": query, "variables": variables}}
    await opened.send(json.dumps(message))


async def test_a_follower_hears_of_a_write_and_goes_on_after_it_was_cut_off(server, shop, token):
    async with socket(server, token) as opened:
        await subscribe(opened, CHANGES)
        begun = (await heard(opened))["payload"]["data"]["changes"]
        assert (begun["events"], begun["caughtUp"]) == ([], True)
        await rename(shop, "Bread that is left")
        told = (await heard(opened))["payload"]["data"]["changes"]
        assert told["events"] == [{"kind": "DEFINITION", "operation": "UPDATED"}]
        opened.transport.abort()
    await rename(shop, "Bread")
    async with socket(server, token) as opened:
        await subscribe(opened, CHANGES, {"after": told["cursor"]})
        missed = (await heard(opened))["payload"]["data"]["changes"]
        assert len(missed["events"]) == 1


async def test_many_streams_and_queries_share_a_socket(server, shop, token):
    async with socket(server, token) as opened:
        for id_ in ("a", "b"):
            await subscribe(opened, SCORECARD, id_=id_)
        first = [await heard(opened) for _ in range(2)]
        assert sorted(message["id"] for message in first) == ["a", "b"]
        await rename(shop, "Leftovers")
        again = [await heard(opened) for _ in range(2)]
        (name,) = {message["payload"]["data"]["scorecard"]["kpis"]["nodes"][0]["name"] for message in again}
        assert name == "Leftovers"
        await subscribe(opened, "{ viewer { name } }", id_="c")
        assert [(await heard(opened))["type"] for _ in range(2)] == ["next", "complete"]
        await subscribe(opened, CHANGES, {"after": "nonsense"}, id_="d")
        refused = await heard(opened)
        assert (refused["id"], refused["type"]) == ("d", "error")
        assert refused["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_follower_by_events_hears_the_same(server, shop, token):
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=20) as client,
        client.stream("POST", f"http://{server}", json={"query": CHANGES}, headers=headers) as response,
    ):
        lines = (line async for line in response.aiter_lines() if line.startswith("data: "))
        assert json.loads((await anext(lines))[6:])["data"]["changes"]["events"] == []
        await rename(shop, "Bread that is left")
        events = json.loads((await anext(lines))[6:])["data"]["changes"]["events"]
        assert events == [{"kind": "DEFINITION", "operation": "UPDATED"}]


async def test_a_subscription_that_is_sent_as_a_query_is_told_how_to_ask(server, token):
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"}
    async with httpx.AsyncClient(timeout=20) as client:
        response = await client.post(f"http://{server}", json={"query": CHANGES}, headers=headers)
        by_get = await client.get(f"http://{server}", params={"query": CHANGES}, headers=headers)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"
    assert by_get.status_code in (405, 406)


async def test_who_tries_tokens_is_slowed_down_whatever_headers_say_where_it_comes_from(server):
    async with httpx.AsyncClient() as client:
        statuses = [
            (await client.get(f"http://{server}", headers={
                "Authorization": "Bearer wrong", "X-Forwarded-For": f"192.0.2.{number}",
            })).status_code
            for number in range(30)
        ]  # fmt: skip
    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429
