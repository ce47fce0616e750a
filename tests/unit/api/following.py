"""Subscriptions to pages that are made up."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from kpi_server.api.errors import Code
from kpi_server.api.live.pages import Page
from kpi_server.api.live.reading import Reader
from kpi_server.api.live.streams import Asked
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.store.heads import Heads

HERE = 7
MANY_BYTES = 10_000
BOARD = Scope(1, "board", (Grant(HERE, "acme", Role.EXECUTIVE),))
DESK = Scope(1, "board", (Grant(HERE, "acme", Role.SUPPORT),))


def body(*told, role=Role.EXECUTIVE):
    return orjson.dumps([role.value, list(told)])


@dataclass
class Feed:
    """A feed of numbers, told a few at a time; every third is hidden, and a page may fail first."""

    heads: Heads = field(default_factory=Heads)
    number: int = 0
    size: int = 10
    read: list[tuple[str, str | None]] = field(default_factory=list)
    failing: list[Code] = field(default_factory=list)
    gate: asyncio.Event | None = None

    def write(self, numbers=1):
        self.number += numbers
        self.heads.told(HERE, self.number)

    async def __call__(self, scope, following):
        self.read.append((scope.grants[0].role.value, following.cursor))
        if self.failing:
            code = self.failing.pop(0)
            return Page(b"failed", following, [{"message": "no"}], code)
        begin = self.number if following.cursor is None else int(following.cursor)
        end = min(begin + self.size, self.number)
        if self.gate is not None:
            await self.gate.wait()
        told = [number for number in range(begin + 1, end + 1) if number % 3]
        following.came_to(
            str(end), organization_id=HERE, number=end, is_caught_up=end == self.number, is_empty=not told
        )
        return Page(body(*told, role=scope.grants[0].role), following)


@dataclass
class State:
    """Something that stands somehow."""

    heads: Heads = field(default_factory=Heads)
    stands: str = "a"
    read: int = 0

    async def __call__(self, _scope, following):
        self.read += 1
        following.watched(HERE, interval_s=0.0)
        return Page(self.stands.encode(), following)


class Clock:
    def __init__(self):
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self):
        return self.now


def asking(source, authorize=None, *, pause_s=0.0, at_once=None):
    async def board():
        return BOARD

    return Asked("question", authorize or board, Reader(source.heads, source, pause_s), at_once)


async def soon(awaitable):
    return await asyncio.wait_for(awaitable, 10)


async def begun(live, source, *args, **options):
    stream = await live.begun(asking(source, *args, **options), question="question")
    return stream, await soon(anext(stream))


def waiting(stream):
    return asyncio.create_task(soon(anext(stream)))


async def settled():
    """Everybody has come as far as without news."""
    for _ in range(10):
        await asyncio.sleep(0)
