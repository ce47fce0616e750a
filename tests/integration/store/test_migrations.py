"""Migrations lead to the declared tables, and can be run again and by several at once."""

import asyncio
import subprocess
import sys

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from kpi_server.errors import DatabaseTooOld, PostgresUnavailable, StartupError
from kpi_server.store.connecting import asyncpg_url
from kpi_server.store.database import open_database
from kpi_server.store.migrating import migrate
from kpi_server.store.migrations import NEWEST
from kpi_server.store.tables import METADATA
from kpi_server.store.tenancy import describes, tenant_column, tenant_tables
from kpi_server.store.upgrading import newest_revision


async def test_migrated_database_equals_the_declared_tables(addresses):
    engine = create_async_engine(asyncpg_url(addresses.owner))

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"include_object": describes, "compare_type": True})
        return compare_metadata(context, METADATA)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_every_tenant_table_is_under_row_level_security_and_leads_its_key_with_the_tenant(addresses):
    connection = await asyncpg.connect(addresses.owner)
    secured = await connection.fetch(
        "select c.relname, p.polname from pg_class c join pg_policy p on p.polrelid = c.oid where c.relrowsecurity"
    )
    first_of_key = await connection.fetch(
        "select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid "
        "join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] where i.indisprimary"
    )
    await connection.close()
    assert {row["relname"] for row in secured} == set(tenant_tables())
    keys = {row["relname"]: row["attname"] for row in first_of_key}
    assert {table: keys[table] for table in tenant_tables()} == {
        table: tenant_column(table) for table in tenant_tables()
    }


async def test_tenants_unique_and_foreign_keys_lead_with_the_tenant():
    """Citus distributes by organization_id: a key without it could not be enforced."""
    for name in set(tenant_tables()) - {"organizations"}:
        table = METADATA.tables[name]
        for constraint in table.constraints:
            columns = [column.name for column in getattr(constraint, "columns", [])]
            assert not columns or columns[0] == "organization_id", f"{name}: {constraint.name}"


def test_the_application_knows_the_newest_revision_without_the_tool_that_migrates():
    program = "import sys, kpi_server.app, kpi_server.cli.serve, kpi_server.cli.demo; print('alembic' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (printed.stdout, newest_revision()) == ("False\n", NEWEST)


async def test_migrating_again_and_twice_at_once_changes_nothing(addresses):
    again = await asyncio.gather(*(migrate(addresses.owner, addresses.server) for _ in range(2)))
    assert again == [NEWEST, NEWEST]


async def test_server_refuses_a_role_that_bypasses_row_level_security(addresses):
    with pytest.raises(StartupError, match="bypasses row-level security"):
        await open_database(addresses.owner, revision=NEWEST)
    with pytest.raises(StartupError, match="bypasses row-level security"):
        await migrate(addresses.owner, addresses.owner)


async def test_server_refuses_a_database_of_another_revision(addresses):
    with pytest.raises(DatabaseTooOld, match=f"at revision {NEWEST}, this server needs 9999: run `kpi-server m"):
        await open_database(addresses.server, revision="9999")


async def test_server_refuses_a_database_without_tables(cluster):
    with pytest.raises(DatabaseTooOld, match="is empty: run `kpi-server migrate` first"):
        await open_database(cluster.dsn(), revision=NEWEST)


async def test_unreachable_database_is_one_sentence_without_the_password(unused_tcp_port):
    with pytest.raises(PostgresUnavailable) as raised:
        await open_database(f"postgresql://someone:secret@127.0.0.1:{unused_tcp_port}/kpi", revision="0001")
    assert str(raised.value) == (
        f"No PostgreSQL answers at 127.0.0.1:{unused_tcp_port}/kpi: start it, or set DATABASE_URL to one that runs."
    )


async def test_wrong_password_is_one_sentence(addresses):
    wrong = addresses.server.replace("only-in-tests", "wrong")
    with pytest.raises(PostgresUnavailable, match="refuses the connection"):
        await open_database(wrong, revision="0001")
