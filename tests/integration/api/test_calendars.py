"""An organization's calendar in the graph."""

import pytest

from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

SLUG = "snapshot-co"
RETAIL = "week_start=SUNDAY fiscal_offset=1 pattern=4-5-4"


@pytest.fixture
async def retail(seeded_database):
    """An organization with years of whole weeks."""
    async with seeded_database.write(id_of(SLUG), action="test", actor="test") as write:
        await write.start()
        connection = await write.session.connection()
        await connection.exec_driver_sql("update organizations set calendar = $1 where slug = $2", (RETAIL, SLUG))
        write.record("organizations", 1, "UPDATE")


async def test_an_organization_shows_when_its_weeks_and_years_begin(ask_clone, retail):
    answer = await ask_clone(
        f'{{ organization(slug: "{SLUG}") {{ calendar {{ weekStart fiscalOffset pattern opening }} }} }}'
    )
    assert answer.data["organization"]["calendar"] == {
        "weekStart": "SUNDAY",
        "fiscalOffset": 1,
        "pattern": "FOUR_FIVE_FOUR",
        "opening": "NEAREST",
    }
