"""Projects from npm: installed on demand beside the user's other caches, with the versions of their lock files."""

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INSTALL_S: Final = 600.0


@dataclass(frozen=True)
class Project:
    """A folder with `package.json` and its lock file, and the files that belong beside `node_modules`."""

    name: str
    folder: Path
    files: tuple[str, ...] = ("package.json", "package-lock.json")

    def home(self) -> Path:
        """A directory of its own for these files: changed ones are installed anew."""
        digest = hashlib.sha256(b"".join((self.folder / name).read_bytes() for name in self.files)).hexdigest()[:12]
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cache / "kpi-server" / f"{self.name}-{digest}"


async def install(npm: str, project: Project) -> str | None:
    """The last words of an installation that failed; None when the project is there."""
    home = project.home()
    try:
        with _alone(home):
            return await _installed(npm, project, home)
    except OSError as error:
        return str(error)


def major_of(version: str) -> int:
    """The major version that `node --version` printed, 0 where it printed none.

    >>> major_of("v22.11.0"), major_of("")
    (22, 0)
    """
    found = re.match(r"v([0-9]+)\.", version)
    return int(found[1]) if found else 0


async def major(node: str) -> int:
    """The major version of a node, 0 for what is none."""
    return major_of((await heard([node, "--version"], Path.cwd()))[1])


async def heard(command: list[str], directory: Path) -> tuple[int, str]:
    """The exit code and the last line of a tool that is given ten minutes."""
    try:
        tool = await asyncio.create_subprocess_exec(
            *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except OSError as error:
        return 127, str(error)
    try:
        said, _ = await asyncio.wait_for(tool.communicate(), INSTALL_S)
    except TimeoutError:
        tool.kill()
        await tool.wait()
        return 124, "it took longer than ten minutes"
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return tool.returncode or 0, lines[-1] if lines else ""


async def _installed(npm: str, project: Project, home: Path) -> str | None:
    if (home / "installed").exists():
        return None
    for name in project.files:
        shutil.copyfile(project.folder / name, home / name)
    code, words = await heard([npm, "ci", "--no-audit", "--no-fund", "--omit=dev"], home)
    if code != 0:
        return words
    (home / "installed").touch()
    return None


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One installation at a time: test processes run side by side."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
