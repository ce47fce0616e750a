"""Where a cluster's files lie, and the two locks that decide who starts and who stops its server."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kpi_server.errors import StartupError
from kpi_server.store.embedded.account import Account, postgres_account

# Not /var/tmp first: systemd empties it of files that nobody touched for 30 days, and a KPI history may rest that long.
SHELTERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 - mkdtemp makes a new directory of our own there
POINTER = "location.txt"
NOTE = "PostgreSQL's user cannot reach the second directory, so its database lies in the first."


@dataclass(frozen=True)
class Home:
    """The directory of one cluster: PostgreSQL's own directory and our few files beside it."""

    path: Path

    @property
    def cluster(self) -> Path:
        return self.path / "cluster"

    @property
    def password(self) -> Path:
        return self.path / "password"

    @property
    def port(self) -> Path:
        return self.path / "port"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Held by whoever is starting, leaving or erasing; everybody else waits outside."""
        descriptor = _locked(self.path / "gate.lock")
        try:
            yield
        finally:
            os.close(descriptor)

    def join(self) -> int:
        """Count this caller among the users, until the descriptor is closed or the process ends, however it ends."""
        descriptor = _opened(self.path / "users.lock")
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def is_used(self) -> bool:
        """Whether anybody is counted among the users; ask with the gate held and after leaving."""
        descriptor = _opened(self.path / "users.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def clear(self) -> None:
        """Remove what we made and nothing else: the directory was chosen by the user and may hold other things."""
        for pattern in ("cluster", "cluster.new-*", "binaries-*"):
            for tree in self.path.glob(pattern):
                shutil.rmtree(tree)
        for name in ("password", "port", "server.log", "server.log.1", "users.lock", "gate.lock"):
            (self.path / name).unlink(missing_ok=True)


def settle(data: Path, *, durable: bool) -> tuple[Home, Account]:
    """The cluster's home for the directory the user chose, made if missing, and the user its server runs as.

    As root, the server's user may be unable to reach `data` (a checkout under a 0700 directory); the home then lies in
    a directory of its own elsewhere and `data` keeps a pointer to it.

    Raises:
        StartupError: a directory cannot be written or belongs to somebody else.
    """
    try:
        data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        return _settle(data.resolve(), durable=durable)
    except OSError as error:
        raise unwritable(data, error) from error


def located(data: Path) -> Home | None:
    """The home that exists for `data`, or None when no cluster was ever made there."""
    home = _pointed(data.resolve()) or data.resolve()
    return Home(home) if (home / "gate.lock").exists() else None


def forget(data: Path) -> None:
    """Remove the pointer to a home that was cleared, and that home's empty directory."""
    home = _pointed(data.resolve())
    if home is not None:
        home.rmdir()
    for name in (POINTER, "location.lock"):
        (data.resolve() / name).unlink(missing_ok=True)


def unwritable(data: Path, error: OSError) -> StartupError:
    place = error.filename or data
    return StartupError(
        f"The data directory {data} cannot be used ({place}: {error.strerror}): mend its rights or choose another one."
    )


def _settle(data: Path, *, durable: bool) -> tuple[Home, Account]:
    elsewhere = _pointed(data)
    if elsewhere is not None:
        _point(data, elsewhere)
        home = Home(elsewhere)
        return home, postgres_account(home.cluster)
    home = Home(data)
    account = postgres_account(home.cluster)
    if account.reaches(data):
        return home, account
    if home.cluster.exists():
        raise StartupError(
            f"The user {account.name}, who runs PostgreSQL, cannot reach {data}: open its parents (chmod o+x)."
        )
    return Home(_shelter(data, SHELTERS if durable else SHELTERS[::-1])), account


def _pointed(data: Path) -> Path | None:
    """The directory that the pointer in `data` names, unless `data` is a mere copy of the one it was written for."""
    lines = (data / POINTER).read_text(encoding="utf-8").splitlines() if (data / POINTER).is_file() else []
    if len(lines) < 2:
        return None
    home, origin = lines[:2]
    is_copy = origin != str(data) and (Path(origin) / POINTER).exists()
    return None if is_copy or not Path(home).is_dir() else Path(home)


def _shelter(data: Path, parents: Sequence[Path]) -> Path:
    """A new directory that every user can step into, with a pointer to it in `data`."""
    descriptor = _locked(data / "location.lock")
    try:
        made_meanwhile = _pointed(data)
        if made_meanwhile is not None:
            return made_meanwhile
        parent = next((path for path in parents if os.access(path, os.W_OK)), parents[-1])
        home = Path(tempfile.mkdtemp(prefix="kpi-server-", dir=parent))
        home.chmod(0o711)
        _point(data, home)
        return home
    finally:
        os.close(descriptor)


def _point(data: Path, home: Path) -> None:
    """Note where the data lies and for whom, unless that is what the note says: it goes along when `data` is moved."""
    note = f"{home}\n{data}\n{NOTE}\n"
    pointer = data / POINTER
    if not pointer.exists() or pointer.read_text(encoding="utf-8") != note:
        pointer.write_text(note, encoding="utf-8")


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _locked(path: Path) -> int:
    """Wait for the lock and make sure that its file was not erased while waiting."""
    while True:
        descriptor = _opened(path)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)
