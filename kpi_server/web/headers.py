"""What every answer carries: the request's id, and the wish that browsers do not guess content types."""

import re
import secrets

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
        request_id = _request_id(scope)
        scope["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(_REQUEST_ID, request_id.encode("ascii")), _NOSNIFF]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _REQUEST_ID and _GOOD_ID.fullmatch(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(8)
