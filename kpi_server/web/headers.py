"""What every answer carries: the request's id, and the wish that browsers do not guess content types."""

import random
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-Id"
_REQUEST_ID = REQUEST_ID.lower().encode()
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_GOOD_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class EveryAnswer:
    """ASGI middleware; `request_id` in the scope is the caller's own where it is a sane one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own = own_headers(identified(scope))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def identified(scope: Scope) -> str:
    """The request's id, which its scope holds from now on."""
    request_id = scope["request_id"] = _request_id(scope)
    return request_id


def own_headers(request_id: str) -> list[tuple[bytes, bytes]]:
    """What the answer to this request carries."""
    return [(_REQUEST_ID, request_id.encode("ascii")), _NOSNIFF]


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _REQUEST_ID and _GOOD_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return f"{random.getrandbits(64):016x}"
