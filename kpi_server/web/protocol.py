"""HTTP on a connection, within bounds that uvicorn leaves open: how large and how slow a request's head may be."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, ClassVar, Final

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from kpi_server.web.live.events import ABORT
from kpi_server.web.live.protocol import DRAIN
from kpi_server.web.replies import AT_ONCE, last_answer
from kpi_server.web.requests import WHOLE

LARGEST_HEAD: Final = 64 * 1024
_REASONS: Final[Mapping[int, str]] = MappingProxyType(
    {400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large"}
)
TOO_LARGE: Final = (431, f"The request line and headers exceed {LARGEST_HEAD} bytes.")


class HeadTooLarge(Exception):
    """The request line and headers exceed what is read; raised to stop the parser."""


class BoundedProtocol(HttpToolsProtocol):
    """Ends connections whose heads are too large or too slow, or whose bodies go on after the answer.

    What cannot be understood as HTTP is answered as everything else is: with a GraphQL error.
    """

    patience_s: ClassVar[float] = 10.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._refusal = (400, "This is no HTTP request.")
        self._in_head = True
        self._head_began = False
        self._late_bytes = 0
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        went_on = self._head_began
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        if self._due is None:
            self._wait()
        self._late_bytes += len(data) if went_on and self._head_began else 0
        if self._late_bytes > LARGEST_HEAD:
            self._refuse(*TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"].update({ABORT: self.transport.abort, AT_ONCE: self._answer})
        self._in_head = self._head_began = True
        self._late_bytes = 0
        self._stop_waiting()  # a head has its own time, from when it is known that it did not come whole

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self._in_head = self._head_began = False
        if len(self.url) + sum(map(len, chain.from_iterable(self.headers))) > LARGEST_HEAD:
            self._refusal = TOO_LARGE
            raise HeadTooLarge
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.scope is self.scope:  # an upgrade has none, or that of the request before
            self.scope["state"][WHOLE] = cycle.body
        self._in_head = True

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over: what comes now is no head, and is waited for elsewhere."""
        self._stop_waiting()
        self._in_head = False
        super().handle_websocket_upgrade()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head and not self.transport.is_closing():
            self._wait()

    def shutdown(self) -> None:
        """Finish what is being answered; what streams without end is told to."""
        super().shutdown()
        if (drain := self.app_state.get(DRAIN)) is not None:
            drain()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser, or the check of a head, refused; its own words are not for callers."""
        del msg
        self._refuse(*self._refusal)

    def _answer(self, scope: Scope, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Write a whole answer; False where more is to be seen to: a client that is slow, or the connection's end.

        The request is found by its scope, which must not lead to it: all of it would wait for the garbage collector.
        """
        cycle = self.cycle
        is_waiting = self.flow.write_paused or cycle.waiting_for_100_continue
        is_last = cycle.scope is scope and cycle.keep_alive and not cycle.disconnected  # no other came behind it
        if is_waiting or not is_last or scope["method"] == "HEAD":
            return False
        lines = [b"%b: %b\r\n" % header for header in (*cycle.default_headers, *headers)]
        self.transport.write(b"".join([STATUS_LINE[status], *lines, b"\r\n", body]))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True

    def _wait(self) -> None:
        """Wait anew, with the timer that runs already where there is one: requests come faster than it ends."""
        self._due = self.loop.time() + self.patience_s
        if self._timer is None:
            self._timer = self.loop.call_at(self._due, self._look)

    def _stop_waiting(self) -> None:
        self._due = None

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._due > self.loop.time():
            self._timer = self.loop.call_at(self._due, self._look)
        else:
            self._give_up()

    def _give_up(self) -> None:
        """End a connection on which nothing is being answered."""
        self._due = None
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            return
        if self._head_began:
            self._refuse(408, f"The request line and headers did not arrive within {self.patience_s:g} seconds.")
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(last_answer(status, _REASONS[status], message))
        self.transport.close()
