"""Rounds in the background: one after the other whatever becomes of them, and none once they are to end."""

import asyncio
import logging
from contextlib import suppress

import pytest

from kpi_server.store import background
from kpi_server.store.background import keep_on

LOG = logging.getLogger("kpi_server.tests")


async def is_cancelled_after(event, work):
    """Whether rounds of this work end cancelled, when they are told to after the event."""
    async with asyncio.timeout(30):
        task = asyncio.create_task(keep_on(work, pause_s=0, log=LOG, failure="It is tried again."))
        await event.wait()
        task.cancel()
        await asyncio.wait([task])
    return task.cancelled()


async def test_a_round_follows_one_that_failed_and_the_failure_is_told(caplog):
    rounds = []
    done = asyncio.Event()

    async def third_time_lucky():
        rounds.append(len(rounds))
        if len(rounds) == 3:
            done.set()
        if len(rounds) == 1:
            raise ConnectionError("away")
        return len(rounds) > 2

    assert await is_cancelled_after(done, third_time_lucky)
    told = [record.getMessage() for record in caplog.records if record.name == LOG.name]
    assert told == ["It is tried again."]


@pytest.mark.parametrize("error", [None, ConnectionError("the driver was interrupted")])
async def test_no_round_follows_one_in_which_a_cancellation_was_lost(error):
    begun = asyncio.Event()
    rounds = []

    async def loses_it():
        rounds.append(1)
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if error is not None:
                raise error from None
        return True

    assert await is_cancelled_after(begun, loses_it)
    assert rounds == [1]


async def test_a_task_that_lost_what_it_was_told_is_told_again(monkeypatch, caplog):
    monkeypatch.setattr(background, "AGAIN_S", 0)
    begun = asyncio.Event()

    async def deaf_at_first():
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async with asyncio.timeout(30):
        tasks = [asyncio.create_task(deaf_at_first(), name="deaf"), asyncio.create_task(asyncio.Event().wait())]
        await begun.wait()
        await background.end(tasks)
    assert all(task.cancelled() for task in tasks)
    assert "deaf goes on, and is told again to end." in [record.getMessage() for record in caplog.records]
