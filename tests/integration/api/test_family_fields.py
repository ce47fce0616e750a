"""Fields of the families' own where nothing is known, where arguments name nothing, and what they cost together.

The published operations show them with numbers.
"""

import pytest

pytestmark = pytest.mark.families


@pytest.fixture
def auterity(ask_measured):
    """Asks for fields of Auterity's families."""

    async def asking(selection, statements=None):
        answer = await ask_measured(f'{{ organization(slug: "auterity") {{ {selection} }} }}')
        if statements is not None:
            assert answer.statements == statements
        return answer.errors or answer.data["organization"]

    return asking


async def test_fields_of_several_families_share_statements_however_many_cells_they_ask_for(auterity):
    # the organization, the segments of the features, measures of two families at once, and of availability and of
    # adoption what is kept and, as nothing is, what they stand on
    found = await auterity(
        """
        customer { signupFunnel(period: "2026-01") { ofFirst } }
        product { adoptionByFeature(period: "2026-02", first: 1) { feature adoption { formatted } } }
        technical { errorBudget(period: "2026-02", objective: "0.998") { left } }
        """,
        statements=7,
    )
    assert found == {
        "customer": {"signupFunnel": [{"ofFirst": None}, {"ofFirst": 0.2}, {"ofFirst": 0.05}]},
        "product": {"adoptionByFeature": [{"feature": "workflow-builder", "adoption": {"formatted": "80 %"}}]},
        "technical": {"errorBudget": {"left": "3110.4"}},  # 0.2 % of 28 days are 4,838.4 s
    }


async def test_what_nobody_recorded_has_no_number_and_says_why(auterity):
    found = await auterity("""
        technical {
          errorBudget(period: "2025-02", objective: "0.999") {
            allowed used left usedShare burnRate availability { absence reason }
          }
        }
        product { adoptionByFeature(period: "2026-02", by: "plan") { feature } }
        course { courseFunnel(period: "2026-04") { count { absence } ofPrevious } }
    """)
    budget = found["technical"]["errorBudget"]
    assert budget.pop("availability") == {
        "absence": "NO_DATA",
        "reason": "nothing is recorded of technical.service_time; nothing is recorded of technical.downtime",
    }
    assert set(budget.values()) == {None}
    assert found["product"] == {"adoptionByFeature": []}
    assert found["course"]["courseFunnel"] == [{"count": {"absence": "NOT_YET_DUE"}, "ofPrevious": None}] * 3


async def test_an_objective_of_everything_allows_nothing(auterity):
    found = await auterity('technical { errorBudget(period: "2026-02", objective: "1") { allowed left burnRate } }')
    assert found["technical"]["errorBudget"] == {"allowed": "0", "left": "-1728", "burnRate": None}


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            'technical { errorBudget(period: "2026-02", objective: "99.9") { left } }',
            '`objective` is a share above 0 and up to 1, such as "0.999", not 99.9',
        ),
        (
            'technical { errorBudget(period: "2026-02", objective: "0") { left } }',
            '`objective` is a share above 0 and up to 1, such as "0.999", not 0',
        ),
        (
            'product { adoptionByFeature(period: "2026-02", first: 101) { feature } }',
            "`first` is between 1 and 100, not 101",
        ),
        (
            'course { courseFunnel(period: "2026-01", segment: "plan") { name } }',
            '"plan" is no segment; segments read like plan=enterprise,region=eu',
        ),
    ],
)
async def test_an_argument_that_means_nothing_is_refused_and_leaves_the_rest_alone(ask_measured, field, message):
    answer = await ask_measured(f'{{ organization(slug: "auterity") {{ slug {field} }} }}')
    assert answer.errors == [("BAD_USER_INPUT", message)]
    assert answer.data["organization"]["slug"] == "auterity"
