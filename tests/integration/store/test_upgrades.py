"""A database of an earlier release that holds rows is brought to today's tables, and its rows are right."""

import re
import secrets
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import create_async_engine

from kpi_server.domain.feed import Part, Position
from kpi_server.store.connecting import asyncpg_url
from kpi_server.store.feed import read_page
from kpi_server.store.migrating import migrate
from kpi_server.store.migrations import NEWEST
from kpi_server.store.upgrading import LOCATION

ROWS_AT_0001 = (Path(__file__).parent / "rows_at_0001.sql").read_text(encoding="utf-8")


def _upgrade(connection, revision):
    config = Config()
    config.set_main_option("script_location", str(LOCATION))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def _bring(address, revision):
    engine = create_async_engine(asyncpg_url(address))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, revision)
    await engine.dispose()


@pytest.fixture
async def first_release(cluster):
    """The address of a database of the first release, with an organization in it."""
    name = f"test_{secrets.token_hex(6)}"
    owner = await asyncpg.connect(cluster.dsn())
    await owner.execute(f"create database {name}")
    await _bring(cluster.dsn(name), "0001")
    old = await asyncpg.connect(cluster.dsn(name))
    await old.execute(ROWS_AT_0001)
    await old.close()
    yield cluster.dsn(name)
    await owner.execute(f"drop database {name} with (force)")
    await owner.close()


async def test_standings_of_the_first_release_take_words_and_periods_from_the_rows_they_name(first_release, cluster):
    server = first_release.replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@")
    assert await migrate(first_release, server) == NEWEST
    owner = await asyncpg.connect(first_release)
    assert await owner.fetchval("select source_precedence from organizations") == []
    assert await owner.fetchval("select distinct basis from kpis") == "REPORTED"
    rows = await owner.fetch(
        "select segment, text, period, previous_text, previous_period, target_text, value, status, "
        "document, line, origin, batch_id, previous_origin from kpi_current order by segment"
    )
    await owner.close()
    assert [tuple(row) for row in rows] == [
        ("", "90 loaves", "2024-Q2", "80 loaves", "2024-Q1", "100+", 90, "MISSED", "menu", 7, "CATALOG", 10, "CATALOG"),
        ("plan=daily", None, None, None, None, None, None, "NO_TARGET", None, None, None, None, None),
    ]


async def test_series_of_the_first_release_are_what_its_observations_make_up(first_release, cluster):
    await migrate(first_release, first_release.replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@"))
    owner = await asyncpg.connect(first_release)
    rows = await owner.fetch("select measure_id, segment, grain, first_start, previous_start, last_start from series")
    await owner.close()
    assert [tuple(map(str, row)) for row in rows] == [("20", "", "MONTH", "2024-01-01", "2024-01-01", "2024-03-01")]


async def test_of_each_cell_of_the_first_release_the_row_recorded_last_stands(first_release, cluster):
    await migrate(first_release, first_release.replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@"))
    owner = await asyncpg.connect(first_release)
    measures = await owner.fetch("select organization_id, id, key, batch_id from measures")
    rows = await owner.fetch("select id, measure_id, value, ended_in, withdrawn from observations order by id")
    await owner.close()
    assert [tuple(row) for row in measures] == [(1, 20, "custom.loaves", 10)]
    assert [tuple(row) for row in rows] == [
        (50, 20, 25, 10, False),
        (51, 20, 20, None, False),
        (52, 20, 26, None, False),
    ]


async def test_what_was_to_be_calculated_still_is_and_what_was_leased_is_free(first_release, cluster):
    await _bring(first_release, "0010")
    owner = await asyncpg.connect(first_release)
    cell = "values (1, 20, '', 'MONTH', '2024-01-01', '2024-01', '2024-02-01', "
    columns = "organization_id, kpi_id, segment, grain, period_start, period, period_end"
    await owner.execute(f"insert into dirty_cells ({columns}, batch_id, lease, leased_until) {cell} 10, 7, 'infinity')")
    kept = "id, stale, version, batch_id"
    await owner.execute(f"insert into computed_values ({columns}, {kept}) {cell} 8, false, 1, 10)")
    await migrate(first_release, first_release.replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@"))
    rows = [tuple(row) for row in await owner.fetch("select period, batch_id from dirty_cells")]
    kept = await owner.fetchval("select id from computed_values")
    await owner.close()
    assert (rows, kept) == ([("2024-01", 10)], 8)


async def test_a_period_that_was_closed_before_is_closed_and_may_be_opened_and_closed_again(first_release, cluster):
    await _bring(first_release, "0010")
    owner = await asyncpg.connect(first_release)
    await owner.execute(
        "insert into closed_periods (organization_id, period, period_start, period_end, closed_at, actor, batch_id) "
        "values (1, '2024-Q1', '2024-01-01', '2024-04-01', '2024-05-01', 'cfo', 10)"
    )
    await migrate(first_release, first_release.replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@"))
    again = "insert into closed_periods select organization_id, period, period_start, period_end, closed_at, 'cfo', 11"
    await owner.execute(
        "insert into batches (organization_id, id, recorded_at, action, actor) values (1, 11, now(), '', '')"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(f"{again} from closed_periods")
    await owner.execute("update closed_periods set ended_in = 11")
    await owner.execute(f"{again} from closed_periods")
    rows = await owner.fetch("select period, batch_id, ended_in from closed_periods order by batch_id")
    await owner.close()
    assert [tuple(row) for row in rows] == [("2024-Q1", 10, 11), ("2024-Q1", 11, None)]


async def test_the_feed_of_an_earlier_release_tells_what_its_writes_recorded(first_release, cluster):
    await migrate(first_release, first_release.replace(f"postgres:{cluster.password}@", "kpi_server:only-in-tests@"))
    owner = await asyncpg.connect(first_release)
    (organization_id, sequence, values) = await owner.fetchrow(
        "select batch.organization_id, min(sequence), count(*) from observations as stated "
        "join batches as batch on batch.id = batch_id "
        "where ended_in is distinct from batch_id and sequence is not null "
        "group by 1 limit 1"
    )
    page = await read_page(owner.fetch, organization_id, Position(sequence - 1), 1_000)
    (epoch,) = await owner.fetch("select epoch, made_by from feed_epochs")
    await owner.close()
    assert len([row for row in page.events if row["part"] == Part.VALUES]) == values
    assert re.fullmatch("[0-9a-f]{16}", epoch["epoch"])
    assert epoch["made_by"] == ""  # until a server has started on it
