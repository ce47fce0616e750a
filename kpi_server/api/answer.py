"""What becomes of a request, whoever brought it: the answer, and how far it got."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson

from kpi_server.api.execution.leaves import as_json


class Outcome(StrEnum):
    """How far a request got; the web turns it into a status."""

    EXECUTED = "EXECUTED"
    NOT_MODIFIED = "NOT_MODIFIED"
    REQUEST_ERROR = "REQUEST_ERROR"
    QUERIES_ONLY = "QUERIES_ONLY"
    STREAMS_ONLY = "STREAMS_ONLY"
    TIMEOUT = "TIMEOUT"
    UNAVAILABLE = "UNAVAILABLE"
    FAILED = "FAILED"


@dataclass(slots=True)
class Answer:
    """A GraphQL response: without `data` unless the operation ran; `tag` changes whenever the answer may."""

    payload: dict[str, Any]
    outcome: Outcome
    kept: bytes | None = None
    tag: str | None = None

    @property
    def body(self) -> bytes:
        """The response on the wire."""
        return orjson.dumps(self.payload, default=as_json) if self.kept is None else self.kept


@dataclass(frozen=True)
class Caching:
    """What a client says of the answer that it has: it wants a tag, and knows these."""

    known_tags: frozenset[str] = frozenset()

    @property
    def knows_any(self) -> bool:
        """Whether the client has an answer already and wants none, whichever it is."""
        return ANY_TAG in self.known_tags


ANY_TAG: Final = "*"
