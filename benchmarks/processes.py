"""Servers as processes of this run: started, waited for, measured and stopped; nobody else's are touched."""

import asyncio
import os
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from benchmarks.database import ROOT

START_S: Final = 120.0
STOP_S: Final = 30.0
POLL_S: Final = 0.1
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class NotStarted(Exception):
    """A server ended or did not listen in time; the message holds its last words."""


@dataclass
class Running:
    """A server that listens on `port`."""

    process: asyncio.subprocess.Process
    port: int
    words: IO[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    async def stop(self) -> None:
        """End it, by force where asking does not help."""
        if self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), STOP_S)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        self.words.close()


async def start(command: Sequence[str], environment: Mapping[str, str]) -> Running:
    """Start a server whose command holds `{port}`, and wait until it listens.

    Raises:
        NotStarted: it ended, or does not listen within two minutes.
    """
    port = free_port()
    words = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the server is stopped
    process = await asyncio.create_subprocess_exec(
        *[word.replace("{port}", str(port)) for word in command],
        cwd=ROOT,
        env={**_own_environment(), **environment, "PORT": str(port)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=words,
        stderr=words,
    )
    running = Running(process, port, words)
    deadline = time.monotonic() + START_S
    while not await _listens(port):
        if process.returncode is not None or time.monotonic() > deadline:
            words.seek(0)
            said = words.read().decode("utf-8", "replace").strip().splitlines()[-8:]
            await running.stop()
            raise NotStarted("\n".join([f"{command[0]} does not listen:", *said]))
        await asyncio.sleep(POLL_S)
    return running


def free_port() -> int:
    """A port of this machine that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _own_environment() -> dict[str, str]:
    """Ours without a developer's settings of the server."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KPI_", "DATABASE_"))}


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def cpu_seconds(root: int) -> float | None:
    """The CPU seconds of a process and of all that it started, ended ones too; None where there is no /proc."""
    ticks = [_ticks(stat) for stat in _stats(root)]
    return sum(ticks) / _TICKS if ticks else None


def memory_mib(root: int) -> float | None:
    """The proportional share of memory of a process and of all that it started, in MiB."""
    sizes = [_proportional_kib(int(stat[0])) for stat in _stats(root)]
    return sum(sizes) / 1024 if sizes else None


def _stats(root: int) -> list[list[str]]:
    """The fields of /proc/PID/stat, without the name, of a process and its descendants."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = path.read_text().rpartition(")")
        except OSError:
            continue  # it has ended meanwhile
        found[int(path.parent.name)] = [before.split(" ")[0], *after.split()]
    family = [root] if root in found else []
    for pid in family:
        family += [child for child, stat in found.items() if int(stat[2]) == pid]
    return [found[pid] for pid in family]


def _ticks(stat: Sequence[str]) -> int:
    """User and system time, its own and that of children that ended: fields 14 to 17; the file has the name as 2."""
    return sum(map(int, stat[12:16]))


def _proportional_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
