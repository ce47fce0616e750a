"""The messages of graphql-transport-ws: what a client may send, and what goes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

from kpi_server.web.requests import Parameters, Refused, json_value, parameters_of

SUBPROTOCOL: Final = "graphql-transport-ws"
LONGEST_ID: Final = 256
ACK: Final = '{"type":"connection_ack"}'


class Violation(Exception):
    """A client broke the protocol: its connection is closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class Init:
    """Who connects; comes first, and once."""

    payload: Mapping[str, Any]


@dataclass(slots=True)
class Ping:
    """To be answered, with the same payload."""

    payload: Mapping[str, Any]


@dataclass(slots=True)
class Pong:
    """A sign of life."""


@dataclass(slots=True)
class Subscribe:
    """An operation of any kind, and the id under which its answers are sent."""

    id: str
    parameters: Parameters


@dataclass(slots=True)
class Complete:
    """No more answers under this id."""

    id: str


Message: TypeAlias = Init | Ping | Pong | Subscribe | Complete


def message_of(text: str) -> Message:
    """The message that a client sent.

    Raises:
        Violation: 4400, it is none.
    """
    try:
        sent = json_value(text.encode(), "The message")
        match sent:
            case {"type": "connection_init"}:
                return Init(_payload(sent))
            case {"type": "ping"}:
                return Ping(_payload(sent))
            case {"type": "pong"}:
                _payload(sent)
                return Pong()
            case {"type": "subscribe"}:
                return Subscribe(_id(sent), parameters_of(sent.get("payload")))
            case {"type": "complete"}:
                return Complete(_id(sent))
    except Refused as refused:
        raise Violation(4400, refused.message) from refused
    raise Violation(4400, "A message is an object whose `type` is one that the protocol lets a client send.")


def pong(payload: Mapping[str, Any]) -> str:
    """The answer to a ping."""
    return orjson.dumps({"type": "pong", "payload": payload} if payload else {"type": "pong"}).decode()


def next_around(id_: str) -> tuple[bytes, bytes]:
    """What goes before and after a GraphQL response under this id."""
    return b'{"id":%b,"type":"next","payload":' % orjson.dumps(id_), b"}"


def error(id_: str, errors: Sequence[Mapping[str, Any]]) -> str:
    """The end of an operation that never ran."""
    return orjson.dumps({"id": id_, "type": "error", "payload": errors}).decode()


def complete(id_: str) -> str:
    """The end of an operation that ran."""
    return orjson.dumps({"id": id_, "type": "complete"}).decode()


def _payload(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = sent.get("payload")
    if not isinstance(payload, dict | None):
        raise Violation(4400, "`payload` is an object where there is one.")
    return payload or {}


def _id(sent: Mapping[str, Any]) -> str:
    id_ = sent.get("id")
    if not isinstance(id_, str) or not 1 <= len(id_) <= LONGEST_ID:
        raise Violation(4400, f"`id` is a string of 1 to {LONGEST_ID} characters.")
    return id_
