"""Reads see only their organizations; writes are numbered in commit order without gaps."""

import asyncio

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import insert

from kpi_server.store import lending
from kpi_server.store.database import WRITERS, open_database
from kpi_server.store.failures import Failure, failure_of
from kpi_server.store.migrations import NEWEST
from kpi_server.store.tables.catalog import Department
from kpi_server.store.tables.tenancy import Organization, Sequence


async def _organization(database, slug):
    (organization_id,) = await database.ids(1)
    async with database.write(organization_id, action="seed", actor="test") as write:
        await write.connection.execute(
            insert(Organization).values(
                id=organization_id, slug=slug, name=slug, currency="EUR", time_zone="UTC", undated_first=False
            )
        )
        await write.connection.execute(insert(Sequence).values(organization_id=organization_id, last=0))
        await write.start()
        write.record("organizations", organization_id, "INSERT")
    assert write.sequence == 1
    return organization_id


async def _department(database, organization_id, key):
    (row_id,) = await database.ids(1)
    async with database.write(organization_id, action="seed", actor="test") as write:
        await write.start()
        await write.connection.execute(
            insert(Department).values(
                organization_id=organization_id, id=row_id, key=key, position=0, origin="API", name=key,
                batch_id=write.batch_id,
            )
        )  # fmt: skip
        write.record("departments", row_id, "INSERT")
    return write.sequence


async def test_reader_sees_only_the_organizations_of_its_scope(database):
    one, two = await _organization(database, "one"), await _organization(database, "two")
    for organization_id in (one, two):
        await _department(database, organization_id, "sales")
    for scope in ([one], [two], [one, two], []):
        async with database.read(scope) as connection:
            seen = await connection.fetch("select organization_id from departments order by 1")
            organizations = await connection.fetch("select id from organizations order by 1")
        assert [row[0] for row in seen] == sorted(scope)
        assert [row[0] for row in organizations] == sorted(scope)


async def test_a_write_that_loses_its_connection_finds_the_database_away(database, addresses):
    one = await _organization(database, "one")
    owner = await asyncpg.connect(addresses.owner)

    async def cut():
        async with database.write(one, action="seed", actor="test") as write:
            backend = await (await write.driver()).fetchval("select pg_backend_pid()")
            await owner.execute("select pg_terminate_backend($1, 5000)", backend)
            await write.wait_for_others()

    # In which words depends on when the driver hears of it; the last are those of one that has just heard.
    with pytest.raises(DBAPIError, match=r"closed|terminating|another operation \(2\)") as lost:
        await cut()
    await owner.close()
    assert failure_of(lost.value) is Failure.UNAVAILABLE


async def test_connections_that_the_server_ended_make_room_for_others(database, addresses):
    """All that were idle, and one that is given back as if nothing had happened to it."""
    lender = database.connections
    held = [await lender.borrow() for _ in range(lender.size)]
    backends = [connection.get_server_pid() for connection in held]
    for connection in held[1:]:
        lender.give_back(connection, intact=True)
    owner = await asyncpg.connect(addresses.owner)
    await owner.execute("select pg_terminate_backend(backend, 5000) from unnest($1::int[]) as backend", backends)
    async with asyncio.timeout(10):
        while any(is_held(connection) for connection in held):  # each look is a round trip, so the loop runs
            await owner.execute("select 1")
        lender.give_back(held[0], intact=True)
        others = [await lender.borrow() for _ in range(lender.size)]
    await owner.close()
    assert len({connection.get_server_pid() for connection in others} - set(backends)) == lender.size
    for connection in others:
        lender.give_back(connection, intact=True)


def is_held(connection):
    """Whether the pool has not taken a connection back by itself, of which nothing can be asked then."""
    try:
        connection.is_closed()
    except asyncpg.InterfaceError:
        return False
    return True


async def test_a_write_that_takes_too_long_says_so(database):
    one = await _organization(database, "one")

    async def dawdle():
        async with database.write(one, action="seed", actor="test") as write:
            connection = write.connection
            await connection.exec_driver_sql("set local statement_timeout = 1")
            await connection.exec_driver_sql("select count(*) from generate_series(1, 1000000000)")

    with pytest.raises(DBAPIError, match="statement timeout") as stopped:
        await dawdle()
    assert failure_of(stopped.value) is Failure.TIMEOUT


async def test_scope_does_not_leak_to_the_next_user_of_a_connection(database):
    one = await _organization(database, "one")
    async with database.read([one]):
        pass
    async with database.borrowed() as connection:
        assert await connection.fetchval("select count(*) from organizations") == 0


async def test_reader_cannot_write(database):
    one = await _organization(database, "one")
    async with database.read([one]) as connection:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("delete from sequences")


async def test_writer_cannot_touch_another_organization(database):
    one, two = await _organization(database, "one"), await _organization(database, "two")
    with pytest.raises(Exception, match="row-level security"):
        async with database.write(one, action="seed", actor="test") as write:
            await write.connection.execute(insert(Sequence).values(organization_id=two, last=0))


async def test_concurrent_writes_are_numbered_one_after_the_other_without_gaps(database):
    one = await _organization(database, "one")
    numbers = await asyncio.gather(*(_department(database, one, f"d{index}") for index in range(8)))
    assert sorted(numbers) == list(range(2, 10))
    async with database.read([one]) as connection:
        batches = await connection.fetch("select sequence from batches order by sequence")
        assert await connection.fetchval("select last from sequences") == 9
    assert [row["sequence"] for row in batches] == list(range(1, 10))


async def test_of_those_who_wait_for_their_turn_one_holds_a_connection_and_each_may_go_away(database):
    one, two = await _organization(database, "one"), await _organization(database, "two")

    async def number(index):
        async with database.write_in_turn(one, action="record", actor=f"writer {index}") as write:
            await write.wait_for_others()
            write.record("organizations", one, "UPDATE")
        return write.sequence

    async with database.write_in_turn(one, action="record", actor="first") as write:
        await write.wait_for_others()
        waiting = [asyncio.create_task(number(index)) for index in range(WRITERS + 2)]
        async with asyncio.timeout(10):
            assert await _department(database, two, "sales") == 2
        assert database.engine.pool.checkedout() <= 2
        waiting.pop(1).cancel()
        assert not any(task.done() for task in waiting)
    assert sorted(await asyncio.gather(*waiting)) == list(range(2, WRITERS + 3))


async def test_failed_write_leaves_nothing_and_no_gap(database):
    one = await _organization(database, "one")

    async def fail():
        async with database.write(one, action="seed", actor="test") as write:
            await write.start()
            write.record("departments", 1, "INSERT")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await _department(database, one, "sales") == 2


async def test_write_without_change_leaves_no_batch(database):
    one = await _organization(database, "one")
    async with database.write(one, action="seed", actor="test") as write:
        await write.start()
    assert write.sequence is None
    async with database.read([one]) as connection:
        assert await connection.fetchval("select count(*) from batches") == 1


async def test_server_can_refresh_the_planners_statistics(database, addresses):
    await _organization(database, "one")
    await database.refresh_statistics()
    owner = await asyncpg.connect(addresses.owner)
    assert await owner.fetchval("select reltuples from pg_class where relname = 'organizations'") == 1
    await owner.close()


@pytest.mark.parametrize(("pooled", "left"), [(False, True), (True, False)])
async def test_behind_a_pooler_nothing_is_left_on_a_connection(addresses, pooled, left):
    """Its next user may be another server; without one, a connection is told again only when others are wanted."""
    database = await open_database(addresses.server, revision=NEWEST, connections=1, pooled=pooled)
    try:
        organization_id = await _organization(database, "acme")
        shown = await database.glance([organization_id], "select slug from organizations")
        async with database.borrowed() as connection:
            setting = await connection.fetchval("select current_setting('kpi.organizations', true)")
    finally:
        await database.close()
    assert [row["slug"] for row in shown] == ["acme"]
    assert (setting == f"{{{organization_id}}}") is left


async def test_a_statement_that_is_given_up_leaves_room_for_the_next(addresses):
    database = await open_database(addresses.server, revision=NEWEST, connections=1)
    try:
        (before,) = await database.glance([], "select pg_backend_pid()")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await database.glance([], "select pg_sleep(60)")
        (after,) = await database.glance([], "select pg_backend_pid()")
    finally:
        await database.close()
    assert after == before


async def test_a_failed_read_leaves_its_connection_without_a_transaction(addresses):
    """The driver ends one too, and reports it as somebody's mistake."""
    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))
    database = await open_database(addresses.server, revision=NEWEST, connections=1)
    try:
        with pytest.raises(LookupError):
            async with database.read([]):
                raise LookupError
        async with database.borrowed() as connection:
            assert not connection.is_in_transaction()
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
        await database.close()
    assert reported == []


async def test_closing_cuts_off_who_does_not_give_a_connection_back(addresses, monkeypatch):
    monkeypatch.setattr(lending, "CLOSING_S", 0)
    database = await open_database(addresses.server, revision=NEWEST, connections=1)
    connection = await database.connections.borrow()
    async with asyncio.timeout(30):
        await database.close()
    with pytest.raises(asyncpg.InterfaceError, match="released"):
        await connection.execute("select 1")
