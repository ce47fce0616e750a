"""An organization's calendar in the graph."""

import pytest

from kpi_server.domain.access import Role
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import scope_over

pytestmark = pytest.mark.families

SLUG = "snapshot-co"
RETAIL = "week_start=SUNDAY fiscal_offset=1 pattern=4-5-4"


@pytest.fixture
async def retail(seeded_database):
    """An organization with years of whole weeks."""
    async with seeded_database.write(id_of(SLUG), action="test", actor="test") as write:
        await write.start()
        connection = write.connection
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


async def test_fiscal_periods_are_recorded_and_shown(ask_clone, retail):
    """2023 has a 53rd week: its last quarter ends on 3 February 2024, and the next begins the day after."""
    values = {"FY2023-Q4": "1300", "FY2024-Q2": "1200", "2023-W53": "9"}
    observations = [{"kpi": "MTTR", "period": period, "value": value} for period, value in values.items()]
    given = {"organization": SLUG, "source": "pagerduty", "observations": observations, "atomic": False}
    document = """mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) {
        recorded observations { period } errors { message } } }"""
    sent = await ask_clone(document, variables={"input": given}, scope=scope_over(SLUG, role=Role.SERVICE))
    assert sent.data["recordObservations"] == {
        "recorded": 2,
        "observations": [{"period": "FY2023-Q4"}, {"period": "FY2024-Q2"}],
        "errors": [{"message": '"2023-W53" is no period: 2023 has no week 53'}],
    }
    field = 'series(grain: QUARTER, from: "FY2023-Q4", to: "FY2024-Q2") { periods values }'
    kpi = f'kpi(key: "MTTR") {{ current {{ period }} {field} }}'
    shown = await ask_clone(f'{{ organization(slug: "{SLUG}") {{ {kpi} }} }}')
    assert shown.data["organization"]["kpi"] == {
        "current": {"period": "FY2024-Q2"},
        "series": {"periods": ["FY2023-Q4", "FY2024-Q1", "FY2024-Q2"], "values": [1300.0, None, 1200.0]},
    }


async def test_the_days_of_a_fiscal_quarter_are_stored(ask_clone, retail, seeded_database):
    observations = [{"kpi": "MTTR", "period": "FY2023-Q4", "value": "1300"}]
    given = {"organization": SLUG, "source": "pagerduty", "observations": observations}
    document = "mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) { recorded } }"
    await ask_clone(document, variables={"input": given}, scope=scope_over(SLUG, role=Role.SERVICE))
    async with seeded_database.read([id_of(SLUG)]) as connection:
        (row,) = await connection.fetch(
            "select grain, period_start, period_end from observations where period = 'FY2023-Q4'"
        )
    assert tuple(map(str, row)) == ("QUARTER", "2023-10-29", "2024-02-04")
