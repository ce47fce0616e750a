"""One PostgreSQL server process: made, started, found again and stopped."""

import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from kpi_server.errors import PostgresUnavailable
from kpi_server.store.embedded.account import Account
from kpi_server.store.embedded.binaries import Binaries
from kpi_server.store.embedded.home import Home
from kpi_server.store.embedded.signals import undisturbed

HOST = "127.0.0.1"
START_TIMEOUT_S = 300  # replaying the log of a server that was killed in the middle of a large load takes a while
STOP_TIMEOUT_S = 60
POLL_S = 0.005
ANSWER_TIMEOUT_S = 5
ENCRYPTION_REQUEST = struct.pack("!ii", 8, 80877103)  # the protocol's SSLRequest: its length and its code
BUILTIN_LOCALE_SINCE = 17
# Nothing of the caller's environment: PGDATA, PGOPTIONS or a foreign locale would change what the server is.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
SETTINGS = (
    f"listen_addresses={HOST}",
    "unix_socket_directories=",
    "max_connections=200",
    "timezone=UTC",
    "log_timezone=UTC",
)
# For data that may be lost with the machine. Commits still wait for the kernel (synchronous_commit stays on), so that a
# killed server loses nothing even so; without fsync that wait costs next to nothing.
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


@dataclass(frozen=True)
class Server:
    """A running postmaster, as its own pid file describes it."""

    pid: int
    port: int
    state: str


def make_cluster(home: Home, *, binaries: Binaries, account: Account, durable: bool) -> None:
    """Create the cluster aside and move it into place whole, so that a killed attempt leaves nothing half made."""
    fresh = Path(tempfile.mkdtemp(prefix="cluster.new-", dir=home.path))
    account.own(fresh)
    provider = ["--locale-provider=builtin"] if binaries.major >= BUILTIN_LOCALE_SINCE else []
    options = ["--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums", "--auth=scram-sha-256", "--username=postgres"]
    secret = _password_file(home, account)
    arguments = [binaries.program("initdb"), f"--pgdata={fresh}", f"--pwfile={secret}", *provider, *options]
    process = None
    try:
        with undisturbed():
            process = _spawn([*arguments, *([] if durable else ["--no-sync"])], account=account, log=home.log)
        succeeded = process.wait() == 0
    except BaseException:
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)  # the servers too that it starts
            process.wait()
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if not succeeded:
        shutil.rmtree(fresh, ignore_errors=True)
        raise PostgresUnavailable(f"PostgreSQL could not create a cluster in {home.path}: {_last_words(home.log)}")
    fresh.rename(home.cluster)


def running(home: Home) -> Server | None:
    """The server that runs on this cluster, whoever started it, or None."""
    server = _described(home)
    if server is None or not _is_alive(server.pid):
        return None
    return server if _serves(server.pid, home.cluster) else None


def start(home: Home, *, binaries: Binaries, account: Account, durable: bool) -> Server:
    """Start the server and wait until it answers.

    Raises:
        PostgresUnavailable: it ended instead, with its last words, or is not ready after `START_TIMEOUT_S`.
    """
    _refuse_other_major(home, binaries)
    was_killed = _forget_foreign_pid(home)
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        port = _free_port(home)
        server = _launched(home, binaries=binaries, account=account, port=port, durable=durable, deadline=deadline)
        if server is not None:
            home.port.unlink(missing_ok=True)  # root may replace a plain user's file, and the other way round
            home.port.write_text(str(server.port), encoding="utf-8")
            return server
        # A killed server's children let go of its shared memory a moment after it; and a port may be taken between
        # the look and the start. Neither is there at the next try.
        if not (was_killed or _is_taken(port)) or time.monotonic() > deadline:
            raise PostgresUnavailable(f"PostgreSQL did not start in {home.path}: {_last_words(home.log)}")
        time.sleep(POLL_S * 10)


def await_ready(home: Home, server: Server) -> Server | None:
    """The server once it answers, or None when it ended instead."""
    return _ready(home, server.pid, deadline=time.monotonic() + START_TIMEOUT_S)


def stop(home: Home, server: Server) -> None:
    """End the server, first by asking it to finish, then without its clean-up: the next start recovers."""
    for order in (signal.SIGINT, signal.SIGQUIT):
        try:
            os.kill(server.pid, order)
        except ProcessLookupError:
            return
        if _ends(server.pid, within_s=STOP_TIMEOUT_S):
            return
    raise PostgresUnavailable(
        f"The PostgreSQL server with process id {server.pid} in {home.path} does not end: end it by hand."
    )


def _launched(
    home: Home, *, binaries: Binaries, account: Account, port: int, durable: bool, deadline: float
) -> Server | None:
    """As `_ready`, and when the wait is given up (Ctrl-C, too slow) our server does not stay behind."""
    pid = None
    try:
        with undisturbed():
            pid = _launch(home, binaries=binaries, account=account, port=port, durable=durable)
        return _ready(home, pid, deadline=deadline)
    except BaseException:
        if pid is not None:
            _end_at_once(pid)
        raise


def _end_at_once(pid: int) -> None:
    """End a server without its clean-up; one that has just begun does not hear the first time."""
    for _ in range(STOP_TIMEOUT_S):
        if not _is_alive(pid):
            return
        os.kill(pid, signal.SIGQUIT)
        _ends(pid, within_s=1)


def _launch(home: Home, *, binaries: Binaries, account: Account, port: int, durable: bool) -> int:
    settings = (*SETTINGS, f"port={port}", *(() if durable else NOT_DURABLE))
    options = [part for setting in settings for part in ("-c", setting)]
    if home.log.exists():
        home.log.replace(home.log.with_suffix(".log.1"))
    process = _spawn([binaries.program("postgres"), "-D", str(home.cluster), *options], account=account, log=home.log)
    # It may outlive this object and this process, and whoever is last waits for it by its id.
    process.returncode = 0
    return process.pid


def _spawn(arguments: list[str], *, account: Account, log: Path) -> subprocess.Popen[bytes]:
    try:
        with open(log, "ab", opener=_private) as output:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=ENVIRONMENT,
                # Ctrl-C in the terminal would otherwise kill it before our own clean-up.
                start_new_session=True,
                umask=0o077,
                user=account.uid if account.switch else None,
                group=account.gid if account.switch else None,
                extra_groups=[] if account.switch else None,
            )
    except OSError as error:
        place = error.filename or arguments[0]
        raise PostgresUnavailable(
            f"PostgreSQL cannot be run as the user {account.name} ({place}: {error.strerror})."
        ) from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _ready(home: Home, pid: int, *, deadline: float) -> Server | None:
    """The server `pid` as soon as its own pid file says that it answers, or None when it ended."""
    while time.monotonic() < deadline:
        server = _described(home)
        # A pid file left by an earlier server says "ready" too: only our process id counts.
        if server is not None and server.pid == pid and server.state == "ready" and _answers(server.port):
            return server
        if not _is_alive(pid):
            return None
        time.sleep(POLL_S)
    raise PostgresUnavailable(
        f"PostgreSQL in {home.path} is not ready after {START_TIMEOUT_S} s; its log is {home.log}."
    )


def _answers(port: int) -> bool:
    """Whether a server says yes or no to the question for encryption; one that is being killed says nothing."""
    try:
        with socket.create_connection((HOST, port), timeout=ANSWER_TIMEOUT_S) as connection:
            connection.sendall(ENCRYPTION_REQUEST)
            return connection.recv(1) in (b"N", b"S")
    except OSError:
        return False


def _described(home: Home) -> Server | None:
    """What the pid file says: process id, directory, start, port, socket, address, shared memory, state."""
    try:
        lines = (home.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    port = lines[3].strip() if len(lines) > 3 else ""
    state = lines[7].strip() if len(lines) > 7 else "starting"
    return Server(int(lines[0]), int(port or 0), state)


def _is_alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass  # somebody else's child, or an orphan
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """An ended process whose parent does not ask for it, such as a first process of a container that reaps nobody."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] == "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def _serves(pid: int, cluster: Path) -> bool:
    """Whether `pid` is this cluster's server and not a stranger that got its number after a reboot.

    The command line is readable for everybody, unlike the working directory of another user's process.
    """
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        listed = subprocess.run(["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, check=False)
        words = listed.stdout.split()
    return os.fsencode(cluster) in words


def _forget_foreign_pid(home: Home) -> bool:
    """Whether a server was killed here; a pid file with a number that a stranger has now would stop the next one."""
    left = _described(home)
    if left is not None and _is_alive(left.pid):
        (home.cluster / "postmaster.pid").unlink()
    return left is not None


def _refuse_other_major(home: Home, binaries: Binaries) -> None:
    written_by = (home.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if written_by != str(binaries.major):
        raise PostgresUnavailable(
            f"The data in {home.path} was written by PostgreSQL {written_by}, but the programs found are of "
            f"{binaries.major}: use programs of that version, or another data directory."
        )


def _free_port(home: Home) -> int:
    """The port this cluster had last time if it is free, so that noted addresses stay valid; else any free one."""
    remembered = home.port.read_text(encoding="utf-8").strip() if home.port.exists() else ""
    if remembered.isdigit() and not _is_taken(int(remembered)):
        return int(remembered)
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _password_file(home: Home, account: Account) -> Path:
    descriptor = os.open(home.password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(24))
    account.own(home.password)
    return home.password


def _ends(pid: int, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not _is_alive(pid):
            return True
        time.sleep(POLL_S)
    return False


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return f"{(fatal or lines or ['it said nothing'])[-1].strip()} (all of it: {log})"
