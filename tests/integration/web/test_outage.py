"""A database that goes away turns `ready` red and queries into masked errors; when it is back, so is everything."""

import asyncio
import os
import signal
from contextlib import contextmanager

import asyncpg
import pytest

from kpi_server.app import check_database
from kpi_server.errors import PostgresUnavailable, StartupError
from kpi_server.settings import Settings
from kpi_server.store.embedded import Cluster, find_binaries
from kpi_server.store.migrating import migrate
from kpi_server.store.migrations import NEWEST

IS_SLEEPING = "select exists (select from pg_stat_activity where pid = $1 and query = 'select pg_sleep(60)')"
GRAPHQL = {"Accept": "application/graphql-response+json"}


@pytest.fixture
async def fragile(tmp_path, serve):
    """A cluster that may be stopped, and a server on it that nobody has a token for."""
    cluster = Cluster.start(tmp_path / "cluster", find_binaries(None), durable=False)
    server = cluster.dsn("postgres").replace("postgres:", "kpi_server:", 1)
    await migrate(cluster.dsn(), server)
    yield cluster, server
    cluster.release()


@contextmanager
def started_again(cluster, folder):
    """The cluster that was stopped, at the same port."""
    with Cluster.start(folder / "cluster", find_binaries(None), durable=False) as back:
        assert back.port == cluster.port
        yield


async def test_ready_turns_red_and_green_again_with_the_database(fragile, serve, tmp_path):
    cluster, server = fragile
    async with serve(database_url=server) as web:
        assert (await web.get("/health/ready")).json() == {"status": "ready"}
        cluster.release()
        red = await web.get("/health/ready")
        live = await web.get("/health/live")
        token = {"Authorization": "Bearer kpi_" + "x" * 43}
        query = await web.post("/graphql", json={"query": "{hello}"}, headers={**GRAPHQL, **token})
        file = await web.post("/ingest?organization=a&source=b", content=b"", headers=token)
        with started_again(cluster, tmp_path):
            green = await web.get("/health/ready")
    assert (red.status_code, red.json()) == (503, {"status": "not ready", "reason": "The database does not answer."})
    assert live.status_code == 200
    for answer in (query, file):
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (503, "UNAVAILABLE")
        assert error["message"] == "The database does not answer at the moment; ask again later."
        assert len(error["extensions"]["id"]) == 16
    assert green.status_code == 200


async def test_a_frozen_database_turns_ready_red_within_its_patience(fragile, serve):
    cluster, server = fragile
    async with serve(database_url=server, database_connections=1) as web:
        assert (await web.get("/health/ready")).status_code == 200
        connection = await asyncpg.connect(cluster.dsn())
        backends = await connection.fetch("select pid from pg_stat_activity where usename = 'kpi_server'")
        await connection.close()
        for backend in backends:
            os.kill(backend["pid"], signal.SIGSTOP)
        try:
            red = [await web.get("/health/ready") for _ in range(2)]
        finally:
            for backend in backends:
                os.kill(backend["pid"], signal.SIGCONT)
        green = await web.get("/health/ready")
    assert [response.json().get("reason") for response in red] == ["The database does not answer within 1 s."] * 2
    assert green.status_code == 200


async def test_a_query_that_loses_its_connection_is_masked_and_the_next_one_answered(serve, token, premises, cluster):
    headers = {**GRAPHQL, "Authorization": f"Bearer {token}"}
    async with serve(database_connections=1) as web:
        backend = (await web.post("/graphql", json={"query": "{backend}"}, headers=headers)).json()["data"]["backend"]
        pending = asyncio.create_task(web.post("/graphql", json={"query": "{longStatement}"}, headers=headers))
        owner = await asyncpg.connect(cluster.dsn())
        async with asyncio.timeout(10):
            while not await owner.fetchval(IS_SLEEPING, backend):  # each look is a round trip, so the other task runs
                pass
        await owner.execute("select pg_terminate_backend($1)", backend)
        await owner.close()
        lost = await pending
        after = await web.post("/graphql", json={"query": "{organizations}"}, headers=headers)
    assert lost.status_code == 503
    assert lost.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert after.json()["data"] == {"organizations": ["acme"]}


async def test_ready_names_a_database_of_another_revision(database, addresses, serve):
    async with serve(database_url=addresses.server) as web:
        owner = await asyncpg.connect(addresses.owner)
        await owner.execute("update alembic_version set version_num = 'older'")
        await owner.close()
        response = await web.get("/health/ready")
    reason = f"The database is at revision older, this server needs {NEWEST}: run `kpi-server migrate`."
    assert (response.status_code, response.json()["reason"]) == (503, reason)


async def test_a_server_without_a_database_does_not_start(unused_tcp_port):
    nowhere = f"postgresql://kpi_server:secret@127.0.0.1:{unused_tcp_port}/kpi"
    with pytest.raises(PostgresUnavailable, match="No PostgreSQL answers at"):
        await check_database(Settings(database_url=nowhere))
    with pytest.raises(StartupError, match="Set DATABASE_URL"):
        await check_database(Settings(database_url=None))


async def test_a_worker_that_begins_while_the_database_is_away_serves_when_it_is_back(fragile, serve, tmp_path):
    cluster, server = fragile
    cluster.release()
    async with serve(database_url=server, checked=True) as web:
        red = await web.get("/health/ready")
        with started_again(cluster, tmp_path):
            green = await web.get("/health/ready")
    assert [red.status_code, green.status_code] == [503, 200]


async def test_a_server_with_a_database_may_start(addresses):
    await check_database(Settings(database_url=addresses.server))
