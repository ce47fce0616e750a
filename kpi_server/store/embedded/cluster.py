"""A PostgreSQL cluster shared by every process that uses its directory; the last one to leave stops the server."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from kpi_server.errors import StartupError
from kpi_server.store.embedded.account import Account, postgres_account
from kpi_server.store.embedded.binaries import Binaries, reachable
from kpi_server.store.embedded.home import Home, forget, located, settle, unwritable
from kpi_server.store.embedded.server import HOST, Server, await_ready, make_cluster, running, start, stop
from kpi_server.store.embedded.signals import undisturbed


class Cluster:
    """One use of a running server, from `start` to `release`.

    A process that is killed instead of releasing loses its use by the kernel's doing, and its server is taken over by
    the next start on the same directory.
    """

    def __init__(self, *, home: Home, server: Server, use: int) -> None:
        self._home = home
        self._server = server
        self._use: int | None = use

    @classmethod
    def start(cls, data: Path, binaries: Binaries, *, durable: bool = True) -> Self:
        """Start the server of the directory `data`, or join the one that runs; the cluster is made when missing.

        `durable=False` gives up safety against a power cut for speed, for tests; a server that already runs keeps
        what it was started with.

        Raises:
            StartupError: the directory cannot be used by this user.
            PostgresUnavailable: the server cannot be made or started; the message holds its own last words.
        """
        home, account = settle(data, durable=durable)
        try:
            with home.gate():
                use = home.join()
                try:
                    server = _joined(home) or _started(home, binaries=binaries, account=account, durable=durable)
                except BaseException:
                    os.close(use)
                    _stop_unused(home)
                    raise
        except OSError as error:
            raise unwritable(data, error) from error
        return cls(home=home, server=server, use=use)

    @property
    def data(self) -> Path:
        """Where the data really lies: elsewhere than asked for when PostgreSQL's user cannot reach that place."""
        return self._home.path

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._server.pid

    @property
    def password(self) -> str:
        """This cluster's own password: the superuser's, and the one to give to other roles made here."""
        return self._home.password.read_text(encoding="ascii").strip()

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address to connect to; roles other than `postgres` are expected to share the cluster's password."""
        return f"postgresql://{quote(user, safe='')}:{self.password}@{HOST}:{self.port}/{quote(database, safe='')}"

    def release(self) -> None:
        """Give up this use, and stop the server if it was the last; a second call does nothing."""
        if self._use is None:
            return
        with undisturbed(), self._home.gate():
            os.close(self._use)
            self._use = None
            _stop_unused(self._home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def erase(data: Path) -> None:
    """Remove the cluster of the directory `data` with everything in it; nothing is done where there is none.

    Raises:
        StartupError: somebody uses the cluster, or the files belong to somebody else.
    """
    home = located(data)
    if home is None:
        return
    try:
        with home.gate():
            if home.is_used():
                raise StartupError(f"The database in {data} is in use: stop what uses it first.")
            _stop_unused(home)
            home.clear()
        forget(data)
    except OSError as error:
        raise unwritable(data, error) from error


def _joined(home: Home) -> Server | None:
    """The server that others use or that a killed process left behind, once it answers."""
    found = running(home)
    if found is None:
        return None
    if found.state == "stopping":
        stop(home, found)
        return None
    return await_ready(home, found)


def _started(home: Home, *, binaries: Binaries, account: Account, durable: bool) -> Server:
    programs = reachable(binaries, account=account, home=home.path)
    if not home.cluster.exists():
        make_cluster(home, binaries=programs, account=account, durable=durable)
        account = postgres_account(home.cluster)
    if not home.password.exists():
        raise StartupError(f"The password file {home.password} is gone: put it back or choose another data directory.")
    return start(home, binaries=programs, account=account, durable=durable)


def _stop_unused(home: Home) -> None:
    server = running(home)
    if server is not None and not home.is_used():
        stop(home, server)
