"""From an HTTP request to GraphQL parameters; whatever is wrong is refused with a status and a coded error."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope

from kpi_server.api.errors import Code
from kpi_server.api.trusted.sources import PREFIX
from kpi_server.web.negotiation import JSON, media_type

DOCUMENT_ID = re.compile(r"sha256:[0-9a-f]{64}")
MOST_PARAMETERS = 20
DEEPEST_JSON = 64
_UTF_8: Final = frozenset({"utf-8", "utf8"})
WHOLE = "kpi_server.whole"
"""In a request's state its body, once all of it has come."""


class Refused(Exception):
    """A request that gets no further; `headers` go with the answer."""

    def __init__(self, status: int, code: Code, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class Gone(Exception):
    """Whoever sent the request has gone away: nobody reads the answer."""


@dataclass(slots=True)
class Incoming:
    """A request over HTTP, as ASGI hands it over."""

    scope: Scope
    receive: Receive

    @property
    def method(self) -> str:
        method: str = self.scope["method"]
        return method

    @property
    def whole_body(self) -> bytearray | None:
        """The body if all of it has come, so that nothing is waited for; None where nobody says so."""
        body: bytearray | None = self.scope.get("state", {}).get(WHOLE)
        return body

    @property
    def address(self) -> str:
        """Where it comes from; empty where that is not known."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""

    def header(self, wanted: bytes) -> str | None:
        """A header by its name in lower case, the first of several."""
        for name, value in self.scope["headers"]:
            if name == wanted:
                return str(value.decode("latin-1"))
        return None

    def every(self, wanted: bytes) -> list[str]:
        """All headers of a name."""
        return [value.decode("latin-1") for name, value in self.scope["headers"] if name == wanted]


@dataclass(frozen=True)
class Named:
    """The trusted document that a request names by a hash; `is_persisted_query` when it does so as Apollo's link."""

    hash: str
    is_persisted_query: bool = False


@dataclass(slots=True)
class Parameters:
    """What GraphQL over HTTP sends; `query` is None only where a document is named."""

    query: str | None
    variables: Mapping[str, Any]
    operation_name: str | None
    named: Named | None = None


async def posted(request: Incoming, *, max_bytes: int, timeout_s: float) -> Parameters:
    """The parameters of a POST.

    Raises:
        Refused: not JSON by its header or its content, too large, too slow, or not the parameters of GraphQL.
    """
    _check_content_type(request)
    body = request.whole_body
    if body is None:
        body = await _received(request, max_bytes, timeout_s)
    elif len(body) > max_bytes:
        raise _too_large(max_bytes)
    return parameters_of(json_value(body, "The body"))


def queried(request: Incoming) -> Parameters:
    """The parameters of a GET; empty `variables` and `extensions` are absent.

    Raises:
        Refused: not the parameters of GraphQL.
    """
    try:
        text = request.scope["query_string"].decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:
        raise _bad("The query string cannot be read: it must be percent-encoded UTF-8.") from error
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _bad(f"The parameter {name[:40]!r} is given twice.")
        found[name] = value
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = json_value(found[name].encode(), f"The parameter {name!r}") if found[name].strip() else None
    if not found.get("operationName"):
        found.pop("operationName", None)
    return parameters_of(found)


def _check_content_type(request: Incoming) -> None:
    if (request.header(b"content-encoding") or "identity").strip().lower() != "identity":
        message = "A compressed body is not accepted: send it as it is."
        raise Refused(415, Code.UNSUPPORTED_MEDIA_TYPE, message, {"Accept-Encoding": "identity"})
    if not _is_json(request.header(b"content-type") or ""):
        message = "Send the request as `Content-Type: application/json` in UTF-8."
        raise Refused(415, Code.UNSUPPORTED_MEDIA_TYPE, message, {"Accept-Post": JSON})


@lru_cache(maxsize=256)
def _is_json(content_type: str) -> bool:
    sent = media_type(content_type)
    return sent is not None and sent.name == JSON and sent.parameters.get("charset", "utf-8").lower() in _UTF_8


async def _received(request: Incoming, max_bytes: int, timeout_s: float) -> bytearray:
    """The body as it comes."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _body(request, max_bytes)
    except TimeoutError as error:
        message = f"The body did not arrive within {timeout_s:g} seconds."
        raise Refused(408, Code.BAD_REQUEST, message, {"Connection": "close"}) from error


async def _body(request: Incoming, max_bytes: int) -> bytearray:
    length = request.header(b"content-length") or ""
    if length.isdecimal() and int(length[:20]) > max_bytes:
        raise _too_large(max_bytes)
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return body


def _too_large(max_bytes: int) -> Refused:
    # The rest of the body is not read, so the connection cannot carry another request.
    message = f"The body is larger than {max_bytes} bytes."
    return Refused(413, Code.BODY_TOO_LARGE, message, {"Connection": "close"})


def json_value(text: bytes | bytearray, what: str) -> Any:
    """What the text says, which the messages call `what`.

    Raises:
        Refused: it is not JSON, or nested too deep.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _bad(f"{what} is not JSON: {error.msg}.") from error
    may_be_deep = text.count(b"[") + text.count(b"{") > DEEPEST_JSON
    if may_be_deep and _is_deeper(value, DEEPEST_JSON):
        raise _bad(f"{what} is JSON nested deeper than {DEEPEST_JSON} levels.")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether JSON nests deeper; level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(levels + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def parameters_of(sent: Any) -> Parameters:
    """The parameters in JSON that was sent.

    Raises:
        Refused: not the parameters of GraphQL.
    """
    if not isinstance(sent, dict):
        raise _bad("Send one JSON object with `query`, and `variables` and `operationName` where needed.")
    query, variables, name = sent.get("query"), sent.get("variables"), sent.get("operationName")
    if not isinstance(query, str | None):
        raise _bad("`query` must be a string: it holds the document.")
    if not isinstance(variables, dict | None):
        raise _bad("`variables` must be an object.")
    if not isinstance(sent.get("extensions"), dict | None):
        raise _bad("`extensions` must be an object.")
    if not isinstance(name, str | None):
        raise _bad("`operationName` must be a string.")
    named = _named(sent.get("documentId"), (sent.get("extensions") or {}).get("persistedQuery"))
    if named is None and (query is None or not query.strip()):
        raise _bad("`query` is missing: it holds the document, as a string. `documentId` may name one in its place.")
    return Parameters(query or None, variables or {}, name, named)


def _named(document_id: Any, persisted_query: Any) -> Named | None:
    """The document that is named, by the draft's parameter, by Apollo's extension, or by both alike."""
    by_id = None if document_id is None else Named(_hash_of_id(document_id))
    by_extension = None if persisted_query is None else Named(_hash_of_query(persisted_query), is_persisted_query=True)
    if by_id is not None and by_extension is not None and by_id.hash != by_extension.hash:
        raise _bad("`documentId` and `persistedQuery` name two documents: send one of them.")
    return by_id or by_extension


def _hash_of_id(document_id: Any) -> str:
    if not isinstance(document_id, str) or not DOCUMENT_ID.fullmatch(document_id):
        raise _bad("`documentId` must be `sha256:` and the 64 lower-case hexadecimal digits of the document's hash.")
    return document_id.removeprefix(PREFIX)


def _hash_of_query(persisted_query: Any) -> str:
    match persisted_query:
        case {"version": 1, "sha256Hash": str(sent)} if sent:
            return sent
    raise _bad("`extensions.persistedQuery` must be an object with `version` 1 and the string `sha256Hash`.")


def _bad(message: str) -> Refused:
    return Refused(400, Code.BAD_REQUEST, message)
