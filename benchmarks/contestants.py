"""Who is compared: how each server is started, what each is asked, and how its answer reads in our words."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from benchmarks import postgraphile
from benchmarks.database import Premises
from benchmarks.npm import Peers
from benchmarks.operations import Operation, Request, graphql_request
from benchmarks.results import (
    JSON_CURRENT,
    JSON_NORMALISED,
    MERCURIUS_CURRENT,
    MERCURIUS_FLAT,
    MERCURIUS_LOADERS,
    OURS,
    PLAIN,
    POSTGRAPHILE_CURRENT,
    POSTGRAPHILE_FUNCTIONS,
    POSTGRAPHILE_VIEW,
    ROWS_CURRENT,
    ROWS_NORMALISED,
)

Reading = Callable[[Any], Any]
Asking = Callable[[Operation], Request | None]


@dataclass(frozen=True)
class Server:
    """A process to start; `{port}` in its command is the port to listen on."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    is_node: bool = False


@dataclass(frozen=True)
class Contestant:
    """A way of answering: a server, the request for an operation (None: it has none), the answer in our words."""

    name: str
    server: Server
    ask: Asking
    read: Reading


def contestants(premises: Premises, peers: Peers) -> list[Contestant]:
    """Everybody who can be compared on this machine, ourselves first."""
    return [_ours(premises), *_handwritten(premises), _plain(premises), *_mercurius(premises, peers), *(
        _postgraphile(premises, peers)
    )]  # fmt: skip


def chosen(everybody: Sequence[Contestant], only: Iterable[str]) -> list[Contestant]:
    """Those named by a part of their name; everybody where no name is given."""
    wanted = [name.lower() for name in only]
    return [one for one in everybody if not wanted or any(name in one.name.lower() for name in wanted)]


def _as_ours(answer: Any) -> Any:
    """What was asked for, without what a server tells beside it (ours tells the cost)."""
    return {"data": answer["data"]}


def _uvicorn(factory: str) -> tuple[str, ...]:
    options = "--loop uvloop --http httptools --no-access-log --log-level warning --lifespan on"
    return (sys.executable, "-m", "uvicorn", "--factory", factory, "--port", "{port}", *options.split())


def _ours(premises: Premises) -> Contestant:
    command = (sys.executable, "-m", "kpi_server", "serve", "--port", "{port}")
    server = Server(OURS, command, MappingProxyType({"DATABASE_URL": premises.server}))

    def ask(operation: Operation) -> Request:
        return graphql_request(operation.document, operation.variables, token=premises.token)

    return Contestant(OURS, server, ask, _as_ours)


_ROUTES: Final = (
    (ROWS_NORMALISED, "normalised/rows"),
    (JSON_NORMALISED, "normalised/json"),
    (ROWS_CURRENT, "current/rows"),
    (JSON_CURRENT, "current/json"),
)


def _handwritten(premises: Premises) -> list[Contestant]:
    command = _uvicorn("benchmarks.servers.handwritten:app")
    server = Server("hand-written", command, MappingProxyType({"DATABASE_URL": premises.owner}))

    def asking(route: str) -> Asking:
        return lambda operation: Request(f"/{route}/{operation.path}")

    return [Contestant(name, server, asking(route), _as_ours) for name, route in _ROUTES]


def _graphql(operation: Operation) -> Request:
    return graphql_request(operation.document, operation.variables)


def _plain(premises: Premises) -> Contestant:
    command = _uvicorn("benchmarks.servers.plain:app")
    server = Server(PLAIN, command, MappingProxyType({"DATABASE_URL": premises.owner}))

    def ask(operation: Operation) -> Request:
        asked = _graphql(operation)
        return Request(f"{asked.path}/", asked.body)  # where Strawberry's endpoint is mounted

    return Contestant(PLAIN, server, ask, _as_ours)


_MERCURIUS: Final = ((MERCURIUS_LOADERS, "loaders"), (MERCURIUS_FLAT, "normalised"), (MERCURIUS_CURRENT, "current"))


def _mercurius(premises: Premises, peers: Peers) -> list[Contestant]:
    if peers.mercurius is None:
        return []
    return [
        Contestant(name, _node(name, peers.mercurius, premises, VARIANT=variant), _graphql, _as_ours)
        for name, variant in _MERCURIUS
    ]


_POSTGRAPHILE: Final = (
    (POSTGRAPHILE_FUNCTIONS, postgraphile.FUNCTIONS),
    (POSTGRAPHILE_VIEW, postgraphile.VIEW_NORMALISED),
    (POSTGRAPHILE_CURRENT, postgraphile.VIEW_CURRENT),
)


def _postgraphile(premises: Premises, peers: Peers) -> list[Contestant]:
    if peers.postgraphile is None:
        return []
    server = _node("PostGraphile", peers.postgraphile, premises)

    def asking(dialect: postgraphile.Dialect) -> Asking:
        return lambda operation: dialect.request(operation, premises.organization_id)

    return [Contestant(name, server, asking(dialect), dialect.read) for name, dialect in _POSTGRAPHILE]


def _node(name: str, command: tuple[str, ...], premises: Premises, **environment: str) -> Server:
    given = {"DATABASE_URL": premises.owner, "NODE_ENV": "production", **environment}
    return Server(name, command, MappingProxyType(given), is_node=True)
