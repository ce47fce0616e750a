"""`kpi-server feed tail`: what changes, in a terminal."""

import asyncio
import json

from kpi_server.domain.feed import FeedCursor, Position
from kpi_server.store.database import open_database
from kpi_server.store.feed import read_end
from kpi_server.store.migrations import NEWEST
from kpi_server.store.organizations import id_of

BAKERY = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu}
kpis:
  - {key: custom.loaves, source: "menu:2", name: Loaves, unit: COUNT(loaf), direction: UP}
"""


def _beginning(address):
    """The cursor in front of everything."""

    async def reading():
        database = await open_database(address, revision=NEWEST, connections=1)
        async with database.read([id_of("bakery")]) as connection:
            head = await read_end(connection.fetch, id_of("bakery"))
        await database.close()
        return str(FeedCursor(head.epoch, id_of("bakery"), Position(0)))

    return asyncio.run(reading())


def test_what_a_catalog_brought_is_printed_line_by_line(command, addresses, tmp_path):
    server = addresses.server
    (tmp_path / "all.yaml").write_text(BAKERY, encoding="utf-8")
    assert command("seed", tmp_path, DATABASE_URL=server).returncode == 0
    tail = ("feed", "tail", "--organization", "bakery", "--once")
    assert command(*tail, DATABASE_URL=server).stdout == ""
    printed = command(*tail, "--after", _beginning(server), DATABASE_URL=server).stdout
    assert printed.splitlines() == [
        "bakery 1 DEFINITION organizations created",
        "bakery 1 DOCUMENT documents created",
        "bakery 1 DEFINITION custom.loaves created",
        "bakery 1 STATUS custom.loaves NO_TARGET",
    ]
    *_, last = command(*tail, "--json", "--after", _beginning(server), DATABASE_URL=server).stdout.splitlines()
    event = json.loads(last)
    assert (event["kind"], event["newStatus"], event["revision"]) == ("STATUS", "NO_TARGET", 1)
    assert command(*tail, "--after", event["cursor"], DATABASE_URL=server).stdout == ""
    refused = command("feed", "tail", "--after", event["cursor"], DATABASE_URL=server)
    assert (refused.returncode, refused.stderr) == (
        1, "a cursor belongs to one organization: say which with --organization\n"
    )  # fmt: skip
