"""Subscribers in a process of their own: WebSockets that follow one subscription, and how old what they get is.

Reads one `Following` as JSON from stdin's first line, prints `ready` when everybody follows, and an `Arrived` as JSON
when all that is expected has arrived, or some seconds after a second line on stdin says that nothing more comes.
"""

import asyncio
import base64
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
import uvloop

from benchmarks.load import percentile

AT_ONCE: Final = 200
"""Connections that are opened together."""
LATE_S: Final = 10.0
"""How long what is still under way is waited for."""
_UPGRADE: Final = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


@dataclass(frozen=True)
class Following:
    """Who follows what, where, and how many events all of them together are to be told."""

    port: int
    path: str
    token: str | None
    document: str
    variables: dict[str, Any]
    subscribers: int
    expected: int


@dataclass(frozen=True)
class Arrived:
    """What came: events over all subscribers, and in milliseconds how long after they were recorded."""

    events: int
    lost: int
    """Connections that ended by themselves."""
    seconds: float
    """From when everybody began to follow to the last event."""
    p50_ms: float
    p99_ms: float


@dataclass
class _Tally:
    following: Following
    waiting: int
    ready: "asyncio.Future[None]"
    complete: "asyncio.Future[None]"
    events: int = 0
    lost: int = 0
    began: float = field(default_factory=time.perf_counter)
    last: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    read: dict[bytes, tuple[float, ...]] = field(default_factory=dict)
    """When the events of a message were recorded: everybody gets the same messages."""

    def begins(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self.ready.set_result(None)

    def came(self, message: bytes) -> None:
        recorded = self.read.get(message)
        if recorded is None:
            recorded = self.read[message] = recorded_in(message)
        self.events += len(recorded)
        self.last = time.perf_counter()
        now = time.time()
        self.latencies_s.extend(now - moment for moment in recorded)
        if self.events >= self.following.expected and not self.complete.done():
            self.complete.set_result(None)


def recorded_in(message: bytes) -> tuple[float, ...]:
    """When the events of a message were recorded, in seconds since 1970.

    >>> recorded_in(b'{"payload":{"data":{"changes":{"events":[{"recordedAt":"1970-01-01T00:00:02.5Z"}]}}}}')
    (2.5,)
    """
    changes = orjson.loads(message)["payload"]["data"]["changes"]
    return tuple(datetime.fromisoformat(event["recordedAt"]).timestamp() for event in changes["events"])


class _Subscriber(asyncio.Protocol):
    """One connection with one subscription; it reads frames that are whole messages."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally
        self._buffer = bytearray()
        self._is_open = False
        self._follows = False
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        following, key = self._tally.following, base64.b64encode(os.urandom(16)).decode()
        self._transport.write(_UPGRADE.format(path=following.path, port=following.port, key=key).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            self._open()
        while self._is_open and (frame := _frame(self._buffer)) is not None:
            opcode, start, end = frame
            payload = bytes(self._buffer[start:end])
            del self._buffer[:end]
            self._take(opcode, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._tally.lost += 1
        if not self._follows:
            self._begin()

    def _open(self) -> None:
        head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
        if not found:
            return
        if b" 101 " not in head.split(b"\r\n")[0]:
            self._transport.abort()
            return
        self._buffer, self._is_open = bytearray(rest), True
        token = self._tally.following.token
        self._say({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"} if token else {}})

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            self._transport.write(_masked(10, payload))
        elif opcode == 1 and b'"connection_ack"' in payload[:60]:
            following = self._tally.following
            asked = {"query": following.document, "variables": following.variables}
            self._say({"id": "1", "type": "subscribe", "payload": asked})
        elif opcode == 1 and b'"next"' in payload[:60] + payload[-60:]:
            if not self._follows:
                self._begin()
            self._tally.came(payload)
        elif opcode == 1 and b'"error"' in payload[:60] + payload[-60:]:
            raise RuntimeError(payload.decode())

    def _begin(self) -> None:
        self._follows = True
        self._tally.begins()

    def _say(self, message: dict[str, Any]) -> None:
        self._transport.write(_masked(1, orjson.dumps(message)))


def _frame(buffer: bytearray) -> tuple[int, int, int] | None:
    """The kind of the first frame and where its payload begins and ends; None while it is not whole."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 127, 2
    if size > 125:
        start = 4 if size == 126 else 10
        if len(buffer) < start:
            return None
        size = int.from_bytes(buffer[2:start])
    return (buffer[0] & 15, start, start + size) if len(buffer) >= start + size else None


def _masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame; with a mask of zeros the payload is as it was.

    >>> _masked(1, b"abc").hex()
    '818300000000616263'
    """
    size = len(payload)
    length = bytes([128 | size]) if size < 126 else bytes([128 | 126]) + size.to_bytes(2)
    return bytes([128 | opcode]) + length + bytes(4) + payload


async def follow(following: Following) -> Arrived:
    """Connect everybody, say so, and count what arrives."""
    loop = asyncio.get_running_loop()
    tally = _Tally(following, following.subscribers, loop.create_future(), loop.create_future())
    transports = []
    for first in range(0, following.subscribers, AT_ONCE):
        wanted = range(first, min(first + AT_ONCE, following.subscribers))
        opening = [loop.create_connection(lambda: _Subscriber(tally), "127.0.0.1", following.port) for _ in wanted]
        transports += [transport for transport, _ in await asyncio.gather(*opening)]
    await tally.ready
    print("ready", flush=True)  # noqa: T201 - whoever started this process waits for it
    stopping = asyncio.create_task(_told_to_stop())
    await asyncio.wait([tally.complete, stopping], return_when=asyncio.FIRST_COMPLETED)
    lost = tally.lost
    for transport in transports:
        transport.abort()
    ascending = sorted(tally.latencies_s)
    return Arrived(
        events=tally.events,
        lost=lost,
        seconds=max(tally.last - tally.began, 0.0),
        p50_ms=percentile(ascending, 0.50) * 1000,
        p99_ms=percentile(ascending, 0.99) * 1000,
    )


async def _told_to_stop() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.readline()
    await asyncio.sleep(LATE_S)


def main() -> None:
    """Follow, and print what came of it."""
    following = Following(**orjson.loads(os.read(0, 1 << 20)))
    print(orjson.dumps(asdict(uvloop.run(follow(following)))).decode(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
