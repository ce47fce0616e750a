"""Listening and serving: a port of our own before anything is started, and a server that says when it is ready."""

import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from kpi_server.errors import StartupError
from kpi_server.settings import Settings
from kpi_server.web.live.protocol import SocketProtocol
from kpi_server.web.protocol import BoundedProtocol

if sys.platform != "win32":
    import resource

DRAIN_TIMEOUT_S: Final = 20
WORKER_START_S: Final = 60
"""A worker answers its parent once it has imported everything, which takes long on a busy machine; one that is given
less time is killed and started again for ever."""
OTHER_FILES: Final = 500  # requests that end at once, the database, what Python reads


class AnnouncedServer(uvicorn.Server):
    """A server that calls `announce` once it accepts connections."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if not self.should_exit:
            self._announce()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A closed terminal is one more way to be asked to end, unless it is to be ignored (nohup)."""
        ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        before = signal.SIG_IGN if ignored else signal.signal(signal.SIGHUP, self.handle_exit)
        try:
            with super().capture_signals():
                yield
        finally:
            signal.signal(signal.SIGHUP, before)


def bound(host: str, port: int) -> socket.socket:
    """A socket with this address, which refuses connections until something serves it; port 0 takes a free one.

    Raises:
        StartupError: somebody else has the port, or this user or machine cannot have it.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartupError(f"{host} is no address of this machine ({error.strerror}).") from error
    try:
        # Else a port stays refused for a minute after the connections of an earlier server.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def _refused(host: str, port: int, error: OSError) -> StartupError:
    match error.errno:
        case errno.EADDRINUSE:
            return StartupError(f"Port {port} is in use: stop what uses it, or choose another one with --port.")
        case errno.EACCES | errno.EPERM:
            return StartupError(f"This user may not use port {port}: choose one from 1024 on with --port.")
    return StartupError(f"The server cannot listen on {host}, port {port}: {error.strerror}.")


def url_of(listener: socket.socket) -> str:
    """Where a client on this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def settle() -> None:
    """Let the collector pass over what stays: the schema's hundreds of thousands of objects, at every request.

    Answers make many objects that live briefly and in no circles, so that it may also wait longer for them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def make_room(connections: int) -> None:
    """Let this process have as many files open as there may be connections, as far as the system lets it."""
    if sys.platform == "win32":
        return
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def serve(app: Starlette, settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until a signal asks to end, and drain: requests that are under way are answered."""
    host, port = listener.getsockname()[:2]
    make_room(settings.max_connections)
    settle()
    try:
        AnnouncedServer(uvicorn.Config(app, **options(settings)), announce).run([listener])
    except KeyboardInterrupt:
        # The server has drained and raises the signal again for whoever called it: for us this is the good end.
        return
    except OSError as error:
        # Two sockets may have one address as long as neither listens: somebody was faster.
        if error.errno != errno.EADDRINUSE:
            raise
        raise _refused(host, port, error) from error


def serve_with_workers(factory: str, settings: Settings, listener: socket.socket) -> int:
    """Serve with several processes that share the socket; the exit code."""
    config = uvicorn.Config(factory, factory=True, workers=settings.workers, **options(settings))
    listener.listen(config.backlog)
    listener.set_inheritable(True)
    Multiprocess(config, sockets=[listener]).run()
    return 0


def options(settings: Settings) -> dict[str, Any]:
    return {
        "loop": "asyncio" if sys.platform == "win32" else "uvloop",
        "http": BoundedProtocol,
        "ws": SocketProtocol,
        "ws_max_size": settings.max_message_bytes,
        "ws_ping_interval": settings.ping_interval_s,
        "ws_ping_timeout": settings.ping_interval_s,
        "ws_per_message_deflate": False,  # memory for each connection, and work for each message
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # or whoever tries tokens says where each comes from, and no brake holds
        "log_config": None,
        "timeout_graceful_shutdown": DRAIN_TIMEOUT_S,
        "timeout_worker_healthcheck": WORKER_START_S,
    }
