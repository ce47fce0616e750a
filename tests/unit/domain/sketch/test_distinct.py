"""DISTINCT sketches: the estimate's error, and registers by hand."""

from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.sketch.distinct import STANDARD_ERROR, distinct, estimate, register
from kpi_server.domain.sketch.sparse import EMPTY, Sparse


@pytest.mark.parametrize(
    ("subject", "place", "rank"),
    [
        ("gus", 0x70F, 3),  # sha256: 70f 368c…, 3 is 0011
        ("eve", 0x852, 2),  # 852 62ad…, 6 is 0110
        ("bob", 0x81B, 2),  # 81b 637b…, 6 is 0110
        ("ada", 0xFDE, 1),  # fde e430…, e is 1110
        ("", 0xE3B, 5),  # e3b 0c44…, 0 is 0000 and c is 1100
    ],
)
def test_a_register_and_its_rank_are_read_off_the_hash(subject: str, place: int, rank: int) -> None:
    assert register(subject) == (place, rank)


def test_nobody_is_nobody() -> None:
    assert distinct([]) == EMPTY
    assert estimate(EMPTY) == 0


@pytest.mark.parametrize("number", [1, 10, 100, 1_000, 3_000, 10_000, 40_000])
def test_an_estimate_lies_within_three_standard_errors(number: int) -> None:
    seen = estimate(distinct(f"user-{place}" for place in range(number)))
    assert abs(seen - number) <= 3 * STANDARD_ERROR * number


def test_estimates_deviate_as_much_as_stated_and_to_both_sides() -> None:
    """Thirty groups of 3,000: their root mean square is the standard error or less, their mean nearly right."""
    groups = [[f"{group}/{place}" for place in range(3_000)] for group in range(30)]
    errors = [float(estimate(distinct(group))) / 3_000 - 1 for group in groups]
    assert sqrt(sum(error**2 for error in errors) / 30) <= float(STANDARD_ERROR) * 1.2
    assert abs(sum(errors) / 30) <= 3 * float(STANDARD_ERROR) / sqrt(30)


def test_registers_full_to_the_brim_still_give_a_number() -> None:
    """All 4,096 registers at rank 30 say about 4,096 · 2^30 · 0.72 subjects."""
    brim = Sparse(tuple(range(4096)), (30,) * 4096)
    assert Decimal("0.6") < estimate(brim) / (4096 * 2**30) < Decimal("0.8")


@given(st.lists(st.text(max_size=8), max_size=40))
def test_neither_order_nor_repetition_matters(subjects: list[str]) -> None:
    assert distinct([*subjects, *reversed(subjects)]) == distinct(sorted(set(subjects)))
