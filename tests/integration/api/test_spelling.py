"""A name that nothing has is answered with what may have been meant, of what the caller sees and nothing else."""

import pytest

from kpi_server.errors import NotFound
from kpi_server.services.naming import measured
from kpi_server.store.organizations import id_of

pytestmark = pytest.mark.families

SNAPSHOT = id_of("snapshot-co")
SCORECARD = """
query ($keys: [String!]) { scorecard(organization: "snapshot-co", input: {kpis: $keys}) { counts { total } } }
"""


@pytest.fixture
async def named(registry, read_database):
    """What names mean in snapshot-co, and of how many statements that was told."""

    async def naming(*names, **options):
        asked = []
        async with read_database.read([SNAPSHOT]) as connection:

            async def fetch(statement, *parameters):
                asked.append(statement)
                return await connection.fetch(statement, *parameters)

            found = await measured(fetch, registry, SNAPSHOT, names, currency="USD", **options)
        told = {text: one.message if isinstance(one, NotFound) else one.key for (_, text), one in found.items()}
        return told, len(asked)

    return naming


async def test_misspelt_kpis_and_measures_are_answered_with_the_closest(named):
    told, _ = await named(("kpi", "MTTRR"), ("kpi", "technical.mtt"), ("measure", "New MR"), ("kpi", "Lunch"))
    assert told == {
        "MTTRR": 'the organization has no KPI "MTTRR"; did you mean technical.mttr?',
        "technical.mtt": 'the organization has no KPI "technical.mtt"; did you mean technical.mttr?',
        "New MR": 'no family has a measure "New MR"; did you mean financial.new_mrr?',
        "Lunch": 'the organization has no KPI "Lunch"',
    }


async def test_names_that_mean_something_cost_no_look_at_all_names(named):
    told, statements = await named(("kpi", "technical.mttr"), ("kpi", "MTTR"))
    assert (told, statements) == ({"technical.mttr": "technical.mttr", "MTTR": "technical.mttr"}, 2)


async def test_of_ten_thousand_misspelt_names_the_first_twenty_are_compared_with_all_there_are(named):
    wrong = [("kpi", f"technical.mttr{number}") for number in range(10_000)]
    told, statements = await named(*wrong, ("measure", "financial.new_mr"))
    helped = [text for text, message in told.items() if "did you mean" in message]
    assert helped == [*(f"technical.mttr{number}" for number in range(20)), "financial.new_mr"]
    assert statements == 3


async def test_nothing_is_suggested_where_nothing_more_is_told(named):
    told, _ = await named(("kpi", "technical.mtt"), ("measure", "financial.new_mr"), suggests=False)
    assert not any("did you mean" in message for message in told.values())


async def test_a_kpi_out_of_sight_looks_like_one_that_does_not_exist(ask_seeds, scope_of):
    """`technical.code_quality` is a KPI of datainsight-pro, which the caller does not see."""
    for key in ("technical.code_quality", "technical.code_quantum"):
        answer = await ask_seeds(SCORECARD, variables={"keys": [key]}, scope=scope_of("snapshot-co"))
        assert answer.errors == [("NOT_FOUND", f'the organization has no KPI "{key}"')]


async def test_a_table_suggests_kpis_metrics_and_measures(ask_seeds):
    query = """{ organization(slug: "snapshot-co") {
      metrics(kpis: ["MTTRR", "financial.new_mr"], grain: MONTH, from: "2024-01", to: "2024-02") { grain } } }"""
    assert (await ask_seeds(query)).errors == [
        (
            "NOT_FOUND",
            "there is no KPI, metric or measure of the name MTTRR, financial.new_mr; "
            "did you mean technical.mttr or financial.new_mrr?",
        )
    ]
