"""A time limit ends what takes too long, each at its own time, and takes nobody else's cancellation for its own."""

import asyncio

import pytest

from kpi_server.api.time_limit import TimeLimit


async def never():
    await asyncio.Event().wait()


async def test_a_block_that_takes_too_long_is_ended():
    block = TimeLimit(0.01).block()
    with pytest.raises(TimeoutError), block:
        await never()
    assert block.is_over
    assert asyncio.current_task().cancelling() == 0


async def test_every_block_has_a_time_of_its_own():
    """The timer of the first, which ends at once, serves those that begin after it too."""
    limit = TimeLimit(0.02)

    async def is_over(work):
        block = limit.block()
        try:
            with block:
                await work
        except TimeoutError:
            assert block.is_over
        return block.is_over

    work = [asyncio.sleep(0), never(), asyncio.sleep(0), never()]
    assert await asyncio.gather(*map(is_over, work)) == [False, True, False, True]
    assert await is_over(never())


async def test_whoever_is_cancelled_by_others_is_cancelled():
    block, began = TimeLimit(60).block(), asyncio.Event()

    async def work():
        with block:
            began.set()
            await never()

    task = asyncio.create_task(work())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not block.is_over


async def test_whoever_is_cancelled_by_others_as_well_is_cancelled():
    block = TimeLimit(0.01).block()

    async def work():
        with block:
            try:
                await never()
            finally:
                task.cancel()

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert block.is_over


async def test_an_error_in_place_of_the_cancellation_stays_what_it_is():
    block = TimeLimit(0.01).block()

    async def interrupted():
        try:
            await never()
        except asyncio.CancelledError:
            raise ValueError("interrupted") from None

    with pytest.raises(ValueError, match="interrupted"), block:
        await interrupted()
    assert block.is_over
    assert asyncio.current_task().cancelling() == 0
