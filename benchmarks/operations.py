"""What is asked: the operations, and the smallest HTTP request for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import orjson

from benchmarks.recording import call

ORGANIZATION: Final = "benchmark"
BOARD_KPIS: Final = 50
TINY_KEY: Final = "custom.measure_007"
SERIES_FROM: Final = "2024-01-02"
SERIES_TO: Final = "2024-12-31"
SERIES_DAYS: Final = 365

BOARD: Final = """query Board($organization: String!, $first: Int!) {
  organization(slug: $organization) {
    slug
    name
    kpis(first: $first, orderBy: [{ field: KEY }]) {
      nodes {
        key
        name
        current { text value period }
        previous { text value period }
        target { text value }
        owner { title }
        status
        colour
        attainment
      }
    }
  }
}"""

TINY: Final = """query Tiny($organization: String!, $key: String!) {
  organization(slug: $organization) { kpi(key: $key) { key name current { value } status } }
}"""


SERIES: Final = """query Series($organization: String!, $key: String!, $from: Period!, $to: Period!) {
  organization(slug: $organization) {
    kpi(key: $key) { key series(from: $from, to: $to, grain: DAY) { periods values } }
  }
}"""

MUTATION: Final = """mutation Record($input: RecordObservationsInput!) {
  recordObservations(input: $input) { recorded corrected unchanged }
}"""


@dataclass(frozen=True)
class Operation:
    """An operation of this server's schema; `path` is what hand-written routes call it, `body` what they are sent."""

    name: str
    document: str
    variables: MappingProxyType[str, Any]
    path: str
    fields: int
    """Fields in the answer, objects and lists counted once."""
    body: bytes | None = None
    writes: bool = False
    """Whether every call records other values than the one before."""


OPERATIONS: Final = (
    Operation(
        name="board",
        document=BOARD,
        variables=MappingProxyType({"organization": ORGANIZATION, "first": BOARD_KPIS}),
        path=f"board/{ORGANIZATION}?first={BOARD_KPIS}",
        fields=905,
    ),
    Operation(
        name="tiny",
        document=TINY,
        variables=MappingProxyType({"organization": ORGANIZATION, "key": TINY_KEY}),
        path=f"tiny/{ORGANIZATION}/{TINY_KEY}",
        fields=7,
    ),
    Operation(
        name="series",
        document=SERIES,
        variables=MappingProxyType(
            {"organization": ORGANIZATION, "key": TINY_KEY, "from": SERIES_FROM, "to": SERIES_TO}
        ),
        path=f"series/{ORGANIZATION}/{TINY_KEY}?from={SERIES_FROM}&to={SERIES_TO}",
        fields=6,
    ),
    Operation(
        name="mutation",
        document=MUTATION,
        variables=MappingProxyType({"input": call()}),
        path="observations",
        fields=4,
        body=orjson.dumps(call()),
        writes=True,
    ),
)


@dataclass(frozen=True)
class Request:
    """An HTTP request to a path of a server on this machine."""

    path: str
    body: bytes | None = None
    token: str | None = None

    def encoded(self, port: int) -> bytes:
        """The request as it goes over a connection that is kept open."""
        lines = [
            f"{'GET' if self.body is None else 'POST'} {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Accept: application/json",
        ]
        if self.token is not None:
            lines.append(f"Authorization: Bearer {self.token}")
        if self.body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + (self.body or b"")


def graphql_request(operation: Operation, *, token: str | None = None) -> Request:
    """The request that asks a GraphQL server of our schema."""
    return document_request(operation.document, operation.variables, token=token)


def document_request(document: str, variables: Mapping[str, Any], *, token: str | None = None) -> Request:
    """The request that asks a GraphQL server."""
    return Request("/graphql", orjson.dumps({"query": document, "variables": dict(variables)}), token)


def field_count(answer: Any) -> int:
    """The fields of an answer: every key of every object in it.

    >>> field_count({"organization": {"kpis": [{"key": "a"}, {"key": "b"}]}})
    4
    """
    if isinstance(answer, dict):
        return len(answer) + sum(field_count(value) for value in answer.values())
    return sum(field_count(value) for value in answer) if isinstance(answer, list) else 0
