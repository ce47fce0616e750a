"""`kpi-server import` as an operator uses it."""

import asyncio
import gzip
import json
import os
import subprocess
import sys
from datetime import date, timedelta

import asyncpg
import pytest

from tests.acceptance.test_lint import SHOP
from tests.shop import FOREIGN

ROWS = b"Item,Day,Amount\nLoaves,2024-03-01,75\nRolls,2024-03-01,80\nCroissants,2024-03-01,9\n"


def test_files_are_imported_and_their_wrong_rows_told(command, addresses, tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "all.yaml").write_text(SHOP, encoding="utf-8")
    assert command("seed", tmp_path / "shop", DATABASE_URL=addresses.server).returncode == 0
    (tmp_path / "march.csv.gz").write_bytes(gzip.compress(ROWS))
    (tmp_path / "broken.csv").write_bytes(b"kpi,when\n")
    given = ["--organization", "shop", "--source", "till", "--json"]
    mapping = ["--map", "Item=kpi", "--map", "Day=period", "--map", "Amount=value"]

    answer = command("import", tmp_path / "march.csv.gz", *given, *mapping, DATABASE_URL=addresses.server)
    (march,) = json.loads(answer.stdout)
    assert (answer.returncode, march["recorded"], march["rejected"], march["error"]) == (1, 2, 1, None)
    assert [(error["line"], error["field"]) for error in march["errors"]] == [(4, "kpi")]

    for more, heading, last in (
        (["--dry-run"], "recorded", "dry run"),
        (["--atomic"], "recorded", "refused"),
        (["--retract"], "retracted", "3"),
    ):
        shown = [tmp_path / "march.csv.gz", *given[:-1], *mapping, *more]
        cells = [line.split("│") for line in told(command, addresses, *shown)]
        assert (cells[0][2].strip(), cells[-1][6].strip()) == (heading, last)

    answer = command("import", tmp_path / "broken.csv", *given, DATABASE_URL=addresses.server)
    (broken,) = json.loads(answer.stdout)
    assert (answer.returncode, broken["recorded"]) == (1, 0)
    assert broken["error"].startswith('the header does not match: "when" is no field')


def told(command, addresses, *arguments):
    """The rows of the table that is printed, under its heading."""
    printed = command("import", *arguments, DATABASE_URL=addresses.server, COLUMNS="200").stdout
    return [line.replace("┃", "│") for line in printed.splitlines() if line[0] in "┃│"]


def test_what_is_called_wrongly_is_told(command, addresses, tmp_path):
    (tmp_path / "a.dat").write_bytes(ROWS)
    given = ["--source", "till", "--organization"]
    for arguments, code, words in (
        ([tmp_path / "a.dat", *given, "nobody"], 1, 'there is no organization "nobody"'),
        ([tmp_path / "a.dat", "--organization", "x", "--source", "CATALOG"], 1, "`source` is the name of the system"),
        ([tmp_path / "a.dat", *given, "x", "--map", "Amount"], 2, "--map reads like"),
        ([tmp_path / "a.dat", *given, "x", "--events", "--retract"], 2, "--retract goes without --events"),
    ):
        answer = command("import", *arguments, DATABASE_URL=addresses.server)
        assert (answer.returncode, words in answer.stderr) == (code, True), answer.stderr


KEPT = "select (select count(*) from observations where source = 'till') + (select count(*) from imports)"
ASKED = "select count(*) from pg_stat_activity where datname = current_database() and query ilike $1"


@pytest.mark.parametrize(
    ("held", "moment"),
    [
        ("observations", "with sent as%"),
        pytest.param("imports", "%insert into imports%", marks=pytest.mark.full),  # the same a statement later
    ],
)
def test_a_killed_import_leaves_nothing_and_is_completed_by_the_next(command, addresses, tmp_path, held, moment):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "all.yaml").write_text(SHOP, encoding="utf-8")
    assert command("seed", tmp_path / "shop", DATABASE_URL=addresses.server).returncode == 0
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(500)]
    rows = [f"{kpi},{day},{number}" for kpi in ("Loaves", "Rolls") for number, day in enumerate(days)]
    (tmp_path / "all.csv").write_text("\n".join(["kpi,period,value", *rows, ""]), encoding="utf-8")
    words = ("import", tmp_path / "all.csv", "--organization", "shop", "--source", "till", "--json")

    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    importing = subprocess.Popen(
        [sys.executable, "-m", "kpi_server", *words], env=environment | {"DATABASE_URL": addresses.server}
    )
    assert asyncio.run(_kept_when_killed(importing, addresses, held, moment)) == 0
    for recorded in (1_000, 0):
        answer = command(*words, DATABASE_URL=addresses.server)
        assert (answer.returncode, json.loads(answer.stdout)[0]["recorded"]) == (0, recorded)


async def _kept_when_killed(importing, addresses, held, moment):
    """What is left of a command that is killed once it has asked for something; it waits there for a table."""
    holding, looking = await asyncpg.connect(addresses.owner), await asyncpg.connect(addresses.owner)
    try:
        async with holding.transaction():
            await holding.execute(f"lock table {held} in share mode")
            while not await looking.fetchval(ASKED, moment):
                assert importing.poll() is None
            importing.kill()
            importing.wait()
        while await looking.fetchval(ASKED, moment):
            pass  # the database has not noticed yet
        return await looking.fetchval(KEPT)
    finally:
        importing.kill()
        await holding.close()
        await looking.close()
