"""The outer edge of the endpoints: what ends a request early is an answer, and nothing unexpected leaves unmasked."""

from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Protocol

import orjson
from starlette.types import Receive, Scope, Send

from kpi_server.api.errors import Code, error_entry, masked
from kpi_server.web.headers import identified
from kpi_server.web.negotiation import JSON
from kpi_server.web.replies import Reply
from kpi_server.web.requests import Gone, Incoming, Refused

ANSWER_HEADERS: Final = MappingProxyType({"Cache-Control": "private, no-store", "Vary": "Accept, Authorization"})
_MASKED: Final = MappingProxyType({str(Code.TIMEOUT): 504, str(Code.UNAVAILABLE): 503})


class Sendable(Protocol):
    """An answer, at once or as it comes."""

    async def send(self, scope: Scope, send: Send) -> None:
        """Send it, with what every answer carries."""


def always_json(_request: Incoming) -> str:
    """JSON, whatever the client likes best."""
    return JSON


async def respond(
    scope: Scope,
    receive: Receive,
    send: Send,
    answer: Callable[[Incoming], Awaitable[Sendable]],
    *,
    media_of_errors: Callable[[Incoming], str] = always_json,
) -> None:
    """Send what is answered to a request; a client that went away gets an answer that nobody reads."""
    request_id, request = identified(scope), Incoming(scope, receive)
    reply: Sendable
    try:
        reply = await answer(request)
    except Refused as refused:
        reply = refusal(refused, media_of_errors(request))
    except Gone:
        reply = Reply(400, {})
    except Exception as error:  # the API's edge: nothing unexpected leaves it unmasked
        entry = masked(error, request_id=request_id)
        status = _MASKED.get(entry["extensions"]["code"], 500)
        reply = encoded({"errors": [entry]}, status, media_of_errors(request))
    await reply.send(scope, send)


def refusal(refused: Refused, media: str = JSON) -> Reply:
    """The answer to a request that gets no further."""
    payload = {"errors": [error_entry(refused.code, refused.message)]}
    return encoded(payload, refused.status, media, refused.headers)


def encoded(payload: Mapping[str, Any], status: int, media: str, headers: Mapping[str, str] | None = None) -> Reply:
    """A response of JSON on the wire."""
    return on_the_wire(orjson.dumps(payload), status, media, headers)


def on_the_wire(body: bytes, status: int, media: str, headers: Mapping[str, str] | None = None) -> Reply:
    """A response that is encoded already."""
    own = _headers(media)
    return Reply(status, {**own, **headers} if headers else own, body)


@lru_cache(maxsize=8)
def _headers(media: str) -> Mapping[str, str]:
    return MappingProxyType({**ANSWER_HEADERS, "Content-Type": f"{media}; charset=utf-8"})
