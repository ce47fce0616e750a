"""Clients follow the feed as the page says: killed, and resumed by cursor, they miss and repeat nothing."""

import asyncio
import json
import subprocess
import sys
import threading
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.server import serve

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


ENDS = ["TIMEOUT", "UNAVAILABLE", "FORBIDDEN"]
"""The errors with which three streams end, one after the other, each behind one batch."""


@pytest.fixture
async def failing():
    """The address of a server whose streams end with those errors, and the cursors that it was asked from."""
    asked = []

    async def handle(socket):
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "connection_init":
                await socket.send('{"type": "connection_ack"}')
            elif message["type"] == "subscribe":
                asked.append(message["payload"]["variables"]["after"])
                batch = {"changes": {"events": [], "cursor": str(len(asked)), "caughtUp": True}}
                await socket.send(json.dumps({"id": message["id"], "type": "next", "payload": {"data": batch}}))
                error = {"message": "It ends.", "extensions": {"code": ENDS[len(asked) - 1]}}
                await socket.send(json.dumps({"id": message["id"], "type": "error", "payload": [error]}))

    async with serve(handle, "127.0.0.1", 0, subprotocols=["graphql-transport-ws"]) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", asked


async def comes_back(words, folder, asked):
    """It comes back from its last cursor when the server cannot read for the moment, and ends when it is refused."""
    process = await asyncio.create_subprocess_exec(*words, cwd=folder, stdout=PIPE, stderr=PIPE)
    printed, told = await asyncio.wait_for(process.communicate(), 60)
    assert [json.loads(line)["cursor"] for line in printed.splitlines()] == ["1", "2", "3"]
    assert asked == ["0", "1", "2"]
    assert process.returncode != 0
    assert b"It ends." in told


@pytest.mark.parametrize("way", ["graphqlWs", "apollo", "urql"])
async def test_a_client_in_javascript_comes_back_when_the_server_cannot_read(workspace, failing, way):
    url, asked = failing
    await comes_back(["node", "with_following.js", way, url, "token", "0"], workspace, asked)


async def test_gql_in_python_comes_back_when_the_server_cannot_read(blocks, failing, tmp_path):
    url, asked = failing
    (tmp_path / "follow.py").write_text(blocks["follow.py"], encoding="utf-8")
    await comes_back([sys.executable, HERE / "with_gql.py", tmp_path, url, "token", "0"], tmp_path, asked)
