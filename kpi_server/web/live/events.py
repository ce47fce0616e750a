"""GraphQL over server-sent events, each operation on a connection of its own (graphql-sse, distinct connections)."""

import asyncio
from collections.abc import Callable, Coroutine
from types import MappingProxyType
from typing import Any, Final

import orjson
from starlette.types import Scope, Send

from kpi_server.api.errors import Code, code_of, masked
from kpi_server.api.live.streams import Stream
from kpi_server.errors import Unauthenticated
from kpi_server.settings import Settings
from kpi_server.web.headers import own_headers
from kpi_server.web.live.connections import OLD, STALLED, STOPPING, Connections, Ending
from kpi_server.web.live.sending import Sending
from kpi_server.web.requests import Incoming

EVENT_STREAM: Final = "text/event-stream"
EVENT_HEADERS: Final = MappingProxyType(
    {
        "Content-Type": f"{EVENT_STREAM}; charset=utf-8",
        "Cache-Control": "private, no-store",
        "Vary": "Accept, Authorization",
        "X-Accel-Buffering": "no",  # nginx would keep events until it has enough of them
    }
)
ABORT: Final = "kpi_server.abort"
"""The place in a scope's state of that by which a response ends that its client does not read."""

# Lines end in LF: urql splits at two of them. The empty `data` makes browsers dispatch the event.
COMPLETE: Final = b"event: complete\ndata:\n\n"
# Says nothing; proxies and clients see that the connection lives.
COMMENT: Final = b":\n\n"


def next_event(body: bytes) -> bytes:
    """A GraphQL response as an event; JSON as it is written here has no line breaks."""
    return b"event: next\ndata: %b\n\n" % body


class EventStream:
    """The answers of a subscription as the body of one response, until they or the client end.

    Without `complete` at the end it broke off, and clients ask again.
    """

    def __init__(self, stream: Stream, connections: Connections, settings: Settings, request: Incoming) -> None:
        self._stream = stream
        self._connections = connections
        self._settings = settings
        self._receive = request.receive
        self._request_id = request.scope["request_id"]
        self._abort: Callable[[], None] | None = request.scope["state"].get(ABORT)
        self._since = self._spoke = connections.clock()
        self._sending: Sending | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, scope: Scope, send: Send) -> None:
        """Send all of it, as a reply is sent."""
        self._sending = sending = Sending(send, self._connections.clock)
        try:
            await sending.say({"type": "http.response.start", "status": 200, "headers": _headers(scope["request_id"])})
            self._begin(self._follow(sending))
            while (await self._receive())["type"] != "http.disconnect":
                pass
        finally:
            self._connections.leave(self)
            sending.is_over = True
            await self._stop()

    def look(self, now: float) -> None:
        """Break off what nobody reads or what is too old; else give a sign of life where there was none for long."""
        if self._sending is None:
            return
        if self._sending.has_waited(now) > self._settings.send_timeout_s:
            self.end(STALLED)
        elif now - self._since > self._settings.connection_life_s:
            self.end(OLD)
        elif now - self._spoke > self._settings.ping_interval_s:
            self._spoke = now
            self._begin(self._sending.say(_part(COMMENT)))

    def drain(self) -> None:
        """Break off: what comes next is for another server."""
        self.end(STOPPING)

    def end(self, _ending: Ending) -> None:
        """Break off; whoever waits for the client to go hears of it as if it had gone."""
        sending = self._sending
        if sending is None or sending.is_over:
            return
        self._cancel()
        if sending.is_waiting and self._abort is not None:  # last words would wait as well
            sending.is_over = True
            self._abort()
        else:
            self._begin(sending.say_last(_part(b"", more=False)))

    async def _follow(self, sending: Sending) -> None:
        try:
            await sending.say(_part(COMMENT))
            async for body in self._stream:
                await sending.say(_part(next_event(body)))
                self._spoke = self._connections.clock()
            await sending.say_last(_part(COMPLETE, more=False))
        except Exception as failure:  # the API's edge: nothing unexpected leaves it unmasked
            await sending.say_last(_part(self._last_words(failure), more=False))

    def _last_words(self, failure: Exception) -> bytes:
        if isinstance(failure, Unauthenticated) or code_of(failure) is Code.UNAVAILABLE:
            return b""  # it broke off: asking again says why, or succeeds
        return next_event(orjson.dumps({"errors": [masked(failure, request_id=self._request_id)]})) + COMPLETE

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _stop(self) -> None:
        self._cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._stream.aclose()


def _headers(request_id: str) -> list[tuple[bytes, bytes]]:
    headers = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in EVENT_HEADERS.items()]
    return headers + own_headers(request_id)


def _part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}
