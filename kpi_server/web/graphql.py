"""The endpoint `/graphql`: GraphQL over HTTP for programs, the GraphiQL page for browsers."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from starlette.types import Receive, Send
from starlette.types import Scope as Asgi

from kpi_server.api.answer import ANY_TAG, Answer, Caching, Outcome
from kpi_server.api.documents import RequestRefused
from kpi_server.api.errors import Code
from kpi_server.api.executor import Executor
from kpi_server.api.patience import Patience
from kpi_server.api.trusted.documents import TrustedDocuments
from kpi_server.domain.access import Scope
from kpi_server.settings import Settings
from kpi_server.web.authentication import Gate, bearer
from kpi_server.web.edge import ANSWER_HEADERS, on_the_wire, respond
from kpi_server.web.graphiql.page import CONTENT_SECURITY_POLICY
from kpi_server.web.live.connections import Connections
from kpi_server.web.live.events import COMPLETE, EVENT_HEADERS, EVENT_STREAM, EventStream, next_event
from kpi_server.web.naming import requested
from kpi_server.web.negotiation import GRAPHQL_JSON, HTML, JSON, is_preferred, preferred
from kpi_server.web.replies import Reply
from kpi_server.web.requests import Incoming, Parameters, Refused, posted, queried

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
ALLOW = "GET, POST"
_OF_GRAPHQL: Final = '-g"'
_OFFERS: Final = (GRAPHQL_JSON, JSON)
_AS_EVENTS: Final = frozenset({Outcome.EXECUTED, Outcome.REQUEST_ERROR})
_STATUSES = {
    Outcome.EXECUTED: 200,
    Outcome.NOT_MODIFIED: 304,
    Outcome.REQUEST_ERROR: 400,
    Outcome.QUERIES_ONLY: 405,
    Outcome.STREAMS_ONLY: 406,
    Outcome.TIMEOUT: 504,
    Outcome.UNAVAILABLE: 503,
    Outcome.FAILED: 500,
}


@dataclass(frozen=True)
class GraphQLEndpoint:
    """Answers every request with GraphQL, refusals too; `page` is None where GraphiQL is switched off.

    An ASGI application of its own, in front of routes and middleware: nearly all requests are for it.

    No cookie ever authenticates, and a browser sends `Authorization` across sites only after a preflight that is not
    granted here: a foreign page can send neither queries nor mutations in a user's name.
    """

    executor: Executor
    gate: Gate
    settings: Settings
    page: str | None
    connections: Connections
    trusted: TrustedDocuments = field(default_factory=TrustedDocuments)
    patience: Patience = field(default_factory=Patience)

    def __call__(self, scope: Asgi, receive: Receive, send: Send) -> Awaitable[None]:
        return respond(scope, receive, send, self._answer, media_of_errors=_media_of_errors)

    async def _answer(self, request: Incoming) -> Reply | EventStream:
        if request.method not in METHODS:
            raise Refused(405, Code.METHOD_NOT_ALLOWED, "Use GET for queries, or POST.", {"Allow": ALLOW})
        if request.method == "OPTIONS":
            return Reply(204, {"Allow": ALLOW})
        if self.page is not None and _wants_page(request):
            return _page(self.page)
        media = _media(request)
        if media is None:
            raise Refused(406, Code.NOT_ACCEPTABLE, f"Answers are {GRAPHQL_JSON}, {JSON} or {EVENT_STREAM}.")
        scope = self.gate.remembered(request)
        if scope is None:
            scope = await self.patience.within(self.settings.request_timeout_s, self.gate.scope(request))
        parameters = await self._parameters(request)
        try:
            trusted_only = self.settings.trusted_only or scope.trusted_only
            asked = requested(parameters, self.trusted, trusted_only=trusted_only)
            if media == EVENT_STREAM and await self.executor.is_subscription(asked.text, parameters.operation_name):
                return await self._events(request, scope, asked.text, parameters)
        except RequestRefused as refused:
            return _encoded_answer(Answer({"errors": refused.errors}, Outcome.REQUEST_ERROR), media)
        answer = await self.executor.execute(
            scope,
            asked.text,
            parameters.variables,
            parameters.operation_name,
            allow_mutation=request.method == "POST",
            request_id=request.scope["request_id"],
            caching=None if request.method == "POST" or media == EVENT_STREAM else _caching(request, media),
        )
        return _encoded_answer(answer, media)

    async def _events(
        self, request: Incoming, scope: Scope, document: str, parameters: Parameters
    ) -> Reply | EventStream:
        """The answers of a subscription, for as long as there are any."""
        token = bearer(request.every(b"authorization")[0])
        begun = await self.executor.subscribe(
            partial(self.gate.still_opened, token),
            document,
            parameters.variables,
            parameters.operation_name,
            request_id=request.scope["request_id"],
        )
        if isinstance(begun, Answer):
            return _encoded_answer(begun, EVENT_STREAM)
        stream = EventStream(begun, self.connections, self.settings, request)
        ending = self.connections.enter(stream) or self.connections.admit(stream, token, scope.principal_id)
        if ending is None:
            return stream
        self.connections.leave(stream)
        await begun.aclose()
        raise Refused(503, Code.UNAVAILABLE, ending.reason, {"Retry-After": "10"})

    async def _parameters(self, request: Incoming) -> Parameters:
        if request.method != "POST":
            return queried(request)
        return await posted(request, max_bytes=self.settings.max_body_bytes, timeout_s=self.settings.body_timeout_s)


def _encoded_answer(answer: Answer, media: str) -> Reply:
    status = _STATUSES[answer.outcome]
    if media == EVENT_STREAM:
        if answer.outcome in _AS_EVENTS:
            return Reply(200, EVENT_HEADERS, next_event(answer.body) + COMPLETE)
        media = JSON  # a status says better than an event that nothing became of it
    if media == JSON and answer.outcome is Outcome.REQUEST_ERROR:
        # Older clients take any other status for a failed connection and never read the errors.
        status = 200
    headers = {"Allow": "POST"} if answer.outcome is Outcome.QUERIES_ONLY else {}
    if answer.tag is not None:
        headers = {"ETag": _tag(answer.tag, media), "Cache-Control": "private, no-cache"}
    if answer.outcome is Outcome.NOT_MODIFIED:
        return Reply(304, {**ANSWER_HEADERS, **headers})
    return on_the_wire(answer.body, status, media, headers)


def _tag(tag: str, media: str) -> str:
    """The tag of one representation: the same answer under another media type is another."""
    return tag if media == JSON else tag[:-1] + _OF_GRAPHQL


def _media(request: Incoming) -> str | None:
    """The type of answer that the client likes best; None when it takes none of ours."""
    accept = request.header(b"accept")
    if request.method != "HEAD" and is_preferred(accept, EVENT_STREAM, _OFFERS):
        return EVENT_STREAM
    return preferred(accept, _OFFERS)


def _media_of_errors(request: Incoming) -> str:
    return preferred(request.header(b"accept"), _OFFERS) or JSON


def _caching(request: Incoming, media: str) -> Caching:
    """What the client says of the answers of this media type that it has."""
    sent = ",".join(request.every(b"if-none-match")).split(",")
    tags = {tag.strip().removeprefix("W/") for tag in sent}
    if media == JSON:
        return Caching(frozenset(tag for tag in tags if not tag.endswith(_OF_GRAPHQL)))
    own = {tag.removesuffix(_OF_GRAPHQL) + '"' for tag in tags if tag.endswith(_OF_GRAPHQL)}
    return Caching(frozenset(own | tags & {ANY_TAG}))


def _wants_page(request: Incoming) -> bool:
    """Whether a browser asks: HTML by name, and rather than JSON."""
    if request.method == "POST":
        return False
    return preferred(request.header(b"accept"), (HTML, *_OFFERS)) == HTML


def _page(page: str) -> Reply:
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store", "Vary": "Accept"}
    return Reply(200, {**headers, "Content-Type": f"{HTML}; charset=utf-8"}, page.encode())
