"""What goes back over HTTP: a status, headers and a body, without the layers of a framework around them."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Send

from kpi_server.web.headers import own_headers

WITHOUT_BODY = frozenset({204, 304})


@dataclass(slots=True)
class Reply:
    """An answer: its headers by name."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    async def send(self, send: Send, request_id: str) -> None:
        """Send it, with what every answer carries."""
        headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        if self.status not in WITHOUT_BODY:
            headers.append((b"content-length", str(len(self.body)).encode("ascii")))
        headers += own_headers(request_id)
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})
