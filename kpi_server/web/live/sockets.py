"""GraphQL over WebSockets: one connection that carries any number of operations."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from starlette.types import Receive, Send
from starlette.types import Scope as Asgi

from kpi_server.api.answer import Answer, Outcome
from kpi_server.api.documents import RequestRefused
from kpi_server.api.errors import Code, code_of, error_entry, masked
from kpi_server.api.executor import Executor
from kpi_server.api.live.streams import Stream
from kpi_server.api.patience import Patience
from kpi_server.api.trusted.documents import TrustedDocuments
from kpi_server.domain.access import Scope
from kpi_server.errors import Unauthenticated
from kpi_server.services.access import hash_of
from kpi_server.settings import Settings
from kpi_server.web.authentication import Gate
from kpi_server.web.headers import identified, own_headers
from kpi_server.web.live.connections import (
    EXPIRED,
    OLD,
    STALLED,
    STOPPING,
    UNAVAILABLE,
    UNINITIALISED,
    Connections,
    Ending,
)
from kpi_server.web.live.credentials import token_of
from kpi_server.web.live.messages import (
    ACK,
    SUBPROTOCOL,
    Complete,
    Init,
    Ping,
    Pong,
    Subscribe,
    Violation,
    complete,
    error,
    message_of,
    next_around,
    pong,
)
from kpi_server.web.live.protocol import ADMIT, AT_ONCE
from kpi_server.web.live.sending import Sending
from kpi_server.web.naming import requested
from kpi_server.web.requests import Incoming, Parameters, Refused

INITIALISED_WITHIN_S: Final = 10.0
LONGEST_REASON: Final = 123  # bytes: what a close frame holds
_AWAY: Final = frozenset({Code.UNAVAILABLE, Code.TIMEOUT})


@dataclass(frozen=True)
class SocketEndpoint:
    """Speaks graphql-transport-ws with everybody who connects, and nothing else."""

    executor: Executor
    gate: Gate
    settings: Settings
    connections: Connections
    trusted: TrustedDocuments = field(default_factory=TrustedDocuments)
    patience: Patience = field(default_factory=Patience)

    async def __call__(self, scope: Asgi, receive: Receive, send: Send) -> None:
        await receive()
        request_id = identified(scope)
        offered = scope["subprotocols"]
        # A browser hears why it is refused only if one of its own protocols is accepted first.
        spoken = SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)
        await send({"type": "websocket.accept", "subprotocol": spoken, "headers": own_headers(request_id)})
        if spoken != SUBPROTOCOL:
            await send({"type": "websocket.close", "code": 4406, "reason": f"Speak {SUBPROTOCOL}."})
            return
        incoming = Incoming(scope, receive)
        at_once = scope["state"].get(AT_ONCE)
        connection = SocketConnection(self, incoming, Sending(send, self.connections.clock, at_once), request_id)
        ending = self.connections.enter(connection)
        if ending is not None:
            await send({"type": "websocket.close", "code": ending.code, "reason": ending.reason})
            return
        await connection.run()


class SocketConnection:
    """One WebSocket. There are thousands of these: it holds little, and no task of its own."""

    __slots__ = (
        "_answering",
        "_closing",
        "_drains",
        "_endpoint",
        "_incoming",
        "_operations",
        "_request_id",
        "_sending",
        "_since",
        "_token",
    )

    def __init__(self, endpoint: SocketEndpoint, incoming: Incoming, sending: Sending, request_id: str) -> None:
        self._endpoint = endpoint
        self._incoming = incoming
        self._sending = sending
        self._request_id = request_id
        self._since = endpoint.connections.clock()
        self._token: str | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._answering = 0
        self._closing: asyncio.Task[None] | None = None
        self._drains = False

    async def run(self) -> None:
        """Take messages until the connection is closed, by whomever."""
        try:
            while (message := await self._incoming.receive())["type"] == "websocket.receive":
                if self._sending.is_over:
                    break
                await self._take(message.get("text"))
        except Violation as violation:
            self.end(Ending(violation.code, violation.reason))
        finally:
            await self._stop()

    def look(self, now: float) -> None:
        """End a connection that nobody initialises or reads, or that is too old."""
        if self._sending.has_waited(now) > self._endpoint.settings.send_timeout_s:
            self.end(STALLED)
        elif self._token is None and now - self._since > INITIALISED_WITHIN_S:
            self.end(UNINITIALISED)
        elif now - self._since > self._endpoint.settings.connection_life_s:
            self.end(OLD)

    def drain(self) -> None:
        """End as soon as queries and mutations are answered."""
        self._drains = True
        if not self._answering:
            self.end(STOPPING)

    def end(self, ending: Ending) -> None:
        """Close it; the loop that takes messages hears of it as of any closing."""
        if self._closing is None and not self._sending.is_over:
            self._cancel()
            reason = ending.reason.encode()[:LONGEST_REASON].decode(errors="ignore")
            closing = {"type": "websocket.close", "code": ending.code, "reason": reason}
            self._closing = asyncio.create_task(self._sending.say_last(closing))

    def _cancel(self) -> None:
        for task in self._operations.values():
            task.cancel()

    async def _stop(self) -> None:
        self._endpoint.connections.leave(self)
        self._sending.is_over = True
        self._cancel()
        remaining = [*self._operations.values(), *([self._closing] if self._closing else ())]
        if remaining:
            await asyncio.wait(remaining)

    async def _take(self, text: str | None) -> None:
        if text is None:
            raise Violation(4400, "Messages are text: frames of bytes are not read.")
        match message_of(text):
            case Init(payload):
                await self._initialise(payload)
            case Ping(payload):
                await self._say(pong(payload))
            case Subscribe(id_, parameters):
                await self._subscribe(id_, parameters)
            case Complete(id_):
                if (task := self._operations.pop(id_, None)) is not None:
                    task.cancel()
            case Pong():
                pass

    async def _initialise(self, payload: Mapping[str, Any]) -> None:
        if self._token is not None:
            raise Violation(4429, "Too many initialisation requests")
        incoming = self._incoming
        token = token_of(incoming.every(b"authorization"), payload)
        scope = await self._opened(token)
        ending = self._endpoint.connections.admit(self, token, scope.principal_id)
        if ending is not None:
            raise Violation(*ending)
        self._token = token
        incoming.scope["state"][ADMIT]()
        await self._say(ACK)

    async def _opened(self, token: str) -> Scope:
        endpoint = self._endpoint
        try:
            opened = endpoint.gate.opened(token, self._incoming.address)
            return await endpoint.patience.within(endpoint.settings.request_timeout_s, opened)
        except Refused as refused:
            raise Violation(4403, refused.message) from refused
        except Exception as failure:  # the API's edge: nothing unexpected leaves it unmasked
            if code_of(failure) in _AWAY:
                raise Violation(*UNAVAILABLE) from failure
            raise Violation(4500, masked(failure, request_id=self._request_id)["message"]) from failure

    async def _subscribe(self, id_: str, parameters: Parameters) -> None:
        if self._token is None:
            raise Violation(4401, "Unauthorized")
        if id_ in self._operations:
            raise Violation(4409, f"Subscriber for {id_} already exists")
        most = self._endpoint.settings.max_connection_operations
        if len(self._operations) >= most:
            message = f"A connection carries {most} operations at once: end one of them, or open another connection."
            await self._say(error(id_, [error_entry(Code.LIMIT_EXCEEDED, message)]))
        elif not self._drains:
            self._operations[id_] = asyncio.create_task(self._operate(id_, parameters, self._token))

    async def _operate(self, id_: str, parameters: Parameters, token: str) -> None:
        """One operation from beginning to end; whatever goes wrong in it is its own."""
        try:
            await self._answer(id_, parameters, token)
        except RequestRefused as refused:
            await self._say(error(id_, refused.errors))
        except Refused as refused:
            await self._say(error(id_, [error_entry(refused.code, refused.message)]))
        except Unauthenticated:
            self.end(EXPIRED)
        except Exception as failure:  # the API's edge: nothing unexpected leaves it unmasked
            if code_of(failure) is Code.UNAVAILABLE:  # as it is for thousands at once: no line in the log for each
                self.end(UNAVAILABLE)
            else:
                await self._say(error(id_, [masked(failure, request_id=self._request_id)]))
        finally:
            if self._operations.get(id_) is asyncio.current_task():
                del self._operations[id_]

    async def _answer(self, id_: str, parameters: Parameters, token: str) -> None:
        endpoint = self._endpoint
        authorize = partial(endpoint.gate.still_opened, token)
        scope = await authorize()
        trusted_only = endpoint.settings.trusted_only or scope.trusted_only
        text = requested(parameters, endpoint.trusted, trusted_only=trusted_only).text
        name, variables = parameters.operation_name, parameters.variables
        if not await endpoint.executor.is_subscription(text, name):
            await self._answer_once(id_, scope, text, variables, name)
            return
        around = next_around(id_)
        at_once = partial(self._say_at_once, hash_of(token), around)
        begun = await endpoint.executor.subscribe(
            authorize, text, variables, name, request_id=self._request_id, at_once=at_once
        )
        if not isinstance(begun, Answer):
            await self._follow(id_, around, begun)
        elif begun.outcome is Outcome.UNAVAILABLE:
            self.end(UNAVAILABLE)  # an error message would tell clients not to come back
        else:
            await self._say_answer(id_, begun)

    async def _answer_once(
        self, id_: str, scope: Scope, text: str, variables: Mapping[str, Any], name: str | None
    ) -> None:
        self._answering += 1
        try:
            execute = self._endpoint.executor.execute
            await self._say_answer(id_, await execute(scope, text, variables, name, request_id=self._request_id))
        finally:
            self._answering -= 1
            if self._drains and not self._answering:
                self.end(STOPPING)

    async def _say_answer(self, id_: str, answer: Answer) -> None:
        if answer.outcome is not Outcome.EXECUTED:
            await self._say(error(id_, answer.payload["errors"]))
            return
        await self._say(_between(next_around(id_), answer.body))
        await self._say(complete(id_))

    async def _follow(self, id_: str, around: tuple[bytes, bytes], stream: Stream) -> None:
        try:
            async for body in stream:
                await self._say(_between(around, body))
        finally:
            await stream.aclose()
        await self._say(complete(id_))

    def _say_at_once(self, token_hash: bytes, around: tuple[bytes, bytes], scope: Scope, body: bytes) -> bool:
        """Send a response that was read with these rights, if nothing has to be waited for."""
        known = self._endpoint.gate.known(token_hash)
        if known is None or (known is not scope and known.digest != scope.digest):
            return False
        return self._sending.say_at_once(around[0], body, around[1])

    async def _say(self, text: str) -> None:
        await self._sending.say({"type": "websocket.send", "text": text})


def _between(around: tuple[bytes, bytes], body: bytes) -> str:
    return b"".join((around[0], body, around[1])).decode()
