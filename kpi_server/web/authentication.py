"""Who sends a request: the bearer token, and a brake on those who send wrong ones."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from kpi_server.api.errors import Code
from kpi_server.domain.access import Scope
from kpi_server.errors import Unauthenticated
from kpi_server.services.access import Authenticator, hash_of
from kpi_server.web.requests import Incoming, Refused

CHALLENGE = 'Bearer realm="kpi-server"'
FAILURES = 20
FAILURES_PER_S = 1.0
REMEMBERED_ADDRESSES = 10_000


def bearer(authorization: str) -> str:
    """The token in a header `Authorization`; empty where it holds none."""
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Brake:
    """A leaky bucket of failures for every client address."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def failed(self, address: str) -> int:
        """Count a failure; the seconds to wait when there were too many, else 0."""
        now = self._clock()
        level, since = self._buckets.pop(address, (0.0, now))
        level = max(level - (now - since) * FAILURES_PER_S, 0.0) + 1
        self._buckets[address] = (min(level, FAILURES + 1), now)
        if len(self._buckets) > REMEMBERED_ADDRESSES:
            self._buckets.popitem(last=False)
        return math.ceil((level - FAILURES) / FAILURES_PER_S) if level > FAILURES else 0


class Gate:
    """Lets requests with a good token in.

    The brake slows down those who fail and nobody else: behind a proxy one address is many clients, and a token of
    256 bits is not found by trying.
    """

    def __init__(self, authenticator: Authenticator, brake: Brake) -> None:
        self._authenticator = authenticator
        self._brake = brake

    def remembered(self, request: Incoming) -> Scope | None:
        """The permission scope of a request whose token was good a moment ago; None for any other."""
        sent = request.every(b"authorization")
        if len(sent) != 1 or sent[0][:7].lower() != "bearer ":
            return None
        return self._authenticator.remembered(hash_of(sent[0][7:].strip()))

    def known(self, token_hash: bytes) -> Scope | None:
        """What the token with this hash opens, if it was looked up a moment ago: asked for each of many messages."""
        return self._authenticator.remembered(token_hash)

    async def scope(self, request: Incoming) -> Scope:
        """The permission scope of a request.

        Raises:
            Refused: 401 without a good token, 429 after too many bad ones, 400 for two that may differ.
        """
        sent = request.every(b"authorization")
        if len(sent) > 1:
            # A proxy may have checked the one and the server would use the other.
            raise Refused(400, Code.BAD_REQUEST, "The header Authorization is given twice.")
        if not "".join(sent).strip():
            message = "Send a token: `Authorization: Bearer kpi_…`."
            raise Refused(401, Code.UNAUTHENTICATED, message, {"WWW-Authenticate": CHALLENGE})
        return await self.opened(bearer(sent[0]), request.address)

    async def opened(self, token: str, address: str) -> Scope:
        """The permission scope that a token opens to somebody at this address.

        Raises:
            Refused: 401 when it opens nothing, 429 after too many that did not.
        """
        try:
            return await self._authenticator.authenticate(token)
        except Unauthenticated as error:
            raise self._refused(address, error.message) from error

    async def still_opened(self, token: str) -> Scope:
        """The permission scope that a token opens which was good before: to fail now is nobody's attempt.

        Raises:
            Unauthenticated: it is revoked or expired.
        """
        return await self._authenticator.authenticate(token)

    def _refused(self, address: str, message: str) -> Refused:
        wait = self._brake.failed(address)
        if wait:
            slow_down = "Too many requests with tokens that open nothing: wait before the next one."
            return Refused(429, Code.RATE_LIMITED, slow_down, {"Retry-After": str(wait)})
        return Refused(401, Code.UNAUTHENTICATED, message, {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
