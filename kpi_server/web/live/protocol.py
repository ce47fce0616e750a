"""WebSockets on a connection, within bounds that uvicorn leaves open: how long a client is waited for, and how much
whoever has not said who it is may send.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from kpi_server.web.replies import last_answer

DRAIN: Final = "drain"
"""Where the state that the lifespan made holds what lets everybody go; called when the server is asked to stop."""

ADMIT: Final = "kpi.admit"
"""Where a connection's state holds what lets its client send messages of full length, when it is known who it is."""

AT_ONCE: Final = "kpi.at_once"
"""Where a connection's state holds what sends a message that need not wait for the client."""

LARGEST_GREETING: Final = 16_384  # bytes: room for any token
GONE_WITHIN_S: Final = 10.0


def text_frame(*parts: bytes) -> bytes:
    """A whole text message as a server's frame: five times as fast as any frame is made in general.

    >>> text_frame(b"a", b"bc").hex()
    '8103616263'
    """
    length = sum(map(len, parts))
    if length < 126:
        head = b"\x81%c" % length
    elif length < 1 << 16:
        head = b"\x81\x7e" + length.to_bytes(2, "big")
    else:
        head = b"\x81\x7f" + length.to_bytes(8, "big")
    return b"".join((head, *parts))


class SocketProtocol(WebSocketsSansIOProtocol):
    """Closes what does not read, gives up on what does not answer, and leaves it to the application how to stop."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._giving_up: asyncio.TimerHandle | None = None
        self.conn.max_message_size = min(LARGEST_GREETING, self.config.ws_max_size)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            self.scope["state"][ADMIT] = self._admit
            self.scope["state"][AT_ONCE] = self.send_at_once

    async def send(self, message: Any) -> None:
        """Send a message, when the client has read enough of those before; closing waits for nothing."""
        if message["type"] == "websocket.close":
            self.writable.set()
            await super().send(message)
            self._give_up_later()
            return
        while not self.writable.is_set():
            await self.writable.wait()
        if self.close_sent or self.disconnected:
            raise ClientDisconnected
        if message["type"] == "websocket.send" and self.conn.state is State.OPEN:
            self.transport.write(text_frame(message["text"].encode()))
        else:
            await super().send(message)

    def send_at_once(self, *parts: bytes) -> bool:
        """Send a text message if the client has read enough of those before; False where it has to be waited for."""
        if not self.writable.is_set() or self.transport.is_closing() or self.conn.state is not State.OPEN:
            return False
        self.transport.write(text_frame(*parts))
        return True

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # It could not be read, which uvicorn does not look for.
            self.close_sent = True
            self.transport.write(last_answer(400, "Bad Request", "This is no handshake of a WebSocket."))
            self.transport.close()
        if self.transport.is_closing():
            self._give_up_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        """Drop a client that answers no ping; a code would tell one that was only away not to come back."""
        self.stop_keepalive()
        self.transport.abort()

    def shutdown(self) -> None:
        """Let the application close it when what was begun is answered."""
        drain = self.app_state.get(DRAIN)
        if drain is None or not self.handshake_complete:
            super().shutdown()
        else:
            drain()

    def _admit(self) -> None:
        self.conn.max_message_size = self.config.ws_max_size

    def _give_up_later(self) -> None:
        """End it even if the client never reads what is left, or never confirms that it is closed."""
        if self._giving_up is None:
            self._giving_up = self.loop.call_later(GONE_WITHIN_S, self.transport.abort)
