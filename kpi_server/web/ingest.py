"""The endpoint `/ingest`: a stream of observations or events, recorded at once when all of it has arrived."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from kpi_server.api.errors import Code
from kpi_server.api.recorders import check_restates, recorder, sender_as
from kpi_server.domain.access import Grant
from kpi_server.domain.access import Scope as Grants
from kpi_server.domain.importing.rows import Content, Format
from kpi_server.errors import BadInput, Forbidden, NotFound, UserError
from kpi_server.registry import Registry
from kpi_server.services.importing import deliver
from kpi_server.services.recording import Sender
from kpi_server.services.staging import Delivery
from kpi_server.settings import Settings
from kpi_server.store.database import Database
from kpi_server.web.authentication import Gate
from kpi_server.web.edge import encoded, respond
from kpi_server.web.negotiation import JSON, media_type
from kpi_server.web.replies import Reply
from kpi_server.web.requests import Gone, Incoming, Refused

_FORMATS: Final = MappingProxyType({"text/csv": Format.CSV, "application/x-ndjson": Format.NDJSON})
_STATUSES: Final = MappingProxyType({Forbidden.code: HTTPStatus.FORBIDDEN, NotFound.code: HTTPStatus.NOT_FOUND})
_SWITCHES: Final = ("atomic", "dryRun", "restate", "events", "retract")
_PARAMETERS: Final = frozenset({"organization", "source", "name", "map", *_SWITCHES})


@dataclass(frozen=True)
class IngestEndpoint:
    """Answers what became of what was sent; nothing of a stream that breaks off is ever seen."""

    database: Database
    registry: Registry
    gate: Gate
    settings: Settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await respond(scope, receive, send, self._answer)

    async def _answer(self, request: Incoming) -> Reply:
        try:
            return await self._taken(request)
        except UserError as error:
            # The rest of the body is not read, so the connection cannot carry another request.
            status = _STATUSES.get(error.code, HTTPStatus.BAD_REQUEST)
            raise Refused(status, Code(error.code), error.message, {"Connection": "close"}) from error

    async def _taken(self, request: Incoming) -> Reply:
        if request.method != "POST":
            raise Refused(405, Code.METHOD_NOT_ALLOWED, "Send observations or events by POST.", {"Allow": "POST"})
        grants = self.gate.remembered(request) or await self.gate.scope(request)
        parameters = _parameters(request)
        grant, sender = _sender(grants, parameters)
        delivered = await deliver(
            self.database, self.registry, sender, _delivery(request, grant, parameters), self._pieces(request)
        )
        return encoded({"data": delivered.plain}, 200, JSON)

    async def _pieces(self, request: Incoming) -> AsyncIterator[bytes]:
        """The body as it arrives.

        Raises:
            Refused: nothing more came for too long, or it is too large.
            Gone: the sender went away.
        """
        received, more, most = 0, True, self.settings.max_ingest_bytes
        while more:
            try:
                async with asyncio.timeout(self.settings.body_timeout_s):
                    message = await request.receive()
            except TimeoutError as error:
                words = f"Nothing more arrived within {self.settings.body_timeout_s:g} seconds."
                raise Refused(408, Code.BAD_REQUEST, words, {"Connection": "close"}) from error
            if message["type"] == "http.disconnect":
                raise Gone
            body, more = message.get("body", b""), message.get("more_body", False)
            received += len(body)
            if received > most:
                raise Refused(
                    413, Code.BODY_TOO_LARGE, f"The body is larger than {most} bytes.", {"Connection": "close"}
                )
            yield body


def _parameters(request: Incoming) -> dict[str, list[str]]:
    try:
        text = request.scope["query_string"].decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise BadInput("The query string cannot be read: it must be percent-encoded UTF-8.") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    unknown = sorted(found.keys() - _PARAMETERS)
    twice = sorted(name for name, values in found.items() if len(values) > 1 and name != "map")
    missing = sorted({"organization", "source"} - found.keys())
    wrong = [
        *(f"{name[:40]} is no parameter" for name in unknown),
        *(f"{name} is given twice" for name in twice),
        *(f"{name} is not given" for name in missing),
        *(f"{name} is true or false" for name in _SWITCHES if found.get(name, ["true"])[0] not in ("true", "false")),
        *(f"map reads like Amount=value, not {pair[:40]}" for pair in found.get("map", []) if "=" not in pair),
    ]
    if found.get("events") == found.get("retract") == ["true"]:
        wrong.append("events do not change: retract goes without events")
    if wrong:
        raise BadInput(f"{'; '.join(wrong)}. Parameters are {', '.join(sorted(_PARAMETERS))}.")
    return found


def _sender(grants: Grants, parameters: dict[str, list[str]]) -> tuple[Grant, Sender]:
    grant = recorder(grants, parameters["organization"][0])
    return grant, sender_as(grants, grant, parameters["source"][0])


def _delivery(request: Incoming, grant: Grant, parameters: dict[str, list[str]]) -> Delivery:
    atomic, rehearses, restates, holds_events, takes_back = (parameters.get(name) == ["true"] for name in _SWITCHES)
    check_restates(grant, restates=restates)
    return Delivery(
        form=_format(request),
        now=datetime.now(UTC),
        name=parameters.get("name", [None])[0],
        mapping=dict(_pair(pair) for pair in parameters.get("map", [])),
        atomic=atomic,
        rehearses=rehearses,
        restates=restates,
        content=Content.EVENTS if holds_events else Content.RETRACTIONS if takes_back else Content.OBSERVATIONS,
    )


def _pair(text: str) -> tuple[str, str]:
    column, _, field = text.rpartition("=")
    return column, field


def _format(request: Incoming) -> Format:
    sent = media_type(request.header(b"content-type") or "")
    encoding = (request.header(b"content-encoding") or "identity").strip().lower()
    form = None if sent is None else _FORMATS.get(sent.name)
    if form is None or encoding not in ("identity", "gzip"):
        words = f"Send {' or '.join(_FORMATS)}, as it is or packed by gzip."
        headers = {"Accept-Post": ", ".join(_FORMATS), "Accept-Encoding": "gzip", "Connection": "close"}
        raise Refused(415, Code.UNSUPPORTED_MEDIA_TYPE, words, headers)
    return form
