"""The token of somebody who connects: in the first message, since browsers can send no headers, or in the request."""

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_server.web.authentication import bearer
from kpi_server.web.live.messages import Violation

MISSING = 'Send a token as the payload of connection_init: {"Authorization": "Bearer kpi_…"}.'


def token_of(authorization: Sequence[str], payload: Mapping[str, Any]) -> str:
    """The one token in a request's headers `authorization` and the payload of `connection_init`.

    Clients write the payload's key in either case, and some put it under `headers`.

    Raises:
        Violation: there is none, or there are two.

    >>> token_of([], {"headers": {"authorization": "bearer kpi_x"}})
    'kpi_x'
    """
    inner = payload.get("headers")
    sent = [*authorization, *_named(payload), *(_named(inner) if isinstance(inner, dict) else ())]
    tokens = {_token(value) for value in sent}
    if not tokens:
        raise Violation(4403, MISSING)
    if len(tokens) > 1:
        # A proxy may have checked the one and the server would use the other.
        raise Violation(4403, "Two tokens are given: send one.")
    return tokens.pop()


def _named(payload: Mapping[str, Any]) -> list[Any]:
    return [value for name, value in payload.items() if name.lower() == "authorization"]


def _token(value: Any) -> str:
    token = bearer(value) if isinstance(value, str) else ""
    if not token:
        raise Violation(4403, MISSING)
    return token
