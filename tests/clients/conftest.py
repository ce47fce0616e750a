"""Clients as their users have them, against the demo's server: its own process, real HTTP, the documents' facts."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.packages import Project, install, major
from kpi_server.store.embedded import erase
from tests.shop import Serving, Shop, new_shop

ROOT = Path(__file__).parents[2]
NODE_PROJECT = Path(__file__).parent / "node"
PAGE = ROOT / "docs" / "clients.md"
OLDEST_NODE = 20
PATIENCE_S = 120
FOREIGN = ("DATABASE_", "KPI_")  # a developer's own settings are none of the test's


@dataclass(frozen=True)
class Served:
    """A server with the documents' facts, a token that opens all of them, and what the server writes to its log."""

    url: str
    token: str
    log: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo, for as long as the run's clients ask it."""
    directory = tmp_path_factory.mktemp("server")
    log, data = directory / "log", directory / "data"
    words = [sys.executable, "-m", "kpi_server", "demo", "--json", "--port", "0", "--data", str(data)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    with log.open("w") as stderr:
        process = subprocess.Popen(words, text=True, stdout=subprocess.PIPE, stderr=stderr, env=environment)
    try:
        yield _ready(process, log)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
        erase(data)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An empty shop whose database may be killed, a file's tests' own."""
    folder = tmp_path_factory.mktemp("shop")
    with new_shop(folder) as opened:
        asyncio.run(opened.furnish(folder))
        yield opened


@pytest.fixture(scope="module")
def serving(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server on it."""
    served = Serving(shop, tmp_path_factory.mktemp("serving") / "log")
    served.start()
    yield served
    served.stop()


def _ready(process: subprocess.Popen[str], log: Path) -> Served:
    guard = threading.Timer(PATIENCE_S, process.kill)
    guard.start()
    line = process.stdout.readline() if process.stdout else ""
    guard.cancel()
    assert line, f"the server ended instead: {log.read_text('utf-8')}"
    ready = json.loads(line)
    return Served(ready["url"], ready["tokens"]["EXECUTIVE"], log)


@pytest.fixture(scope="session")
def blocks() -> dict[str, str]:
    """The files of the documentation's page, by name."""
    found = re.finditer(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return {match[1]: match[2] for match in found}


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, blocks: dict[str, str]) -> Path:
    """A project with the page's files, the scenarios that use them, and the packages that they import.

    Skips the test where there is no Node or no npm registry.
    """
    packages = asyncio.run(_packages())
    directory = tmp_path_factory.mktemp("project")
    shutil.copytree(NODE_PROJECT, directory, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    for name, text in blocks.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "node_modules").symlink_to(packages / "node_modules")
    (directory / "schema").symlink_to(ROOT / "schema")
    return directory


async def _packages() -> Path:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip(f"no node with npm on this machine: the clients need {OLDEST_NODE} or newer")
    version = await major(node)
    if version < OLDEST_NODE:
        pytest.skip(f"node is {version}: the clients need {OLDEST_NODE} or newer")
    project = Project("clients", NODE_PROJECT)
    problem = await install(npm, project)
    if problem is not None:
        pytest.skip(f"npm cannot install the clients ({problem})")
    return project.home()


Tool = Callable[..., str]


@pytest.fixture(scope="session")
def tool(workspace: Path) -> Tool:
    """Runs a program of the project to its end; what it printed."""

    def run(program: str, *arguments: str) -> str:
        words = ["node", program] if program.endswith(".js") else [str(workspace / "node_modules" / ".bin" / program)]
        done = subprocess.run(
            [*words, *arguments], cwd=workspace, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
        assert done.returncode == 0, f"{program} {arguments}: {done.stdout[-4000:]} {done.stderr[-4000:]}"
        return done.stdout

    return run


@dataclass(frozen=True)
class Played:
    """What a scenario returned, the requests that it sent, and what its client warned of."""

    result: Any
    requests: list[dict[str, Any]]
    warnings: list[str]


Play = Callable[[str, str], Played]


@pytest.fixture(scope="session")
def play(tool: Tool, server: Served) -> Play:
    """Plays a scenario of a module against the server."""

    def run(module: str, scenario: str) -> Played:
        return Played(**json.loads(tool("run.js", module, scenario, server.url, server.token)))

    return run


@pytest.fixture(scope="session")
def relay(tool: Tool, play: Play) -> Play:
    """The same for Relay, whose documents are compiled first."""
    tool("relay-compiler", "--output", "quiet-with-errors")
    tool("build.js")
    return play


@pytest.fixture(scope="session")
def typed(tool: Tool, play: Play) -> Play:
    """The same for TypeScript, whose types are generated and checked first."""
    tool("graphql-codegen", "--config", "codegen.yml")
    tool("tsc", "--strict")
    return play
