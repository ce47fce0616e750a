"""Risks: exposure and order, with the risks of documents 001 and 002."""

from decimal import Decimal

import pytest

from kpi_server.domain.risk import RiskLevel, exposure, severity_key
from kpi_server.errors import BadInput

LOW, MEDIUM, HIGH = RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH


@pytest.mark.parametrize(
    ("source", "probability", "impact", "expected"),
    [
        ("002:159", "0.8", HIGH, "2.4"),
        ("002:160", "0.9", HIGH, "2.7"),
        ("002:161", "0.4", HIGH, "1.2"),
        ("002:162", "0.6", MEDIUM, "1.2"),
        ("no line", "0", HIGH, "0"),
        ("no line", "1", LOW, "1"),
    ],
)
def test_exposure_is_probability_times_impact(source: str, probability: str, impact: RiskLevel, expected: str) -> None:
    assert exposure(Decimal(probability), impact.rank) == Decimal(expected), source


def test_half_an_exposure_is_none() -> None:
    assert exposure(None, 3) is None
    assert exposure(Decimal("0.5"), None) is None


@pytest.mark.parametrize("probability", ["-0.01", "1.01", "80"])
def test_a_probability_lies_between_zero_and_one(probability: str) -> None:
    with pytest.raises(BadInput, match="between 0 and 1"):
        exposure(Decimal(probability), 3)


def test_levels_rank_from_low_to_high() -> None:
    assert [level.rank for level in (LOW, MEDIUM, HIGH)] == [1, 2, 3]


def test_risks_sort_by_exposure_then_those_with_a_level_alone_by_rank() -> None:
    risks: dict[str, tuple[Decimal | None, RiskLevel | None]] = {
        "talent shortage": (Decimal("0.9"), HIGH),
        "big tech": (Decimal("0.8"), HIGH),
        "downturn": (Decimal("0.4"), HIGH),
        "churn": (Decimal("0.6"), MEDIUM),
        "concentration": (None, MEDIUM),
        "dependency": (None, LOW),
        "unrated": (None, None),
    }
    order = sorted(risks, key=lambda name: severity_key(*risks[name]), reverse=True)
    # 0.4 × 3 and 0.6 × 2 are both 1.2: the higher impact stands first.
    assert order == ["talent shortage", "big tech", "downturn", "churn", "concentration", "dependency", "unrated"]
