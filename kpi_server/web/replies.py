"""What goes back over HTTP: a status, headers and a body, without the layers of a framework around them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from starlette.types import Scope, Send

from kpi_server.api.errors import Code, error_entry
from kpi_server.web.headers import own_headers
from kpi_server.web.negotiation import JSON

WITHOUT_BODY = frozenset({204, 304})
AT_ONCE: Final = "kpi_server.at_once"
"""The place in a request's state of what writes a whole answer at once, where the server can; it says whether it did.

A head of its own would be a packet of its own, for which the client wakes up only to wait for the body.
"""


@dataclass(slots=True)
class Reply:
    """An answer: its headers by name."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    async def send(self, scope: Scope, send: Send) -> None:
        """Send it, with what every answer carries."""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        if self.status not in WITHOUT_BODY:
            headers.append((b"content-length", str(len(self.body)).encode("ascii")))
        headers += own_headers(scope["request_id"])
        at_once = scope.get("state", {}).get(AT_ONCE)
        if at_once is not None and "Connection" not in self.headers and at_once(scope, self.status, headers, self.body):
            return
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def last_answer(status: int, reason: str, message: str) -> bytes:
    """A refusal as bytes on a connection that is closed after it: for what never became a request."""
    body = orjson.dumps({"errors": [error_entry(Code.BAD_REQUEST, message)]})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: {JSON}; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
