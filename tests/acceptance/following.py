"""Followers of the shop's feed: by WebSocket, by server-sent events and by asking again, each from its own cursor."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.shop import SLUG, Cell, Serving

OF_VALUES = {"RECORDED", "CORRECTED", "RETRACTED", "RESTATED", "RECOMPUTED"}
PAGE = "{ events { kind operation key segment period revision newExact } cursor caughtUp } }"
QUERY = f'query ($after: Cursor) {{ changes(organization: "{SLUG}", after: $after, first: 7) {PAGE}'
SUBSCRIPTION = f'subscription ($after: Cursor) {{ changes(organization: "{SLUG}", after: $after, batchSize: 3) {PAGE}'
PASSING = {"UNAVAILABLE", "TIMEOUT"}
"""What is away for a while."""
AGAIN_S = 0.1


class Refused(Exception):
    """The server says that something is wrong which no patience mends."""


@dataclass
class Follower:
    """Keeps what it is told with the cursor behind it, and comes back with that cursor whatever happens."""

    serving: Serving
    chance: Random
    drops: float = 0.0
    """How often it hangs up after a batch."""
    lags_s: float = 0.0
    """How long it does something else after a batch, at most."""
    cursor: str | None = None
    copy: dict[tuple[Cell, int], tuple[Decimal | None, bool]] = field(default_factory=dict)
    revisions: list[int] = field(default_factory=list)
    repeated: int = 0
    hung_up: int = 0

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.serving.shop.reader}"}

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                async for batch in self.batches():
                    self.keep(batch)
                    await asyncio.sleep(self.chance.random() * self.lags_s)
                    if self.chance.random() < self.drops:
                        self.hung_up += 1
                        break
            except (OSError, EOFError, httpx.HTTPError, WebSocketException):
                pass  # it is away
            await asyncio.sleep(AGAIN_S)

    def batches(self) -> AsyncIterator[dict[str, Any]]:
        raise NotImplementedError

    def keep(self, batch: dict[str, Any]) -> None:
        """Take a batch in."""
        for event in batch["events"]:
            if event["kind"] in OF_VALUES:
                cell = Cell(event["key"], event["segment"], event["period"], event["kind"] == "RECOMPUTED")
                place = (cell, event["revision"])
                self.repeated += place in self.copy
                exact = event["newExact"]
                self.copy[place] = (None if exact is None else Decimal(exact), event["operation"] == "REMOVED")
                self.revisions.append(event["revision"])
        self.cursor = batch["cursor"]

    def standing(self) -> dict[Cell, Decimal | None]:
        """What stands by what it was told."""
        newest: dict[Cell, tuple[Decimal | None, bool]] = {}
        for (cell, _), value in sorted(self.copy.items(), key=lambda entry: entry[0][1]):
            newest[cell] = value
        return {cell: value for cell, (value, gone) in newest.items() if not gone}


class Polling(Follower):
    async def batches(self) -> AsyncIterator[dict[str, Any]]:
        async with httpx.AsyncClient(headers=self.headers, timeout=20) as client:
            body = {"query": QUERY, "variables": {"after": self.cursor}}
            answer = await client.post(f"{self.serving.url}/graphql", json=body)
            yield batch_of(_read(answer.text))


class Listening(Follower):
    """By server-sent events."""

    async def batches(self) -> AsyncIterator[dict[str, Any]]:
        headers = self.headers | {"Accept": "text/event-stream"}
        body = {"query": SUBSCRIPTION, "variables": {"after": self.cursor}}
        async with (
            httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(20, read=None)) as client,
            client.stream("POST", f"{self.serving.url}/graphql", json=body) as response,
        ):
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield batch_of(_read(line.removeprefix("data: ")))
                elif line.startswith("{"):
                    batch_of(_read(line))


class Connected(Follower):
    """By a WebSocket."""

    async def batches(self) -> AsyncIterator[dict[str, Any]]:
        url = f"{self.serving.url.replace('http', 'ws', 1)}/graphql"
        body = {"query": SUBSCRIPTION, "variables": {"after": self.cursor}}
        async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": self.headers}))
            async for text in socket:
                match json.loads(text):
                    case {"type": "connection_ack"}:
                        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": body}))
                    case {"type": "next", "payload": answer}:
                        yield batch_of(answer)
                    case {"type": "error", "payload": errors}:
                        batch_of({"errors": errors})


def _read(text: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise EOFError from error
    return answer


def batch_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The batch of an answer.

    Raises:
        OSError: the database is away.
        Refused: anything else is wrong.
    """
    errors = answer.get("errors")
    if not errors:
        batch: dict[str, Any] = answer["data"]["changes"]
        return batch
    if {error["extensions"]["code"] for error in errors} <= PASSING:
        raise OSError(errors)
    raise Refused(errors)
