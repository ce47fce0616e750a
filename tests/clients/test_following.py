"""Clients follow the feed as the page says: killed, and resumed by cursor, they miss and repeat nothing."""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.shop import Cell, eventually, told_last

HERE = Path(__file__).parent
OF_VALUES = {"RECORDED", "CORRECTED", "RETRACTED", "RESTATED", "RECOMPUTED"}


class Following:
    """A client's process, and what came of all of them: each goes on where the one before was killed."""

    def __init__(self, words, folder, cursor):
        self._words = words
        self._folder = folder
        self._process = None
        self._thread = None
        self.cursor = cursor
        self.events = []

    def start(self):
        words = [*self._words, self.cursor]
        self._process = subprocess.Popen(words, cwd=self._folder, stdout=subprocess.PIPE, text=True)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def kill(self):
        """Without a chance to say goodbye."""
        self._process.kill()
        self._process.wait(60)
        self._thread.join(60)

    def has(self, revision):
        assert self._process.poll() is None
        return any(event["revision"] >= revision for event in self.events)

    def _read(self):
        with self._process.stdout as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return  # it was killed in the middle of it: its cursor does not count either
                batch = json.loads(line)
                self.events += [event for event in batch["events"] if event["kind"] in OF_VALUES]
                self.cursor = batch["cursor"]


@pytest.fixture
def cursor(serving):
    """The place in the feed before the test."""
    told_last(serving.shop)
    query = '{ organization(slug: "shop") { feed { cursor } } }'
    headers = {"Authorization": f"Bearer {serving.shop.reader}"}
    answer = httpx.post(f"{serving.url}/graphql", json={"query": query}, headers=headers, timeout=60).json()
    return answer["data"]["organization"]["feed"]["cursor"]


def misses_and_repeats_nothing(following, serving):
    shop = serving.shop

    def is_up_to_date():
        last = told_last(shop)
        eventually(lambda: following.has(last), f"it does not reach write {last}")

    before = asyncio.run(shop.told())
    following.start()
    try:
        serving.record(("opening_customers", "", "2026-01", 100), ("customers_lost", "", "2026-01", len(before) + 3))
        is_up_to_date()
        following.kill()
        serving.record(("customers_lost", "", "2026-01", len(before) + 4), ("customers_lost", "plan=pro", "2026-01", 1))
        serving.retract("customers_lost", "plan=pro", "2026-01")
        following.start()
        serving.record(("customers_lost", "", "2026-01", len(before) + 5))
        is_up_to_date()
    finally:
        following.kill()
    told = {place for place in asyncio.run(shop.told()) if place not in before}
    places = [(_cell(event), event["revision"]) for event in following.events]
    assert len(places) == len(told) >= 6
    assert set(places) == told
    assert [revision for _, revision in places] == sorted(revision for _, revision in places)


def _cell(event):
    return Cell(event["key"], event["segment"], event["period"], event["kind"] == "RECOMPUTED")


@pytest.mark.parametrize("way", ["graphqlWs", "graphqlSse", "apollo", "urql"])
def test_a_client_in_javascript(workspace, serving, cursor, way):
    words = ["node", "with_following.js", way, serving.url, serving.shop.reader]
    misses_and_repeats_nothing(Following(words, workspace, cursor), serving)


def test_gql_in_python(blocks, serving, cursor, tmp_path):
    (tmp_path / "follow.py").write_text(blocks["follow.py"], encoding="utf-8")
    words = [sys.executable, HERE / "with_gql.py", tmp_path, serving.url, serving.shop.reader]
    misses_and_repeats_nothing(Following(words, tmp_path, cursor), serving)
