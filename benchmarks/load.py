"""The load: connections that each ask, wait for the whole answer and ask again; a process of its own.

Reads one `Load` as JSON from stdin and prints one `Outcome` as JSON.
"""

import asyncio
import base64
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import httptools
import orjson
import uvloop

from benchmarks.recording import numbered

PATIENCE_S: Final = 30.0


@dataclass(frozen=True)
class Load:
    """What to send where, over how many connections, for how long; `expected` is the length of a right answer."""

    port: int
    request: str
    """The request's bytes in base64."""
    connections: int
    seconds: float
    expected: int
    number: int | None = None
    """Of the first call, where each one has a number of its own."""


@dataclass(frozen=True)
class Outcome:
    """What came back; `wrong` answers had another status or length, or never came.

    `answers` came within the time. `finished` counts those too that were under way when it ended: the server's work
    for them is done before this process ends, so nobody measured next pays for it.
    """

    answers: int
    finished: int
    wrong: int
    seconds: float
    p50_ms: float
    p99_ms: float


@dataclass
class _Tally:
    ends: float
    expected: int
    latencies_s: list[float] = field(default_factory=list)
    answers: int = 0
    wrong: int = 0
    number: int | None = None

    def next(self, request: bytes) -> bytes:
        """The request of the next call."""
        if self.number is None:
            return request
        self.number += 1
        return numbered(request, self.number)


class _Client(asyncio.Protocol):
    """One connection; its `ended` is done when the time is over or the connection is lost."""

    def __init__(self, request: bytes, tally: _Tally, ended: "asyncio.Future[None]") -> None:
        self._request = request
        self._tally = tally
        self._ended = ended
        self._length = 0
        self._sent = 0.0
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self._ended.done():
            self._tally.wrong += 1
            self._ended.set_result(None)

    def on_body(self, body: bytes) -> None:
        self._length += len(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self._tally.latencies_s.append(now - self._sent)
        if self._parser.get_status_code() != 200 or self._length != self._tally.expected:
            self._tally.wrong += 1
        if now < self._tally.ends:
            self._tally.answers += 1
            self._ask()
        elif not self._ended.done():
            self._ended.set_result(None)

    def _ask(self) -> None:
        self._length = 0
        self._sent = time.perf_counter()
        self._transport.write(self._tally.next(self._request))


async def send(load: Load) -> Outcome:
    """Put the load on the server and count."""
    loop = asyncio.get_running_loop()
    request = base64.b64decode(load.request)
    began = time.perf_counter()
    tally = _Tally(began + load.seconds, load.expected, number=load.number)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(load.connections)]
    transports = []
    for ended in ends:
        client = _Client(request, tally, ended)
        transport, _ = await loop.create_connection(lambda client=client: client, "127.0.0.1", load.port)  # type: ignore[misc]
        transports.append(transport)
    _, pending = await asyncio.wait(ends, timeout=load.seconds + PATIENCE_S)
    for ended in pending:
        ended.set_result(None)
    for transport in transports:
        transport.close()
    latencies = sorted(tally.latencies_s)
    return Outcome(
        answers=tally.answers,
        finished=len(latencies),
        wrong=tally.wrong + len(pending),
        seconds=load.seconds,
        p50_ms=percentile(latencies, 0.50) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
    )


def percentile(ascending: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted values; zero where there are none.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5), percentile([1.0, 2.0, 3.0, 4.0], 0.99), percentile([], 0.5)
    (2.0, 4.0, 0.0)
    """
    if not ascending:
        return 0.0
    rank = -(-int(share * 1000) * len(ascending) // 1000)
    return ascending[max(rank, 1) - 1]


def main() -> None:
    """Read the load, put it on, and print what came of it."""
    load = Load(**orjson.loads(sys.stdin.buffer.read()))
    outcome = uvloop.run(send(load))
    sys.stdout.buffer.write(orjson.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
