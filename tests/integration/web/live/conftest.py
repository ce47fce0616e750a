"""A real server with both endpoints for open connections, on an executor and an authenticator of a few lines."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from kpi_server.api.answer import Answer, Outcome
from kpi_server.cli.serving import AnnouncedServer, options
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.errors import Unauthenticated
from kpi_server.services.access import hash_of
from kpi_server.settings import Settings
from kpi_server.web.authentication import Brake, Gate
from kpi_server.web.graphql import GraphQLEndpoint
from kpi_server.web.live.connections import Connections, Times
from kpi_server.web.live.messages import SUBPROTOCOL
from kpi_server.web.live.protocol import DRAIN
from kpi_server.web.live.sockets import SocketEndpoint
from kpi_server.web.protocol import BoundedProtocol

SECRET = "password=hunter2"
NEVER = Times(look_s=3600, tokens_s=3600)
INIT = {"type": "connection_init", "payload": {"Authorization": "Bearer board"}}


class Tokens:
    """Names of principals are their tokens."""

    def __init__(self):
        self.good = {"board": 1, "sales": 2}
        self.looked_up = set()

    def remembered(self, token_hash):
        known = (token for token in self.good if token in self.looked_up and hash_of(token) == token_hash)
        return next((self.scope(token) for token in known), None)

    def scope(self, token):
        return Scope(self.good[token], token, (Grant(7, "acme", Role.EXECUTIVE),))

    async def unreachable(self, _token):
        raise ConnectionRefusedError(SECRET)

    async def authenticate(self, token):
        if token == "unlucky":
            raise ConnectionRefusedError(SECRET)
        if token not in self.good:
            raise Unauthenticated("The token opens nothing here: it is unknown, expired or revoked.")
        return self.scope(token)


class Ticks:
    """A stream of what the test tells."""

    def __init__(self, toy, authorize, at_once):
        self.toy = toy
        self.authorize = authorize
        self.at_once = at_once
        self.told = asyncio.Queue()
        toy.streams.append(self)

    def __aiter__(self):
        return self

    async def __anext__(self):
        told = await self.told.get()
        await self.authorize()
        if isinstance(told, BaseException):
            raise told
        return told

    async def aclose(self):
        self.toy.streams.remove(self)
        self.toy.changed.set()


@dataclass
class Toy:
    """Executes `{hello}`, `{slow}` when released, `mutation{change}` and `subscription{ticks}`."""

    streams: list = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    executed: list = field(default_factory=list)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: Answer | None = None

    async def is_subscription(self, document, _operation_name):
        return document.startswith("subscription")

    async def execute(self, scope, document, variables=None, operation_name=None, **named):
        if document == "{":
            errors = [{"message": "Syntax Error", "extensions": {"code": "GRAPHQL_PARSE_FAILED"}}]
            return Answer({"errors": errors}, Outcome.REQUEST_ERROR)
        self.executed.append((scope.principal, document, variables, operation_name))
        if document == "{slow}":
            self.began.set()
            await self.released.wait()
        if document == "{bug}":
            raise RuntimeError(SECRET)
        if not named.get("allow_mutation", True) and document.startswith("mutation"):
            return Answer({"errors": [{"message": "GET"}]}, Outcome.QUERIES_ONLY)
        return Answer({"data": {document: scope.principal}}, Outcome.EXECUTED)

    async def subscribe(self, authorize, *_operation, at_once=None, **_named):
        await authorize()
        if self.outcome is not None:
            return self.outcome
        stream = Ticks(self, authorize, at_once)
        self.changed.set()
        return stream

    async def has_streams(self, number):
        """Wait until so many are open."""
        async with asyncio.timeout(10):
            while len(self.streams) != number:
                self.changed.clear()
                await self.changed.wait()
        return True

    def tell(self, told):
        for stream in self.streams:
            stream.told.put_nowait(told)


async def until(condition):
    """Let everything else run until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - there is no event of it
            await asyncio.sleep(0)


@dataclass
class Served:
    """What a test needs of a running server."""

    port: int
    toy: Toy
    tokens: Tokens
    connections: Connections
    server: uvicorn.Server
    clock: list

    @contextlib.asynccontextmanager
    async def socket(self, *, subprotocols=(SUBPROTOCOL,), **named):
        address = f"ws://127.0.0.1:{self.port}/graphql"
        named = {"compression": None, "ping_interval": None, "max_size": None, **named}
        async with connect(address, subprotocols=list(subprotocols) or None, **named) as opened:
            yield Client(opened)

    @contextlib.asynccontextmanager
    async def initialised(self, principal="board", **named):
        async with self.socket(**named) as client:
            await client.say(type="connection_init", payload={"Authorization": f"Bearer {principal}"})
            assert await client.heard() == {"type": "connection_ack"}
            yield client

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/graphql"

    def is_stuck(self):
        """Whether something waits for a client that does not read."""
        return any(connection._sending.is_waiting for connection in self.connections._open)

    def look(self, seconds):
        """Let time pass, and all connections be looked at."""
        self.clock[0] += seconds
        for connection in list(self.connections._open):
            connection.look(self.clock[0])


@dataclass
class Client:
    """One WebSocket of a client."""

    opened: object

    async def say(self, **message):
        await self.opened.send(json.dumps(message))

    async def subscribe(self, id_, query="subscription{ticks}", **parameters):
        await self.say(id=id_, type="subscribe", payload={"query": query, **parameters})

    async def heard(self):
        async with asyncio.timeout(10):
            return json.loads(await self.opened.recv())

    async def closed(self):
        """The code and reason with which it is closed; what comes before is passed over."""
        async with asyncio.timeout(10):
            try:
                while True:
                    await self.opened.recv()
            except ConnectionClosed as closed:
                return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else None

    async def is_alive(self):
        """Whether it is still answered."""
        await self.say(type="ping")
        while (await self.heard())["type"] != "pong":
            pass
        return True


def application(served):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            scope["state"][DRAIN] = served.connections.drain
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await served.endpoints[scope["type"]](scope, receive, send)

    return app


@contextlib.asynccontextmanager
async def serving(*, times=NEVER, http=BoundedProtocol, **given):
    """A server with these settings, until the block ends or a test stops it."""
    settings = Settings(_env_file=None, **given)
    toy, tokens, clock = Toy(), Tokens(), [0.0]
    gate = Gate(tokens, Brake())
    connections = Connections(gate, settings, times=times, clock=lambda: clock[0])
    served = Served(0, toy, tokens, connections, None, clock)
    served.endpoints = {
        "http": GraphQLEndpoint(toy, gate, settings, None, connections),
        "websocket": SocketEndpoint(toy, gate, settings, connections),
    }
    keeping = asyncio.create_task(connections.keep())
    started = asyncio.Event()
    config = uvicorn.Config(application(served), port=0, **{**options(settings), "loop": "none", "http": http})
    served.server = server = AnnouncedServer(config, started.set)
    task = asyncio.create_task(server._serve())
    try:
        await started.wait()
        served.port = server.servers[0].sockets[0].getsockname()[1]
        yield served
    finally:
        server.should_exit = True
        await task
        keeping.cancel()


@pytest.fixture
def serve():
    """Run a server with other settings."""
    return serving


@pytest.fixture
async def served():
    """A server with the default settings."""
    async with serving() as running:
        yield running
