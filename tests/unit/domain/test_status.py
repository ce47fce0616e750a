"""Status and colour: the judgements that documents print, and both sides of every tolerance."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.absence import Absence
from kpi_server.domain.direction import Direction
from kpi_server.domain.figure import parse_figure
from kpi_server.domain.status import (
    NEAR_BUDGET,
    NEAR_SHARE,
    Colour,
    Near,
    NearKind,
    Status,
    absent_status,
    colour,
    default_near,
    is_achieved,
    status,
)
from kpi_server.domain.target import Operator, Target, parse_target
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import BadInput

UP, DOWN = Direction.UP, Direction.DOWN
COUNT, RATIO = parse_unit("COUNT"), parse_unit("RATIO")

JUDGED = [
    ("000:14", "425K", "500K", "COUNT(user)", UP, None, Status.MISSED),
    ("000:21", "$4.2M ARR", "$5M ARR", "MONEY(USD)", UP, None, Status.MISSED),
    ("000:28", "68", "70", "POINTS", UP, None, Status.NEAR_MISS),
    (
        "000:35",
        "1.8 deployments per week",
        "2 deployments per week",
        "COUNT(deployment)/week",
        UP,
        "0.90",
        Status.ACCEPTABLE,
    ),
    ("000:42", "22 minutes", "< 30 minutes", "DURATION", DOWN, None, Status.MET),
    ("004:708", "82%", ">80%", "RATIO", UP, None, Status.MET),
    ("004:709", "58%", ">60%", "RATIO", UP, None, Status.NEAR_MISS),
    ("004:710", "35%", ">40%", "RATIO", UP, None, Status.MISSED),
    ("004:711", "28%", ">30%", "RATIO", UP, None, Status.MISSED),
    ("004:712", "75%", ">70%", "RATIO", UP, None, Status.MET),
    # Judged by the same rules; the documents print other words or none.
    ("001:26", "€1.2M", "€2.5M", "MONEY(EUR)", UP, None, Status.MISSED),
    ("001:70", "99.7%", "99.9%", "RATIO", UP, None, Status.MISSED),
    ("001:74", "0", "0", "COUNT(incident)", DOWN, None, Status.MET),
    ("002:139", "100%", "100%", "RATIO", UP, None, Status.MET),
    ("003:71", "18 hours", "<24 hours", "DURATION", DOWN, None, Status.MET),
    ("003:100", "3.2%", "<2%", "RATIO/month", DOWN, None, Status.MISSED),
]


@pytest.mark.parametrize(("source", "figure", "target", "notation", "direction", "acceptable", "expected"), JUDGED)
def test_a_documents_row_is_judged_as_it_says(
    source: str, figure: str, target: str, notation: str, direction: Direction, acceptable: str | None, expected: Status
) -> None:
    unit = parse_unit(notation)
    judged = status(
        parse_target(target, unit, direction),
        parse_figure(figure, unit).value,
        unit=unit,
        acceptable=Decimal(acceptable) if acceptable else None,
    )
    assert judged is expected, source


@pytest.mark.parametrize(
    ("value", "expected"),
    [("100", Status.MET), ("99.99", Status.NEAR_MISS), ("95", Status.NEAR_MISS), ("94.99", Status.MISSED)],
)
def test_a_share_of_95_percent_is_near_and_less_is_missed(value: str, expected: Status) -> None:
    assert status(Target("100", Operator.AT_LEAST, Decimal(100)), Decimal(value), unit=COUNT) is expected


@pytest.mark.parametrize(("value", "expected"), [("90", Status.ACCEPTABLE), ("89.99", Status.MISSED)])
def test_the_acceptable_attainment_is_the_kpis_own(value: str, expected: Status) -> None:
    target = Target("100", Operator.AT_LEAST, Decimal(100))
    assert status(target, Decimal(value), unit=COUNT, acceptable=Decimal("0.90")) is expected


@pytest.mark.parametrize(("value", "expected"), [("10", Status.NEAR_MISS), ("9.99", Status.MET)])
def test_a_strict_target_just_reached_is_near(value: str, expected: Status) -> None:
    assert status(Target("<10", Operator.LESS_THAN, Decimal(10)), Decimal(value), unit=COUNT) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.999", Status.MET),
        ("0.99895", Status.NEAR_MISS),
        ("0.998949", Status.MISSED),
        ("0.997", Status.MISSED),
    ],
)
def test_an_availability_is_near_within_a_twentieth_of_its_error_budget(value: str, expected: Status) -> None:
    """99.9 % allows 0.1 % down; a twentieth more is 0.105 %, so 99.895 % is the last near value."""
    assert status(Target("99.9%", Operator.AT_LEAST, Decimal("0.999")), Decimal(value), unit=RATIO) is expected


@pytest.mark.parametrize(
    ("operator", "value", "notation", "near"),
    [
        (Operator.AT_LEAST, "0.99", "RATIO", NEAR_BUDGET),
        (Operator.MORE_THAN, "0.9995", "RATIO", NEAR_BUDGET),
        (Operator.AT_LEAST, "0.9899", "RATIO", NEAR_SHARE),
        (Operator.AT_LEAST, "1", "RATIO", NEAR_SHARE),
        (Operator.LESS_THAN, "0.999", "RATIO", NEAR_SHARE),
        (Operator.AT_LEAST, "0.999", "MULTIPLE", NEAR_SHARE),
    ],
)
def test_only_a_high_lower_bound_of_a_ratio_has_an_error_budget(
    operator: Operator, value: str, notation: str, near: Near
) -> None:
    assert default_near(Target("t", operator, Decimal(value)), parse_unit(notation)) == near


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        (Operator.AT_LEAST, "68", Status.NEAR_MISS),
        (Operator.AT_LEAST, "67.9", Status.MISSED),
        (Operator.AT_MOST, "72", Status.NEAR_MISS),
        (Operator.AT_MOST, "72.1", Status.MISSED),
    ],
)
def test_a_distance_counts_in_the_kpis_own_unit(operator: Operator, value: str, expected: Status) -> None:
    near = Near(NearKind.DISTANCE, Decimal(2))
    assert status(Target("70", operator, Decimal(70)), Decimal(value), unit=COUNT, near=near) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("13", Status.NEAR_MISS),
        ("12.9", Status.MISSED),
        ("15", Status.MET),
        ("22", Status.NEAR_MISS),
        ("22.1", Status.MISSED),
    ],
)
def test_a_distance_counts_from_the_nearer_end_of_a_range(value: str, expected: Status) -> None:
    target = Target("15-20", Operator.BETWEEN, low=Decimal(15), high=Decimal(20))
    near = Near(NearKind.DISTANCE, Decimal(2))
    assert status(target, Decimal(value), unit=COUNT, near=near) is expected


@pytest.mark.parametrize("amount", ["-0.1", "NaN", "Infinity"])
def test_a_tolerance_is_a_number_of_zero_or_more(amount: str) -> None:
    with pytest.raises(BadInput, match="zero or more"):
        Near(NearKind.SHARE, Decimal(amount))


def test_without_a_target_without_data_and_before_its_time_nothing_is_judged() -> None:
    target = Target("100", Operator.AT_LEAST, Decimal(100))
    relative = Target("> 3x CAC", Operator.MORE_THAN, multiple=Decimal(3), multiple_of="CAC")
    assert status(None, Decimal(5), unit=COUNT) is Status.NO_TARGET
    assert status(None, None, unit=COUNT) is Status.NO_TARGET
    assert status(target, None, unit=COUNT) is Status.NO_DATA
    assert status(relative, Decimal(5), unit=COUNT) is Status.NO_DATA
    assert status(target, Decimal(200), unit=COUNT, due=False) is Status.NOT_YET_DUE


def test_words_are_judged_by_words() -> None:
    """003:124 prints Healthy as the target and At Risk as the state."""
    text = parse_unit("TEXT")
    target = Target("Healthy", Operator.TEXT)
    assert status(target, None, unit=text, text="At Risk") is Status.MISSED
    assert status(target, None, unit=text, text="healthy") is Status.MET
    assert status(target, None, unit=text) is Status.NO_DATA


def test_zero_where_zero_is_wished_is_met_and_one_is_missed() -> None:
    target = Target("0", Operator.AT_MOST, Decimal(0))
    assert status(target, Decimal(0), unit=COUNT) is Status.MET
    assert status(target, Decimal(1), unit=COUNT) is Status.MISSED


@pytest.mark.parametrize("absence", list(Absence))
def test_an_absent_value_is_not_yet_due_or_no_data(absence: Absence) -> None:
    expected = Status.NOT_YET_DUE if absence is Absence.NOT_YET_DUE else Status.NO_DATA
    assert absent_status(absence) is expected


COLOURS = {
    Status.MET: Colour.GREEN,
    Status.ACCEPTABLE: Colour.GREEN,
    Status.NEAR_MISS: Colour.YELLOW,
    Status.MISSED: Colour.RED,
    Status.NO_TARGET: Colour.GREY,
    Status.NO_DATA: Colour.GREY,
    Status.NOT_YET_DUE: Colour.GREY,
}


@pytest.mark.parametrize("one", list(Status))
def test_every_status_has_its_colour_and_only_green_is_achieved(one: Status) -> None:
    assert colour(one) is COLOURS[one]
    assert is_achieved(one) is (COLOURS[one] is Colour.GREEN)


@given(
    st.sampled_from([Operator.AT_LEAST, Operator.MORE_THAN]),
    st.decimals("0.01", 10**6, places=2),
    st.decimals("0.01", 10**6, places=2),
    st.decimals("0.01", 10**6, places=2),
)
def test_a_better_value_never_has_a_worse_status(
    operator: Operator, target: Decimal, one: Decimal, other: Decimal
) -> None:
    order = [Status.MISSED, Status.NEAR_MISS, Status.MET]
    worse, better = sorted([one, other])
    wish = Target("t", operator, target)
    assert order.index(status(wish, worse, unit=COUNT)) <= order.index(status(wish, better, unit=COUNT))
