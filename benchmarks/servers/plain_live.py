"""Strawberry's own handler of graphql-transport-ws, used the obvious way: a queue for each subscriber."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import strawberry
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from benchmarks.writing import CHANNEL


@strawberry.type
class Change:
    kind: str
    key: str
    segment: str
    period: str
    revision: int
    new_exact: str
    recorded_at: str


@strawberry.type
class ChangeBatch:
    events: list[Change]
    cursor: str


@dataclass
class Telling:
    """Who follows: each has a queue."""

    queues: set["asyncio.Queue[ChangeBatch]"]

    def heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        """Hand what was written to everybody."""
        told = orjson.loads(payload)
        events = [
            Change(**{_SNAKE.get(name, name): value for name, value in event.items()}) for event in told["events"]
        ]
        for queue in self.queues:
            queue.put_nowait(ChangeBatch(events=events, cursor=told["cursor"]))


_SNAKE = {"newExact": "new_exact", "recordedAt": "recorded_at"}


@strawberry.type
class Query:
    is_there: bool = True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(
        self, info: strawberry.Info, organization: str, after: str | None = None
    ) -> AsyncGenerator[ChangeBatch, None]:
        del organization, after
        telling: Telling = info.context["request"].app.state.telling
        queue: asyncio.Queue[ChangeBatch] = asyncio.Queue()
        telling.queues.add(queue)
        try:
            yield ChangeBatch(events=[], cursor="")
            while True:
                yield await queue.get()
        finally:
            telling.queues.discard(queue)


@asynccontextmanager
async def _listening(app: Starlette) -> AsyncIterator[None]:
    app.state.telling = telling = Telling(set())
    connection: Any = await asyncpg.connect(os.environ["DATABASE_URL"])
    await connection.add_listener(CHANNEL, telling.heard)
    try:
        yield
    finally:
        await connection.close()


def app() -> Starlette:
    """The server."""
    schema = strawberry.Schema(query=Query, subscription=Subscription)
    graphql: Any = GraphQL(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
    return Starlette(routes=[WebSocketRoute("/graphql", graphql)], lifespan=_listening)
