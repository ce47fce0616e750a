"""Who waits for an organization to move on learns of it, whoever wrote and however the news travels."""

import asyncio
import contextlib

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from kpi_server.store.announcing import CHANNEL
from kpi_server.store.database import open_database
from kpi_server.store.heads import Head
from kpi_server.store.migrations import NEWEST
from kpi_server.store.waking import Waking
from tests.integration import bakery
from tests.integration.live.conftest import rename, soon

NEVER_S = 3600.0
LISTENERS = "application_name = 'kpi-server listening' and datname = current_database()"


@pytest.fixture
async def elsewhere(shop, addresses):
    """The same database as another process has it."""
    opened = await open_database(addresses.server, revision=NEWEST, connections=2)
    yield opened
    await opened.close()


@pytest.fixture
async def silent(shop, addresses):
    """The same database as a process has it that announces nothing."""
    opened = await open_database(addresses.server, revision=NEWEST, connections=2, announces=False)
    yield opened
    await opened.close()


@contextlib.asynccontextmanager
async def awake(database, *, address=None, poll_s=NEVER_S):
    """A process that hears; with an address it listens before it goes on."""
    waking = Waking(database, address, poll_s=poll_s)
    running = asyncio.create_task(waking.run())
    try:
        if address is not None:
            await soon(waking.listening.wait())
        yield waking
    finally:
        running.cancel()
        await asyncio.wait([running])


async def rename_nothing(database):
    async with database.write(bakery.HERE, action="test", actor="test") as write:
        write.record("kpis", 1, "UPDATE")
        await write.connection.exec_driver_sql("update no_such_table set name = ''")


def waiting(database, number):
    """Waits for another number; that the day became known is no news here."""

    async def moved():
        head = Head(number)
        while head.number == number:
            head = await database.heads.moved(bakery.HERE, head)
        return head

    return asyncio.create_task(soon(moved()))


async def test_a_write_wakes_its_own_process_at_once(shop):
    here = waiting(shop, 1)
    await asyncio.sleep(0)
    assert await rename(shop, "Loss") == 2
    assert (await here).number == 2


async def test_a_write_that_leaves_nothing_wakes_nobody(shop):
    here = waiting(shop, 1)
    await asyncio.sleep(0)
    async with shop.write(bakery.HERE, action="test", actor="test"):
        pass
    with pytest.raises(DBAPIError, match="no_such_table"):
        await rename_nothing(shop)
    assert not here.done()
    assert await rename(shop, "Loss") == 2
    assert (await here).number == 2


async def test_a_write_of_another_process_wakes_who_listens(shop, elsewhere, addresses):
    async with awake(shop, address=addresses.server):
        here = waiting(shop, 1)
        await rename(elsewhere, "Loss")
        assert (await here).number == 2


async def test_a_write_that_nobody_announced_is_found_by_looking(shop, silent):
    async with awake(shop, poll_s=0.01):
        here = waiting(shop, 1)
        await rename(silent, "Loss")
        assert (await here).number == 2


async def test_a_listener_that_was_cut_off_listens_again(shop, elsewhere, addresses):
    """And looks up what it missed: the second write is announced while nobody listens, and never looked for."""
    async with awake(shop, address=addresses.server) as waking:
        here = waiting(shop, 1)
        await rename(elsewhere, "a")
        assert (await here).number == 2
        here = waiting(shop, 2)
        owner = await asyncpg.connect(addresses.owner)
        try:
            waking.listening.clear()
            assert await owner.fetch(f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where {LISTENERS}")
        finally:
            await owner.close()
        await rename(elsewhere, "b")
        assert (await here).number == 3
        await soon(waking.listening.wait())
        here = waiting(shop, 3)
        await rename(elsewhere, "c")
        assert (await here).number == 4


async def test_many_writes_are_announced_together(shop, elsewhere, addresses):
    """Between two announcements there is a pause, whatever is written meanwhile; the last number is always said."""
    said: asyncio.Queue[str] = asyncio.Queue()
    listening = await asyncpg.connect(addresses.server)
    try:
        await listening.add_listener(CHANNEL, lambda *news: said.put_nowait(news[-1]))
        for number in range(100, 1100):
            elsewhere.announcer.announce(bakery.HERE, number)
        assert await soon(said.get()) == f"{bakery.HERE}:1099"
        await elsewhere.announcer.close()
        assert said.empty()
    finally:
        await listening.close()


async def test_what_was_written_is_announced_before_a_process_ends(shop, addresses):
    """A command that loads something opens the database, writes once and is gone."""
    async with awake(shop, address=addresses.server):
        here = waiting(shop, 1)
        command = await open_database(addresses.server, revision=NEWEST, connections=1)
        await rename(command, "Loss")
        await command.close()
        assert (await here).number == 2


async def test_notifications_of_others_are_left_alone(shop, elsewhere, addresses):
    async with awake(shop, address=addresses.server):
        here = waiting(shop, 1)
        async with elsewhere.borrowed() as connection:
            for payload in ("", "7", "x:y", f"{bakery.HERE}:-5", f"{bakery.HERE}:1", "1:2:3"):
                await connection.execute("select pg_notify($1, $2)", CHANNEL, payload)
        await rename(elsewhere, "Loss")
        assert (await here).number == 2


async def test_a_restored_database_is_believed(shop):
    """Its number is lower than what was heard: who waits is woken, and asks."""
    shop.heads.told(bakery.HERE, 50)
    async with awake(shop, poll_s=0.01):
        assert (await waiting(shop, 50)).number == 1


async def test_a_database_that_is_away_is_asked_again(shop, silent, monkeypatch):
    glance, failures = type(shop).glance, [OSError("away"), OSError("away")]

    async def failing(database, *arguments, **options):
        if failures:
            raise failures.pop()
        return await glance(database, *arguments, **options)

    monkeypatch.setattr(type(shop), "glance", failing)
    async with awake(shop, poll_s=0.01):
        here = waiting(shop, 1)
        await rename(silent, "Loss")
        assert (await here).number == 2
    assert failures == []


async def test_nobody_is_remembered_who_waits_no_more(shop):
    here = waiting(shop, 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert list(shop.heads.awaited) == [bakery.HERE]
    here.cancel()
    await asyncio.wait([here])
    assert list(shop.heads.awaited) == []
