"""The documented consumer keeps its table in step, whatever is killed meanwhile: itself, the server, PostgreSQL."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from decimal import Decimal

import duckdb
import pytest

from tests.shop import Cell, eventually, told_last

PAGE = "consumer.md"


@pytest.fixture(scope="module")
def program(repository, tmp_path_factory):
    """The page's block as a file."""
    page = (repository / "docs" / PAGE).read_text("utf-8")
    file = tmp_path_factory.mktemp("consumer") / "consumer.py"
    (text,) = re.findall(r'^```python title="consumer.py"\n(.*?)^```$', page, re.MULTILINE | re.DOTALL)
    file.write_text(text, encoding="utf-8")
    return file


class Consumer:
    """The program with a file of its own, started and killed again."""

    def __init__(self, program, serving, file, *words):
        self._command = [sys.executable, program, serving.url, "shop", file, *words]
        self._environment = {**os.environ, "KPI_TOKEN": serving.shop.reader}
        self._file = file
        self._process = None
        self._thread = None
        self._reached = 0
        self.beginnings = 0

    def start(self):
        self._process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def kill(self):
        """Without a chance to tidy up."""
        self._process.kill()
        self._process.wait(60)
        self._thread.join(60)

    def has_reached(self, revision):
        assert self._process.poll() is None
        return self._reached >= revision

    def _read(self):
        with self._process.stdout as lines:
            for line in lines:
                self._reached = int(line.rpartition(" ")[2])
                self.beginnings += line.startswith("as of")

    def values(self):
        rows = self.rows("select key, segment, period, calculated, exact from kpi_values")
        return {Cell(*cell): None if value is None else Decimal(value) for *cell, value in rows}

    def rows(self, query):
        with duckdb.connect(self._file) as table:
            return table.execute(query).fetchall()


def is_in_step(consumer, shop):
    last = told_last(shop)
    eventually(lambda: consumer.has_reached(last), f"it does not reach write {last}")


def has_begun(consumer):
    eventually(lambda: consumer.has_reached(1), "it does not begin")


def calculated(consumer, shop):
    """The calculated values of its table, which are those that stand: by months of the whole."""
    kept = {cell: value for cell, value in consumer.values().items() if cell.calculated}
    standing = asyncio.run(shop.standing())
    assert kept == {
        cell: value for cell, value in standing.items() if cell.calculated and cell.segment == "" and value is not None
    }
    return kept


def test_its_table_is_what_stands_whatever_is_killed(program, shop, serving, tmp_path):
    consumers = [
        Consumer(program, serving, tmp_path / "streamed.duckdb"),
        Consumer(program, serving, tmp_path / "polled.duckdb", "--poll"),
    ]

    def are_in_step():
        for consumer in consumers:
            is_in_step(consumer, shop)

    def each(act):
        for consumer in consumers:
            act(consumer)

    each(Consumer.start)
    each(has_begun)
    serving.record(("opening_customers", "", "2026-01", 100), ("customers_lost", "", "2026-01", 3))
    are_in_step()
    each(Consumer.kill)

    serving.record(("customers_lost", "", "2026-01", 4), ("customers_lost", "plan=pro", "2026-01", 1))
    serving.retract("customers_lost", "plan=pro", "2026-01")
    each(Consumer.start)
    are_in_step()

    serving.stop()
    serving.start()
    serving.record(("customers_lost", "", "2026-01", 5))
    are_in_step()

    shop.kill_postgres()
    serving.record(("customers_lost", "", "2026-01", 6), ("opening_customers", "", "2026-02", 50))
    are_in_step()
    each(Consumer.kill)

    standing = asyncio.run(shop.standing())
    assert standing[Cell("customer.churn", "", "2026-01", True)] == Decimal("0.06")  # 6 of 100
    assert Cell("customer.customers_lost", "plan=pro", "2026-01", False) not in standing
    told = asyncio.run(shop.told())
    for consumer in consumers:
        assert consumer.values() == standing
        kept = consumer.rows("select key, segment, period, calculated, revision, exact, gone from revisions")
        assert len(kept) == len(told)
        assert {
            (Cell(*cell), revision): (None if value is None else Decimal(value), gone)
            for *cell, revision, value, gone in kept
        } == told


def test_it_begins_with_what_stands(program, shop, serving, tmp_path):
    serving.record(("opening_customers", "", "2026-03", 200), ("customers_lost", "", "2026-03", 9))
    told_last(shop)
    consumer = Consumer(program, serving, tmp_path / "kpis.duckdb")
    consumer.start()
    has_begun(consumer)
    serving.record(("customers_lost", "", "2026-03", 8))
    is_in_step(consumer, shop)
    consumer.kill()
    churn = calculated(consumer, shop)
    assert churn[Cell("customer.churn", "", "2026-03", True)] == Decimal("0.04")  # 8 of 200


@pytest.mark.parametrize("words", [(), ("--poll",)], ids=["streamed", "polled"])
def test_it_begins_again_where_its_cursor_has_expired(program, shop, serving, tmp_path, words):
    serving.record(("opening_customers", "", "2026-04", 100), ("customers_lost", "", "2026-04", 7))
    told_last(shop)
    consumer = Consumer(program, serving, tmp_path / "kpis.duckdb", *words)
    consumer.start()
    has_begun(consumer)
    asyncio.run(shop.begin_epoch())
    serving.record(("customers_lost", "", "2026-04", 8))
    is_in_step(consumer, shop)
    serving.record(("customers_lost", "", "2026-04", 9))
    is_in_step(consumer, shop)
    consumer.kill()
    assert consumer.beginnings == 2
    assert calculated(consumer, shop)[Cell("customer.churn", "", "2026-04", True)] == Decimal("0.09")  # 9 of 100
