"""`kpi-server recompute` and `kpi-server work`, on values of a bakery that a system records."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal

from kpi_server.domain.recording import Sent
from kpi_server.services.recording import Call, Sender, record
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from kpi_server.store.organizations import id_of
from tests.acceptance.conftest import PATIENCE_S

SHOP = """\
organization: {slug: shop, source: "menu:1", name: Shop, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu}
kpis:
  - {key: customer.churn, source: "menu:2", name: Churn}
"""
HERE = id_of("shop")


def _tell(address, registry, lost):
    async def telling(database):
        stated = {"opening_customers": 100, "customers_lost": lost}
        sent = [Sent(None, "2026-01", Decimal(value), measure=f"customer.{key}") for key, value in stated.items()]
        call = Call(sent, True, None, datetime(2026, 3, 1, tzinfo=UTC))
        assert (await record(database, registry, Sender(HERE, 1, "till", "till"), call)).faults == ()

    _with(address, telling)


def _kept(address):
    """The value that stands, and how many are to be calculated."""

    async def reading(database):
        async with database.read([HERE]) as connection:
            return (
                await connection.fetchval("select value from computed_values where ended_in is null"),
                await connection.fetchval("select count(*) from dirty_cells"),
            )

    return _with(address, reading)


def _with(address, asking):
    async def asked():
        database = await open_database(address, revision=NEWEST, connections=2)
        try:
            return await asking(database)
        finally:
            await database.close()

    return asyncio.run(asked())


def test_values_are_calculated_now_or_as_they_are_recorded(command, addresses, registry, tmp_path):
    server = addresses.server
    (tmp_path / "all.yaml").write_text(SHOP, encoding="utf-8")
    assert command("seed", tmp_path, DATABASE_URL=server).returncode == 0
    _tell(server, registry, 5)
    assert _kept(server) == (None, 1)
    answer = command("recompute", "shop", "--json", DATABASE_URL=server)
    assert json.loads(answer.stdout) == {"shop": {"cells": 1, "done": 1, "changed": 1}}
    assert _kept(server) == (Decimal("0.05"), 0)
    assert command("recompute", "--all", DATABASE_URL=server).stdout == "shop: 1 calculated, 0 changed\n"
    unknown = command("recompute", "pub", DATABASE_URL=server)
    assert (unknown.returncode, unknown.stderr) == (1, "there is no organization 'pub'; there are shop\n")

    worker = subprocess.Popen(
        [sys.executable, "-m", "kpi_server", "work"], stderr=subprocess.PIPE, env={"DATABASE_URL": server}
    )
    try:
        assert b"Calculating what is recorded in 127.0.0.1" in worker.stderr.readline()
        _tell(server, registry, 7)
        deadline = time.monotonic() + PATIENCE_S
        while _kept(server) != (Decimal("0.07"), 0):
            assert time.monotonic() < deadline
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_S) == 0
        worker.stderr.close()
