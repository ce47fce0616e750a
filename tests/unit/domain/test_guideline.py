"""What a good target is, and how far beyond the current value it lies."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_server.domain.direction import Direction
from kpi_server.domain.guideline import Aim, Guideline, checks, stretch

AIM = Aim(
    bound=Decimal(115),
    current=Decimal(100),
    has_history=True,
    has_benchmark=True,
    has_number=True,
    has_deadline=True,
    has_owner=True,
    direction=Direction.UP,
)


@pytest.mark.parametrize(
    ("bound", "current", "direction", "expected"),
    [
        ("9", "8", "UP", "0.125"),
        ("7", "8", "UP", "-0.125"),
        ("30", "40", "DOWN", "0.25"),  # a quarter less
        ("50", "40", "DOWN", "-0.25"),
        ("-1", "-2", "UP", "0.5"),  # from a loss halfway up
        ("5", "0", "UP", None),
        (None, "8", "UP", None),
        ("9", None, "UP", None),
        ("9", "8", "NONE", None),
    ],
)
def test_stretch_is_counted_in_the_wanted_direction(bound, current, direction, expected):
    numbers = [None if text is None else Decimal(text) for text in (bound, current, expected)]
    assert stretch(numbers[0], numbers[1], Direction(direction)) == numbers[2]


def test_a_target_may_follow_every_guideline():
    assert set(checks(AIM)) == set(Guideline)
    assert all(checks(AIM).values())


@pytest.mark.parametrize(("bound", "holds"), [("109.9", False), ("110", True), ("120", True), ("120.1", False)])
def test_ten_to_twenty_percent_is_a_stretch(bound, holds):
    assert checks(replace(AIM, bound=Decimal(bound)))[Guideline.STRETCH] is holds


@pytest.mark.parametrize(
    ("lacking", "guideline"),
    [
        ("has_history", Guideline.BASELINE),
        ("has_benchmark", Guideline.MARKET),
        ("has_number", Guideline.MEASURABLE),
        ("has_deadline", Guideline.MEASURABLE),
        ("has_owner", Guideline.ACTIONABLE),
    ],
)
def test_each_guideline_looks_at_its_own_facts(lacking, guideline):
    failing = [rule for rule, holds in checks(replace(AIM, **{lacking: False})).items() if not holds]
    assert failing == [guideline]


def test_a_stretch_that_cannot_be_said_is_neither():
    assert checks(replace(AIM, bound=None))[Guideline.STRETCH] is None
