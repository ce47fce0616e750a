"""Whoever asks shares an answer that was begun after they asked, and never an older one."""

import asyncio

import pytest

from kpi_server.api.sharing import Sharing


class Source:
    """Answers how often it was asked; each answer comes when it is let go."""

    def __init__(self):
        self.begun = 0
        self.gates = []

    async def ask(self):
        self.begun += 1
        number, gate = self.begun, asyncio.Event()
        self.gates.append(gate)
        await gate.wait()
        return number


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def ask(source):
    sharing = Sharing()

    def asked(question="one"):
        return asyncio.create_task(sharing.answer(question, source.ask))

    return asked


async def test_those_who_come_before_it_begins_share_one_answer(ask, source):
    asking = [ask() for _ in range(3)]
    await settle()
    source.gates[0].set()
    assert await asyncio.gather(*asking) == [1, 1, 1]
    assert source.begun == 1


async def test_those_who_come_while_one_is_answered_share_the_next(ask, source):
    early = ask()
    await settle()
    late = [ask() for _ in range(2)]
    await settle()
    assert source.begun == 1
    source.gates[0].set()
    assert await early == 1
    await settle()
    source.gates[1].set()
    assert await asyncio.gather(*late) == [2, 2]
    assert source.begun == 2


async def test_other_questions_are_asked_at_once(ask, source):
    asking = [ask("one"), ask("other")]
    await settle()
    assert source.begun == 2
    for gate in source.gates:
        gate.set()
    assert sorted(await asyncio.gather(*asking)) == [1, 2]


async def test_who_gives_up_takes_nothing_from_the_others(ask, source):
    gone, staying = ask(), ask()
    await settle()
    gone.cancel()
    source.gates[0].set()
    assert await staying == 1
    assert gone.cancelled()


async def test_an_error_is_everybodys_and_the_next_are_answered():
    sharing = Sharing()

    async def fail():
        raise LookupError

    async def find():
        return "found"

    failing = [asyncio.create_task(sharing.answer("one", fail)) for _ in range(2)]
    assert [type(error) for error in await asyncio.gather(*failing, return_exceptions=True)] == [LookupError] * 2
    assert await sharing.answer("one", find) == "found"
