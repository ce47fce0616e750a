"""A bakery whose KPIs are followed: what is asked over its own executor, and writes that change what is shown."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from kpi_server.api.answer import Answer
from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.settings import Settings
from kpi_server.store.database import Database
from tests.integration import bakery

SLUG = "bakery"
SCOPE = Scope(1, "board", (Grant(bakery.HERE, SLUG, Role.EXECUTIVE),))
PATIENCE_S = 20.0


async def soon(awaitable: Awaitable[Any]) -> Any:
    """What comes, or a failure instead of waiting for ever."""
    return await asyncio.wait_for(awaitable, PATIENCE_S)


async def rename(database: Database, name: str, key: str = "bakery.waste") -> int:
    """Give a KPI another name, in a write of its own; its number."""
    async with database.write(bakery.HERE, action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql("update kpis set name = $1 where key = $2", (name, key))
        write.record("kpis", 1, "UPDATE")
    return write.sequence


@pytest.fixture
async def shop(database, tmp_path) -> Database:
    """The bakery's database."""
    await bakery.load(database, bakery.family(), tmp_path)
    return database


@dataclass
class Caller:
    """Who asks, and what the caller may see now."""

    scope: Scope = SCOPE
    asked: int = 0

    async def __call__(self) -> Scope:
        self.asked += 1
        return self.scope


class Followed:
    """A stream, as who follows it reads it."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    async def next(self) -> Any:
        """The next response's data."""
        answer = orjson.loads(await soon(anext(self.stream)))
        assert "errors" not in answer, answer
        return answer["data"]

    async def last(self) -> str:
        """The code with which it ends."""
        answer = orjson.loads(await soon(anext(self.stream)))
        with pytest.raises(StopAsyncIteration):
            await soon(anext(self.stream))
        assert answer["data"] is None
        return answer["errors"][0]["extensions"]["code"]


Follow = Callable[..., Awaitable[Followed]]


@pytest.fixture(scope="session")
def bakery_schema() -> Any:
    return build_schema(bakery.family())


@pytest.fixture
def executor(shop, bakery_schema) -> Executor:
    return Executor(bakery_schema, bakery.family(), shop, Settings(_env_file=None))


@pytest.fixture
async def follow(executor) -> AsyncIterator[Follow]:
    """Begins to follow; what was begun is closed afterwards."""
    begun: list[Any] = []

    async def following(document: str, *, caller: Caller | None = None, **variables: Any) -> Followed:
        stream = await soon(executor.subscribe(caller or Caller(), document, variables))
        assert not isinstance(stream, Answer), stream.payload
        begun.append(stream)
        return Followed(stream)

    yield following
    for stream in begun:
        await stream.aclose()
