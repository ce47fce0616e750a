"""The bridge of MRR, computed from what measured.py records of Auterity; the sums are worked out by hand."""

import pytest

pytestmark = pytest.mark.families

PARTS = ("opening", "new", "expansion", "contraction", "churned", "closing")
PERIOD = f"{{ period {' '.join(f'{part} {{ exact absence }}' for part in PARTS)} }}"


@pytest.fixture
def bridge(ask_measured):
    """Each period with its amounts; what is missing is its absence."""

    async def asking(arguments, slug="auterity"):
        answer = await ask_measured(
            f'{{ organization(slug: "{slug}") {{ financial {{ mrrBridge({arguments}) {PERIOD} }} }} }}'
        )
        if answer.errors:
            return answer.errors
        periods = answer.data["organization"]["financial"]["mrrBridge"]
        return {row["period"]: [row[part]["exact"] or row[part]["absence"] for part in PARTS] for row in periods}

    return asking


async def test_months_go_over_into_each_other(bridge):
    # 1,000 + 150 + 40 - 10 - 25 = 1,155, from which February goes on to 1,155 + 60 + 20 - 15.
    assert await bridge('from: "2026-01", to: "2026-02"') == {
        "2026-01": ["1000", "150", "40", "10", "25", "1155"],
        "2026-02": ["1155", "60", "20", "0", "15", "1220"],
    }


async def test_a_quarter_opens_with_its_first_month_and_adds_the_movements_up(bridge):
    assert await bridge('from: "2026-Q1", to: "2026-Q1", grain: QUARTER') == {
        "2026-Q1": ["1000", "210", "60", "10", "40", "1220"]
    }


async def test_a_plan_has_a_bridge_of_its_own_which_movements_close_that_were_recorded(bridge):
    # Nobody recorded that free customers added or gave up anything: none is shown, and 300 + 50 - 25 close the month.
    assert await bridge('from: "2026-01", to: "2026-01", segment: "plan=free"') == {
        "2026-01": ["300", "50", "NO_DATA", "NO_DATA", "25", "325"]
    }


async def test_a_month_of_which_nothing_is_known_is_a_gap(bridge):
    assert await bridge('from: "2025-12", to: "2025-12"') == {"2025-12": ["NO_DATA"] * 6}
    assert await bridge('from: "2026-04", to: "2026-04"') == {"2026-04": ["NOT_YET_DUE"] * 6}


async def test_a_bridge_takes_two_statements_however_long_it_is(ask_measured):
    query = """{ organization(slug: "auterity") { financial {
      mrrBridge(from: "%s", to: "2026-02") { period closing { exact unit { notation } completeness } } } } }"""
    short, long = [await ask_measured(query % first) for first in ("2026-02", "2018-01")]
    assert (short.errors, long.errors) == ([], [])
    assert short.statements == long.statements == 3  # the organization, what is kept, what is calculated
    assert len(long.data["organization"]["financial"]["mrrBridge"]) == 98
    assert short.data["organization"]["financial"]["mrrBridge"] == [
        {
            "period": "2026-02",
            "closing": {"exact": "1220", "unit": {"notation": "MONEY(USD)/month"}, "completeness": "1 of 1 month"},
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('from: "2026-02", to: "2026-01"', "BAD_USER_INPUT"),
        ('from: "2026-01", to: "2026-02", segment: "plan"', "BAD_USER_INPUT"),
        ('from: "2000-01", to: "2026-02"', "LIMIT_EXCEEDED"),
    ],
)
async def test_what_cannot_be_shown_is_refused(bridge, arguments, code):
    (error,) = await bridge(arguments)
    assert error[0] == code
