"""Connections are lent one at a time, last in first out, and whatever was interrupted goes back to the pool."""

import asyncio

import pytest

from kpi_server.store.lending import Lender


class Connection:
    def __init__(self, number):
        self.number = number
        self.closed = False

    def is_closed(self):
        return self.closed

    def is_in_transaction(self):
        return False


class Pool:
    """Makes connections, and notes what comes back; `slow` ones come back only when `end` is set."""

    def __init__(self, size):
        self.size = size
        self.made = 0
        self.back = []
        self.slow = None
        self.returned = asyncio.Event()
        self.closed = False

    def get_max_size(self):
        return self.size

    async def acquire(self):
        self.made += 1
        return Connection(self.made)

    async def release(self, connection):
        if self.slow is not None:
            await self.slow.wait()
        self.back.append(connection.number)
        self.returned.set()

    async def close(self):
        self.closed = True


async def test_the_connection_given_back_last_is_lent_first():
    pool = Pool(3)
    lender = Lender(pool)
    one, two = await lender.borrow(), await lender.borrow()
    lender.give_back(one, intact=True)
    lender.give_back(two, intact=True)
    assert await lender.borrow() is two
    assert await lender.borrow() is one
    assert (pool.made, pool.back) == (2, [])


async def test_who_waits_longest_is_served_first():
    lender = Lender(Pool(1))
    connection = await lender.borrow()
    first, second = (asyncio.create_task(lender.borrow()) for _ in range(2))
    await asyncio.sleep(0)
    lender.give_back(connection, intact=True)
    assert await first is connection
    assert not second.done()
    lender.give_back(connection, intact=True)
    assert await second is connection


async def test_what_was_interrupted_goes_back_to_the_pool_and_another_takes_its_place():
    pool = Pool(1)
    pool.slow = asyncio.Event()
    lender = Lender(pool)
    connection = await lender.borrow()
    waiting = asyncio.create_task(lender.borrow())
    await asyncio.sleep(0)
    lender.give_back(connection, intact=False)
    other = await waiting
    assert (other.number, pool.back) == (2, [])
    pool.slow.set()
    await pool.returned.wait()
    assert pool.back == [1]


async def test_a_closed_connection_is_lent_to_nobody():
    pool = Pool(1)
    lender = Lender(pool)
    idle = await lender.borrow()
    lender.give_back(idle, intact=True)
    idle.closed = True
    fresh = await lender.borrow()
    assert fresh.number == 2
    fresh.closed = True
    lender.give_back(fresh, intact=True)
    await asyncio.sleep(0)
    assert pool.back == [1, 2]


async def test_who_gives_up_waiting_leaves_no_connection_behind():
    lender = Lender(Pool(1))
    connection = await lender.borrow()
    gone, late, staying = (asyncio.create_task(lender.borrow()) for _ in range(3))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    lender.give_back(connection, intact=True)
    late.cancel()  # handed a connection, and cancelled before it could take it
    assert await staying is connection
    assert gone.cancelled()
    assert late.cancelled()


async def test_a_pool_that_cannot_connect_lets_the_next_one_try():
    pool = Pool(1)
    lender = Lender(pool)

    answered = asyncio.Event()

    async def refused():
        await answered.wait()
        raise ConnectionRefusedError

    pool.acquire, working = refused, pool.acquire
    failing = asyncio.create_task(lender.borrow())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(lender.borrow())
    await asyncio.sleep(0)
    pool.acquire = working
    answered.set()
    with pytest.raises(ConnectionRefusedError):
        await failing
    assert (await waiting).number == 1


async def test_after_closing_what_is_given_back_goes_to_the_pool():
    pool = Pool(2)
    lender = Lender(pool)
    lent, idle = await lender.borrow(), await lender.borrow()
    lender.give_back(idle, intact=True)
    await lender.close()
    lender.give_back(lent, intact=True)
    await asyncio.sleep(0)
    assert pool.closed
    assert sorted(pool.back) == [1, 2]
