"""Scores worked by hand from the departments of document 002."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.score import Band, Part, Score, band, kpi_score, weighted_score
from kpi_server.domain.status import Status
from kpi_server.domain.target import Attainment, AttainmentFlag, Operator, Target, attainment
from kpi_server.errors import BadInput

UP, DOWN = Operator.AT_LEAST, Operator.AT_MOST


def _part(operator: Operator, target: str, value: str) -> Part:
    wish = Target(target, operator, Decimal(target))
    return Part(kpi_score(attainment(wish, Decimal(value)), Status.MISSED))


# Each KPI: higher or lower is better, target, value.
DEPARTMENTS = {
    # 002:57-61: 99.7 / 99.9 = 0.997998, 150 / 180 = 0.833333, 12 / 24 = 0.5, 1 / 2 = 0.5, 8.5 / 9 = 0.944444: 3.775775
    "engineering": (
        [
            (UP, "0.999", "0.997"),
            (Operator.LESS_THAN, "0.150", "0.180"),
            (Operator.LESS_THAN, "43200", "86400"),
            (DOWN, "604800", "1209600"),
            (UP, "9.0", "8.5"),
        ],
        "75.5155",
    ),
    # 002:68-72: 3.8 / 5 = 0.76, 35 / 45 = 0.777778, 35 / 45 = 0.777778, 1800 / 2400 = 0.75, 28 / 35 = 0.8: 3.865556
    "sales": (
        [
            (UP, "5000000", "3800000"),
            (UP, "0.45", "0.35"),
            (DOWN, "35", "45"),
            (DOWN, "1800", "2400"),
            (UP, "35000", "28000"),
        ],
        "77.3111",
    ),
    # 002:79-83: 2 / 3 = 0.666667, 12 / 15 = 0.8, 15 / 25 = 0.6, 4.2 / 4.5 = 0.933333, 3.2 / 4 = 0.8: 3.8
    "marketing": (
        [(UP, "300", "200"), (UP, "0.15", "0.12"), (UP, "0.25", "0.15"), (UP, "4.5", "4.2"), (UP, "4.0", "3.2")],
        "76.0000",
    ),
    # 002:90-94: 92 / 95 = 0.968421, 67 / 75 = 0.893333, 4.8 / 4.9 = 0.979592, 30 / 45 = 0.666667, 2.5 / 3.2 = 0.78125:
    # 4.289263
    "customer-success": (
        [
            (UP, "0.95", "0.92"),
            (UP, "75", "67"),
            (UP, "4.9", "4.8"),
            (DOWN, "30", "45"),
            (Operator.LESS_THAN, "0.025", "0.032"),
        ],
        "85.7853",
    ),
}


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_department_is_the_mean_of_what_its_kpis_attain(department: str) -> None:
    kpis, expected = DEPARTMENTS[department]
    score = weighted_score(_part(*kpi) for kpi in kpis)
    assert score.value is not None
    assert score.value.quantize(Decimal("0.0001")) == Decimal(expected)
    assert score.coverage == 1


def test_an_organization_is_the_mean_of_its_departments() -> None:
    """(75.5155 + 77.3111 + 76 + 85.7853) / 4 = 314.6119 / 4 = 78.652975."""
    departments = [Part(Decimal(value)) for _, value in DEPARTMENTS.values()]
    assert weighted_score(departments) == Score(Decimal("78.652975"), Decimal(1))


@pytest.mark.parametrize(
    ("attained", "status", "expected"),
    [
        (Attainment(Decimal("0.5")), Status.MISSED, "50"),
        (Attainment(Decimal(1)), Status.MET, "100"),
        (Attainment(Decimal("1.0001")), Status.MET, "100"),
        (Attainment(Decimal("0.9999")), Status.NEAR_MISS, "99.99"),
        (Attainment(Decimal(0)), Status.MISSED, "0"),
        (Attainment(Decimal("-0.3")), Status.MISSED, "0"),
        (Attainment(flag=AttainmentFlag.UNBOUNDED), Status.MET, "100"),
        (Attainment(Decimal(1), AttainmentFlag.RATIO_UNDEFINED), Status.MET, "100"),
        (Attainment(Decimal(0), AttainmentFlag.RATIO_UNDEFINED), Status.MISSED, "0"),
        (Attainment(), Status.MISSED, None),  # a target in words has no attainment
        (Attainment(), Status.NO_DATA, None),
        (Attainment(), Status.NO_TARGET, None),
        (Attainment(Decimal("0.5")), Status.NOT_YET_DUE, None),
        (Attainment(flag=AttainmentFlag.UNBOUNDED), Status.NOT_YET_DUE, None),
    ],
)
def test_the_score_of_a_kpi_lies_between_nothing_and_a_hundred(
    attained: Attainment, status: Status, expected: str | None
) -> None:
    assert kpi_score(attained, status) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("known", "unknown", "expected"),
    [
        (0, 0, (None, "0")),
        (0, 1, (None, "0")),
        (1, 1, ("40", "0.5")),
        (49, 51, (None, "0.49")),
        (50, 50, ("40", "0.5")),
        (3, 1, ("40", "0.75")),
        (2, 0, ("40", "1")),
    ],
)
def test_a_score_needs_half_of_what_it_is_made_of(known: int, unknown: int, expected: tuple[str | None, str]) -> None:
    score = weighted_score([Part(Decimal(40))] * known + [Part(None)] * unknown)
    value, coverage = expected
    assert score == Score(None if value is None else Decimal(value), Decimal(coverage))


def test_weights_count_in_the_mean_and_in_the_coverage() -> None:
    three, one = Decimal(3), Decimal(1)
    assert weighted_score([Part(Decimal(100), three), Part(Decimal(20), one)]) == Score(Decimal(80), Decimal(1))
    assert weighted_score([Part(None, three), Part(Decimal(20), one)]) == Score(None, Decimal("0.25"))
    assert weighted_score([Part(Decimal(20), three), Part(None, one)]) == Score(Decimal(20), Decimal("0.75"))
    assert weighted_score([Part(Decimal(20), Decimal(0))]) == Score(None, Decimal(0))


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(BadInput, match="negative"):
        weighted_score([Part(Decimal(1), Decimal(-1))])


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("100", Band.EXCELLENT),
        ("92", Band.EXCELLENT),  # 002:26
        ("90", Band.EXCELLENT),  # 002:96
        ("89.999", Band.STRONG),
        ("88", Band.STRONG),  # 002:63
        ("87", Band.STRONG),  # 002:120
        ("85", Band.STRONG),  # 002:74; 001:9 calls its 85 EXCELLENT
        ("82", Band.STRONG),  # 002:85
        ("80", Band.STRONG),
        ("79.999", Band.GOOD),
        ("70", Band.GOOD),
        ("69.999", Band.FAIR),
        ("60", Band.FAIR),
        ("59.999", Band.POOR),
        ("0", Band.POOR),
    ],
)
def test_a_band_begins_at_its_bound(value: str, word: Band) -> None:
    assert band(Decimal(value)) is word
    assert Score(Decimal(value), Decimal(1)).band is word


def test_without_a_score_there_is_no_band() -> None:
    assert Score(None, Decimal("0.4")).band is None


PARTS = st.lists(
    st.builds(Part, st.decimals(0, 100, places=3), st.decimals("0.1", 10, places=1)), min_size=1, max_size=8
)


@given(PARTS)
def test_a_score_lies_between_its_worst_and_its_best_part(parts: list[Part]) -> None:
    score = weighted_score(parts)
    known = [part.score for part in parts if part.score is not None]
    assert score.value is not None
    assert min(known) - Decimal("1E-28") <= score.value <= max(known) + Decimal("1E-28")
