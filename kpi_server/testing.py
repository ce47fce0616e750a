"""For tests: what a family does not keep, and speaking to a server in its own process; wants `httpx`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from kpi_server.domain.conformance.check import Check
from kpi_server.registry import Policy, Registry, discover
from kpi_server.services.conformance import conformance


def failures(family: str, registry: Registry | None = None) -> list[Check]:
    """What an installed family does not keep of what it promises, as far as that can be told without a database.

    Raises:
        NotFound: no such family is installed.
    """
    found = conformance(registry or discover(Policy.QUARANTINE), family)
    return [check for check in found if check.problem]


class _Started:
    """An application whose lifespan runs: every request gets the state that the lifespan made."""

    def __init__(self, app: Starlette, state: Mapping[str, Any]) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "state": dict(self._state)}, receive, send)


@asynccontextmanager
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that runs for as long as the block lasts, without a port.

    Raises:
        OperatorError: the application cannot start.
    """
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(app=_Started(app, state or {}))
        async with httpx.AsyncClient(transport=transport, base_url="http://kpi-server.test") as opened:
            yield opened


async def graphql(
    client: httpx.AsyncClient, token: str, query: str, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The whole GraphQL response to a query: `data`, `errors` where there are any, and `extensions`."""
    response = await client.post(
        "/graphql",
        json={"query": query, "variables": dict(variables or {})},
        headers={"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"},
    )
    answer: dict[str, Any] = response.json()
    return answer
