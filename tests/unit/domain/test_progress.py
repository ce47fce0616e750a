"""Progress of key results and initiatives, as document 002 prints it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.progress import initiative_progress, key_result_progress, progress_words
from kpi_server.errors import BadInput


@pytest.mark.parametrize(
    ("source", "current", "target", "words"),
    [
        ("002:131", "2000000", "8000000", "25% Complete"),
        ("002:132", "15", "25", "60% Complete"),
        ("002:139", "1", "1", "Complete"),
        ("002:140", "0", "5", "0% Complete"),
        ("002:141", "2", "10", "20% Complete"),
        ("002:147", "1", "3", "33% Complete"),
        ("no line", "2", "3", "66% Complete"),
        ("no line", "999", "1000", "99% Complete"),
        ("no line", "12", "10", "Complete"),
        ("no line", "-3", "10", "0% Complete"),
    ],
)
def test_a_key_result_is_complete_to_the_printed_percentage(source: str, current: str, target: str, words: str) -> None:
    progress = key_result_progress(Decimal(current), Decimal(target))
    assert progress is not None
    assert progress_words(progress) == words, source


@pytest.mark.parametrize(("current", "target"), [(None, "5"), ("5", None), ("5", "0"), ("0", "0"), ("5", "-1")])
def test_without_two_numbers_or_with_a_target_of_zero_there_is_no_progress(
    current: str | None, target: str | None
) -> None:
    found = key_result_progress(Decimal(current) if current else None, Decimal(target) if target else None)
    assert found is None


def test_an_initiative_is_the_weighted_mean_of_its_key_results() -> None:
    """002:131-134: 25 %, 60 %, 40 % and 20 % of equal weight are 145 / 4 = 36.25 %."""
    one = Decimal(1)
    printed = [(Decimal("0.25"), one), (Decimal("0.6"), one), (Decimal("0.4"), one), (Decimal("0.2"), one)]
    assert initiative_progress(printed) == Decimal("0.3625")
    assert initiative_progress([(Decimal(1), Decimal(3)), (Decimal(0), Decimal(1))]) == Decimal("0.75")


def test_key_results_without_a_number_do_not_count() -> None:
    assert initiative_progress([(None, Decimal(5)), (Decimal("0.5"), Decimal(1))]) == Decimal("0.5")
    assert initiative_progress([(None, Decimal(1))]) is None
    assert initiative_progress([]) is None
    assert initiative_progress([(Decimal(1), Decimal(0))]) is None


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(BadInput, match="negative"):
        initiative_progress([(Decimal(1), Decimal(-1))])


PARTS = st.lists(st.tuples(st.decimals(0, 1, places=3), st.decimals("0.1", 10, places=1)), min_size=1, max_size=6)


@given(PARTS)
def test_an_initiative_lies_between_its_worst_and_its_best_key_result(parts: list[tuple[Decimal, Decimal]]) -> None:
    mean = initiative_progress(parts)
    assert mean is not None
    rounding = Decimal("1E-30")
    assert min(part for part, _ in parts) - rounding <= mean <= max(part for part, _ in parts) + rounding
