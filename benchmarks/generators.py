"""Who puts the load on: wrk where it is installed, or else our own client; each in a process of its own."""

import asyncio
import base64
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

import orjson

from benchmarks.database import ROOT
from benchmarks.load import Load, Outcome
from benchmarks.processes import cpu_seconds
from benchmarks.recording import PLACE

OWN: Final = "own client"
WRK: Final = "wrk"
SHORTEST_S: Final = 1
"""wrk measures whole seconds."""
SETTLED_S: Final = 0.1
IDLE_SHARE: Final = 0.2
PATIENCE_S: Final = 30.0

_SCRIPT: Final = """
local file = io.open(os.getenv("BENCH_REQUEST"), "rb")
local bytes = file:read("*a")
file:close()
local number, place = tonumber(os.getenv("BENCH_NUMBER")), os.getenv("BENCH_PLACE")
request = function()
  if not number then return bytes end
  number = number + 1
  return (string.gsub(bytes, place, string.format("%013d", number)))
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"answers":%d,"bytes":%d,"microseconds":%d,"failed":%d,"p50_us":%.3f,"p99_us":%.3f}\\n',
    summary.requests, summary.bytes, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
"""


class LoadFailed(Exception):
    """The load generator itself did not work; the message holds its last words."""


def generator_of(seconds: float, *, path: str | None = None) -> str:
    """The name of the generator for loads of this length."""
    return WRK if seconds >= SHORTEST_S and shutil.which(WRK, path=path) else OWN


async def put_load(load: Load, *, server: int) -> Outcome:
    """Put load on a server and count; when this returns, the server process has nothing left to do.

    Raises:
        LoadFailed: the generator ended without a result.
    """
    if generator_of(load.seconds) == OWN:
        return await _by_own_client(load)
    outcome = await _by_wrk(load)
    await settled(server)
    return outcome


async def _by_own_client(load: Load) -> Outcome:
    printed = await _printed(sys.executable, "-m", "benchmarks.load", sent=orjson.dumps(asdict(load)))
    return Outcome(**orjson.loads(printed))


async def _by_wrk(load: Load) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="kpi-bench-") as scratch:
        script, request = _written(Path(scratch), load)
        amount = [
            f"--connections={load.connections}",
            f"--duration={round(load.seconds)}s",
            f"--timeout={round(PATIENCE_S)}s",  # or what takes two seconds is told as a failure
            f"--script={script}",
        ]
        url = f"http://127.0.0.1:{load.port}/"
        number = "" if load.number is None else str(load.number)
        command = (WRK, "--threads=1", *amount, url)
        printed = await _printed(*command, BENCH_REQUEST=str(request), BENCH_NUMBER=number, BENCH_PLACE=PLACE)
    return outcome_of(printed, load)


def _written(folder: Path, load: Load) -> tuple[Path, Path]:
    """The files of wrk's script and of the request that it sends."""
    script, request = folder / "load.lua", folder / "request"
    script.write_text(_SCRIPT, encoding="utf-8")
    request.write_bytes(base64.b64decode(load.request))
    return script, request


def outcome_of(printed: bytes, load: Load) -> Outcome:
    """What wrk's last line says.

    It tells failed statuses and how much it read, not each answer's length: where it read less than right answers are
    long, all count as wrong. It hangs up at the end; each connection's last request is work for the server as well.
    """
    said = orjson.loads(printed.strip().splitlines()[-1])
    answers: int = said["answers"]
    is_short = said["bytes"] < answers * load.expected
    return Outcome(
        answers=answers,
        finished=answers + load.connections,
        wrong=answers if is_short else said["failed"],
        seconds=said["microseconds"] / 1_000_000,
        p50_ms=said["p50_us"] / 1_000,
        p99_ms=said["p99_us"] / 1_000,
    )


async def _printed(*command: str, sent: bytes = b"", **environment: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complained = await process.communicate(sent)
    if process.returncode != 0 or not printed.strip():
        words = (complained or printed).decode("utf-8", "replace").strip()
        raise LoadFailed(f"{command[0]} ended with {process.returncode}: {words[-500:]}")
    return printed


async def settled(server: int) -> None:
    """Wait until a server has ended what it starts with, or what nobody waits for any more since it was hung up on."""
    deadline = time.monotonic() + PATIENCE_S
    spent = cpu_seconds(server)
    while spent is not None and time.monotonic() < deadline:
        await asyncio.sleep(SETTLED_S)
        now = cpu_seconds(server)
        if now is None or now - spent < SETTLED_S * IDLE_SHARE:
            return
        spent = now
