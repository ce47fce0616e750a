"""Who is compared: how each server is started, what each is asked, and how its answer reads in our words."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from benchmarks import postgraphile
from benchmarks.database import Premises
from benchmarks.npm import MANY, Peers
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
    RECORDING,
    ROWS_CURRENT,
    ROWS_NORMALISED,
    UNCHANGED,
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


def contestants(premises: Premises, peers: Peers, *, processes: int = 1) -> list[Contestant]:
    """Everybody who can be compared on this machine, ourselves first; each server is so many processes."""
    return [
        *_ours(premises, processes),
        *_handwritten(premises, processes),
        _plain(premises, processes),
        *_mercurius(premises, peers, processes),
        *_postgraphile(premises, peers, processes),
    ]


def chosen(everybody: Sequence[Contestant], only: Iterable[str]) -> list[Contestant]:
    """Those named by a part of their name; everybody where no name is given."""
    wanted = [name.lower() for name in only]
    return [one for one in everybody if not wanted or any(name in one.name.lower() for name in wanted)]


def _as_ours(answer: Any) -> Any:
    """What was asked for, without what a server tells beside it (ours tells the cost)."""
    return {"data": answer["data"]}


def uvicorn(factory: str, processes: int = 1) -> tuple[str, ...]:
    """The command that serves what a factory makes."""
    options = "--loop uvloop --http httptools --no-access-log --log-level warning --lifespan on"
    command = (sys.executable, "-m", "uvicorn", "--factory", factory, "--port", "{port}", *options.split())
    return (*command, "--workers", str(processes))


_STATES: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    (OURS, MappingProxyType({"KPI_RESPONSE_CACHE_BYTES": "0"})),
    (UNCHANGED, MappingProxyType({})),
)


def _ours(premises: Premises, processes: int) -> list[Contestant]:
    command = (sys.executable, "-m", "kpi_server", "serve", "--port", "{port}", "--workers", str(processes))

    def asking(name: str) -> Asking:
        def ask(operation: Operation) -> Request | None:
            if operation.writes:  # nothing of it is kept
                return graphql_request(operation, token=premises.recorder) if name == OURS else None
            return graphql_request(operation, token=premises.token)

        return ask

    return [
        Contestant(name, Server(name, command, {"DATABASE_URL": premises.server, **state}), asking(name), _as_ours)
        for name, state in _STATES
    ]


_ROUTES: Final = (
    (ROWS_NORMALISED, "normalised", "rows", ("board", "tiny", "series")),
    (JSON_NORMALISED, "normalised", "json", ("board", "tiny", "series")),
    (ROWS_CURRENT, "current", "rows", ("board", "tiny")),
    (JSON_CURRENT, "current", "json", ("board", "tiny")),
    (RECORDING, "current", "rows", ("mutation",)),
)


def _handwritten(premises: Premises, processes: int) -> list[Contestant]:
    def server(tables: str) -> Server:
        command = uvicorn(f"benchmarks.servers.handwritten:{tables}", processes)
        return Server(f"hand-written, {tables}", command, {"DATABASE_URL": premises.owner})

    def asking(shape: str, has: Iterable[str]) -> Asking:
        def ask(operation: Operation) -> Request | None:
            return Request(f"/{shape}/{operation.path}", operation.body) if operation.name in has else None

        return ask

    return [Contestant(name, server(tables), asking(shape, has), _as_ours) for name, tables, shape, has in _ROUTES]


def _plain(premises: Premises, processes: int) -> Contestant:
    command = uvicorn("benchmarks.servers.plain:app", processes)
    server = Server(PLAIN, command, MappingProxyType({"DATABASE_URL": premises.owner}))

    def ask(operation: Operation) -> Request:
        asked = graphql_request(operation)
        return Request(f"{asked.path}/", asked.body)  # where Strawberry's endpoint is mounted

    return Contestant(PLAIN, server, ask, _as_ours)


_MERCURIUS: Final = (
    (MERCURIUS_LOADERS, "loaders", ("board", "tiny")),
    (MERCURIUS_FLAT, "normalised", ("board", "tiny", "series")),
    (MERCURIUS_CURRENT, "current", ("board", "tiny", "mutation")),
)


def _mercurius(premises: Premises, peers: Peers, processes: int) -> list[Contestant]:
    if peers.mercurius is None:
        return []

    def asking(has: Iterable[str]) -> Asking:
        return lambda operation: graphql_request(operation) if operation.name in has else None

    return [
        Contestant(name, _node(name, peers.mercurius, premises, processes, VARIANT=variant), asking(has), _as_ours)
        for name, variant, has in _MERCURIUS
    ]


_POSTGRAPHILE: Final = (
    (POSTGRAPHILE_FUNCTIONS, postgraphile.FUNCTIONS),
    (POSTGRAPHILE_VIEW, postgraphile.VIEW_NORMALISED),
    (POSTGRAPHILE_CURRENT, postgraphile.VIEW_CURRENT),
)


def _postgraphile(premises: Premises, peers: Peers, processes: int) -> list[Contestant]:
    if peers.postgraphile is None:
        return []
    server = _node("PostGraphile", peers.postgraphile, premises, processes)

    def asking(dialect: postgraphile.Dialect) -> Asking:
        return lambda operation: dialect.request(operation, premises.organization_id)

    return [Contestant(name, server, asking(dialect), dialect.read) for name, dialect in _POSTGRAPHILE]


def _node(name: str, command: tuple[str, str], premises: Premises, processes: int, **environment: str) -> Server:
    given = {"DATABASE_URL": premises.owner, "NODE_ENV": "production", **environment}
    if processes == 1:
        return Server(name, command, MappingProxyType(given), is_node=True)
    node, file = command
    several = (node, str(Path(file).with_name(MANY)), file)
    return Server(name, several, MappingProxyType({**given, "PROCESSES": str(processes)}), is_node=True)
