"""Documents: each is read once, what takes long is read while others go on, and only so many are remembered."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api import documents
from kpi_server.api.documents import LONG, RequestRefused
from kpi_server.api.graph import build_graph
from kpi_server.api.memory import Memory
from kpi_server.api.operations import Operations
from kpi_server.settings import Settings


@strawberry.type
class Query:
    hello: str


SCHEMA = strawberry.Schema(Query)
LONG_VALID = "{hello}" + " " * LONG
LONG_INVALID = "{bye}" + " " * LONG


def operations(**settings):
    return Operations(build_graph(SCHEMA), Settings(_env_file=None, **settings))


def codes(made, text):
    """What is said of a document; nothing where it is valid."""
    try:
        made.of(text, {}, None, allow_mutation=False)
    except RequestRefused as refused:
        return [error["extensions"]["code"] for error in refused.errors]
    return []


@pytest.fixture
def reading(monkeypatch):
    """Notes what is read, and lets a long document wait until it is released."""

    texts, began, released, parse_within = [], threading.Event(), threading.Event(), documents.parse_within

    def noted(text, limits):
        texts.append(text.strip())
        if len(text) > LONG:
            began.set()
            assert released.wait(20)
        return parse_within(text, limits)

    monkeypatch.setattr(documents, "parse_within", noted)
    yield SimpleNamespace(texts=texts, began=began, released=released)
    released.set()


@pytest.mark.parametrize("text", [LONG_VALID, LONG_INVALID])
async def test_a_long_document_is_read_while_others_are(reading, text):
    made = operations()
    long = asyncio.create_task(made.read(text))
    assert await asyncio.to_thread(reading.began.wait, 20)
    await made.read("{bye }")
    assert codes(made, "{bye }") == ["GRAPHQL_VALIDATION_FAILED"]
    assert not long.done()
    reading.released.set()
    await long
    assert codes(made, text) == ([] if text == LONG_VALID else ["GRAPHQL_VALIDATION_FAILED"])
    await made.read(text)
    assert reading.texts == [text.strip(), "{bye }"]


async def test_whose_turn_does_not_come_in_time_is_told_to_ask_again(reading):
    made = operations(request_timeout_s=0.01)
    with pytest.raises(RequestRefused) as refused:
        await made.read(LONG_VALID)
    assert refused.value.errors[0]["extensions"]["code"] == "TIMEOUT"


def test_what_is_refused_is_read_once_and_said_every_time(reading):
    made = operations()
    assert [codes(made, "{") for _ in range(3)] == [["GRAPHQL_PARSE_FAILED"]] * 3
    assert reading.texts == ["{"]


@given(st.lists(st.text("ab", min_size=1, max_size=4)))
def test_a_memory_holds_the_texts_that_were_asked_for_last_up_to_its_size(texts):
    memory = Memory(8)
    for text in texts:
        if memory.of(text) is None:
            memory.keep(text, text.upper(), len(text))
    last = list(dict.fromkeys(reversed(texts)))
    fits = [text for place, text in enumerate(last) if place == 0 or sum(map(len, last[: place + 1])) <= 8]
    assert all(memory.of(text) == text.upper() for text in fits)
    assert sum(len(text) for text in set(texts) if text in memory) <= 8
