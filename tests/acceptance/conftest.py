"""The program as its users run it: commands, processes, a real port, a data directory of the test's own."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from kpi_server.cli import main
from kpi_server.store.embedded import Cluster, erase, find_binaries

PATIENCE_S = 60
FOREIGN = ("DATABASE_", "KPI_", "PYTHONDONTWRITEBYTECODE")  # a developer's own settings are none of the test's

Environment = dict[str, str]
Command = Callable[..., subprocess.CompletedProcess[str]]


def _environment(given: Environment) -> Environment:
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return own | given


@pytest.fixture
def program() -> Command:
    """Runs a command of the program to its end, as a process of its own: where that is what a test is about."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "kpi_server", *map(str, arguments)]
        return subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=PATIENCE_S, env=_environment(environment)
        )

    return run


@pytest.fixture
def command() -> Command:
    """Runs a command from its entry point to its exit code in this process: a new one would import for seconds."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        words, stdout, stderr = ["kpi-server", *map(str, arguments)], io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            _as_it_was(),
            redirect_stdout(stdout),
            redirect_stderr(stderr),
        ):
            patch.setattr(os, "environ", _environment(environment))
            patch.setattr(sys, "argv", words)
            with pytest.raises(SystemExit) as ended:
                main()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), stdout.getvalue(), stderr.getvalue())

    return run


@contextmanager
def _as_it_was() -> Iterator[None]:
    """What a command changes in its process is put back: the answers to signals, and where log lines go."""
    logger = logging.getLogger("kpi_server")
    handlers, propagate = [*logger.handlers], logger.propagate
    answers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        logger.handlers[:], logger.propagate = handlers, propagate
        for number, answer in answers.items():
            signal.signal(number, answer)


@dataclass
class Running:
    """A server process that was told to run until it is stopped."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read_until(self, is_last: Callable[[str], bool], stream: str) -> str:
        """The line for which it says yes; what came before is in `lines`."""
        guard = threading.Timer(PATIENCE_S, self.process.kill)
        guard.start()
        try:
            for line in getattr(self.process, stream):
                self.lines.append(line.rstrip("\n"))
                if is_last(line):
                    return line
        finally:
            guard.cancel()
        raise AssertionError(f"it ended instead: {self.lines} {self.process.communicate()}")

    def ready(self) -> dict[str, Any]:
        """What a demo prints as JSON when it is ready."""
        line: dict[str, Any] = json.loads(self.read_until(lambda _: True, "stdout"))
        return line

    def stop(self, number: signal.Signals) -> tuple[int, str]:
        """The exit code and what was still printed on stdout."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, rest


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start the program; whatever still runs when the test ends is asked to end.

    It hears a closed terminal even where the tests do not (nohup).
    """
    started: list[subprocess.Popen[str]] = []
    hears = signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def start_one(*arguments: str | Path, **environment: str) -> Running:
        words = [sys.executable, "-m", "kpi_server", *map(str, arguments)]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(words, text=True, env=_environment(environment), **pipes))
        return Running(started[-1])

    yield start_one
    signal.signal(signal.SIGHUP, hears)
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory for an embedded database, shared by a file's tests and gone with them."""
    directory = tmp_path_factory.mktemp("demo") / "data"
    yield directory
    erase(directory)


@pytest.fixture(scope="module")
def running_data(data: Path) -> Iterator[Path]:
    """The same with its PostgreSQL running: a file's commands find it, where each would start and stop it."""
    with Cluster.start(data, find_binaries(None), durable=False):
        yield data


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def ask() -> Callable[[str, str, str], httpx.Response]:
    """Sends a query over real HTTP."""

    def post(url: str, token: str, query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"}
        return httpx.post(f"{url}/graphql", json={"query": query}, headers=headers, timeout=PATIENCE_S)

    return post


@pytest.fixture(scope="session")
def processes_of() -> Callable[[str | Path], Sequence[int]]:
    """Finds the processes that have a directory, or what lies in it, in their command lines."""

    def find(directory: str | Path) -> Sequence[int]:
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if os.fsencode(directory) in entry.read_bytes():
                    found.append(int(entry.parent.name))
            except OSError:
                continue  # it has just ended
        return found

    return find
