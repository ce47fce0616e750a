"""The composition root: settings and families in, an application out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from kpi_server.api.errors import Code, masked
from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.api.trusted.documents import TrustedDocuments, trusted_documents
from kpi_server.errors import StartupError
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.access import Authenticator
from kpi_server.services.aggregation import keep_aggregating
from kpi_server.services.recompute import keep_up
from kpi_server.settings import Settings
from kpi_server.store.background import end
from kpi_server.store.connecting import reachable
from kpi_server.store.database import Database, open_database
from kpi_server.store.feed import renew_epoch
from kpi_server.store.migrations import NEWEST
from kpi_server.store.waking import Waking
from kpi_server.web.authentication import Brake, Gate
from kpi_server.web.edge import encoded, refusal
from kpi_server.web.examples import examples
from kpi_server.web.graphiql.page import ASSETS, ASSETS_PATH, page
from kpi_server.web.graphql import METHODS, GraphQLEndpoint
from kpi_server.web.headers import EveryAnswer
from kpi_server.web.health import Ready, live
from kpi_server.web.ingest import IngestEndpoint
from kpi_server.web.live.connections import Connections
from kpi_server.web.live.protocol import DRAIN
from kpi_server.web.live.sockets import SocketEndpoint
from kpi_server.web.negotiation import JSON
from kpi_server.web.replies import Reply
from kpi_server.web.requests import Refused

GRAPHQL = "/graphql"
INGEST = "/ingest"
_ENDPOINTS = MappingProxyType(
    {("http", GRAPHQL): "graphql", ("http", INGEST): "ingest", ("websocket", GRAPHQL): "sockets"}
)


def create_app(
    settings: Settings, registry: Registry | None = None, *, demo_token: str | None = None, checked: bool = False
) -> Starlette:
    """The server as an ASGI application; it opens the database when it starts and closes it when it stops.

    `demo_token` is written into the GraphiQL page for everybody who opens it: only a demo gives one. `checked` says
    that `check_database` was called for these settings: the application then starts while the database is away.
    """
    families = registry or discover(Policy(settings.plugins))
    return assemble(settings, families, build_schema(families), demo_token=demo_token, checked=checked)


def assemble(
    settings: Settings,
    registry: Registry,
    schema: strawberry.Schema,
    *,
    demo_token: str | None = None,
    checked: bool = False,
) -> Starlette:
    """The server around a schema.

    Raises:
        OperatorError: the trusted documents cannot be used.
    """
    trusted = trusted_documents(settings, schema, settings.trusted_documents)
    return _Server(
        routes=_routes(settings),
        lifespan=_lifespan(settings, registry, schema, _page(settings, demo_token), trusted, checked=checked),
        middleware=[Middleware(EveryAnswer)],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )


async def check_database(settings: Settings) -> None:
    """Nothing, when the server can start on the database of these settings; a new epoch of its feed begins if need be.

    Raises:
        OperatorError: one sentence on what keeps it from starting.
    """
    async with _opened(settings, checked=False):
        pass


def _routes(settings: Settings) -> list[Route | Mount]:
    routes: list[Route | Mount] = [
        Route(f"{GRAPHQL}/", _to_graphql, methods=METHODS),
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", _ready, methods=["GET"]),
    ]
    if not settings.graphiql:
        return routes
    return [
        *routes,
        Route("/", _to_graphql, methods=["GET"]),
        Mount(ASSETS_PATH, StaticFiles(directory=ASSETS)),
    ]


class _Server(Starlette):
    """Pages, health and redirects by routes; the endpoints, for which nearly all requests are, in front of them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = _ENDPOINTS.get((scope["type"], scope.get("path", "")))
        if endpoint is not None:
            await scope["state"][endpoint](scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def _ready(request: Request) -> Response:
    response: Response = await request.scope["state"]["ready"](request)
    return response


async def _to_graphql(request: Request) -> Response:
    del request
    return RedirectResponse(GRAPHQL)


def _lifespan(
    settings: Settings,
    registry: Registry,
    schema: strawberry.Schema,
    graphiql: str | None,
    trusted: TrustedDocuments,
    *,
    checked: bool,
) -> Callable[[Starlette], Any]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        del app
        async with _opened(settings, checked=checked) as database:
            gate = Gate(Authenticator(database), Brake())
            connections = Connections(gate, settings)
            executor = Executor(schema, registry, database, settings)
            waking = Waking(database, _listen_address(settings), poll_s=settings.live_poll_s)
            background = [asyncio.create_task(waking.run()), asyncio.create_task(connections.keep())]
            if settings.recompute:
                background.append(asyncio.create_task(keep_up(database, registry)))
                background.append(asyncio.create_task(keep_aggregating(database, registry)))
            try:
                yield {
                    "graphql": GraphQLEndpoint(executor, gate, settings, graphiql, connections, trusted),
                    "sockets": SocketEndpoint(executor, gate, settings, connections, trusted),
                    DRAIN: connections.drain,
                    "ingest": IngestEndpoint(database, registry, gate, settings),
                    "ready": Ready(database, NEWEST),
                }
            finally:
                await end(background)

    return lifespan


@asynccontextmanager
async def _opened(settings: Settings, *, checked: bool) -> AsyncIterator[Database]:
    if settings.database_url is None:
        raise StartupError("Set DATABASE_URL to a PostgreSQL database; `kpi-server demo` brings its own.")
    database = await open_database(
        settings.database_url,
        revision=None if checked else NEWEST,
        connections=settings.database_connections,
        pooled=settings.database_pooled,
        announces=settings.live_wake == "notify",
    )
    try:
        if not checked:
            with reachable(database.address):
                await renew_epoch(database)
        yield database
    finally:
        await database.close()


def _listen_address(settings: Settings) -> str | None:
    """Where the database can be listened to: not through a pooler, which lends a connection for one transaction."""
    if settings.live_wake == "poll":
        return None
    return settings.database_listen_url or (None if settings.database_pooled else settings.database_url)


def _page(settings: Settings, demo_token: str | None) -> str | None:
    if not settings.graphiql:
        return None
    return page(examples=examples(settings.operations), token=demo_token, endpoint=GRAPHQL)


async def _refused(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    code = Code.METHOD_NOT_ALLOWED if error.status_code == 405 else Code.NOT_FOUND
    return _response(refusal(Refused(error.status_code, code, f"{error.detail}.", error.headers)))


async def _failed(request: Request, error: Exception) -> Response:
    entry = masked(error, request_id=request.scope.get("request_id"))
    return _response(encoded({"errors": [entry]}, 500, JSON))


def _response(reply: Reply) -> Response:
    return Response(reply.body, reply.status, reply.headers)
