"""Trends as the documents print them, improvement by direction, and the change between two values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.direction import Direction
from kpi_server.domain.trend import Arrow, Basis, Change, Trend, change, completed, improving, parse_trend
from kpi_server.domain.unit import parse_unit
from kpi_server.errors import FigureError

UP, DOWN, FLAT = Arrow.UP, Arrow.DOWN, Arrow.FLAT
MOM, QOQ, YOY, UNSAID = Basis.MOM, Basis.QOQ, Basis.YOY, Basis.UNSPECIFIED

MOVED = [
    ("000:22", "+22% QoQ growth", "MONEY(USD)", UP, "0.22", "PERCENT", QOQ),
    ("000:29", "+5 points QoQ improvement", "POINTS", UP, "5", "POINTS", QOQ),
    ("001:10", "+28% YoY", "RATIO", UP, "0.28", "PERCENT", YOY),
    ("001:26", "↗️ +28%", "MONEY(EUR)", UP, "0.28", "PERCENT", UNSAID),
    ("001:39", "↘️ -11%", "MONEY(EUR)/month", DOWN, "-0.11", "PERCENT", UNSAID),
    ("001:70", "↗️ +0.2%", "RATIO", UP, "0.002", "PERCENT", UNSAID),
    ("001:71", "↗️ +11%", "DURATION", UP, "0.11", "PERCENT", UNSAID),
    ("001:124", "↗️ +150%", "COUNT(market)", UP, "1.5", "PERCENT", UNSAID),
    ("002:28", "+5% vs. last month", "SCORE(0,100)", UP, "0.05", "PERCENT", MOM),
    ("002:61", "↗️ +0.3", "SCORE(0,10)", UP, "0.3", "SCORE", UNSAID),
    ("002:83", "↗️ +0.3", "MULTIPLE", UP, "0.3", "MULTIPLE", UNSAID),
    ("002:94", "↘️ -0.5%", "RATIO/month", DOWN, "-0.005", "PERCENT", UNSAID),
    ("002:117", "↗️ +1.2", "MULTIPLE", UP, "1.2", "MULTIPLE", UNSAID),
    ("002:179", "+33% QoQ", "RATIO", UP, "0.33", "PERCENT", QOQ),
    ("003:51", "↗️ +25% MoM", "COUNT(visitor)/month", UP, "0.25", "PERCENT", MOM),
    ("003:55", "↗️ +0.3 MoM", "MULTIPLE", UP, "0.3", "MULTIPLE", MOM),
    ("003:61", "↘️ -3 days MoM", "DURATION", DOWN, "-259200", "DURATION", MOM),
    ("003:63", "↗️ +$500 MoM", "MONEY(USD)", UP, "500", "MONEY", MOM),
    ("003:71", "↘️ -2 hours MoM", "DURATION", DOWN, "-7200", "DURATION", MOM),
    ("003:82", "↗️ +30s MoM", "DURATION", UP, "30", "DURATION", MOM),
    ("003:83", "↗️ +0.3 MoM", "COUNT(dashboard)/user", UP, "0.3", "COUNT", MOM),
    ("003:91", "↗️ +3 points MoM", "POINTS", UP, "3", "POINTS", MOM),
    ("003:92", "↗️ +0.1 MoM", "SCORE(0,5)", UP, "0.1", "SCORE", MOM),
    ("003:93", "↘️ -2 MoM", "COUNT(ticket)/100 customers", DOWN, "-2", "COUNT", MOM),
    ("003:94", "↘️ -15 min MoM", "DURATION", DOWN, "-900", "DURATION", MOM),
    ("003:103", "↗️ +$2K MoM", "MONEY(USD)", UP, "2000", "MONEY", MOM),
    ("003:120", "↘️ -$200 MoM", "MONEY(USD)", DOWN, "-200", "MONEY", MOM),
    ("003:122", "↘️ -1 month MoM", "MONTHS", DOWN, "-1", "MONTHS", MOM),
    ("003:132", "↘️ -0.3s MoM", "DURATION", DOWN, "-0.3", "DURATION", MOM),
    ("003:134", "↘️ -3 min MoM", "DURATION", DOWN, "-180", "DURATION", MOM),
    ("003:135", "↘️ -0.05% MoM", "RATIO", DOWN, "-0.0005", "PERCENT", MOM),
    ("003:140", "↗️ +3 points", "COUNT(story point)/sprint", UP, "3", "COUNT", UNSAID),
    ("003:141", "↘️ -6 hours", "DURATION", DOWN, "-21600", "DURATION", UNSAID),
    ("003:144", "↗️ +1/month", "COUNT(session)/month", UP, "1", "COUNT", UNSAID),
    ("003:161", "↗️ +3", "POINTS", UP, "3", "POINTS", UNSAID),
    ("no line", "+2 points", "RATIO", UP, "2", "POINTS", UNSAID),
    ("no line", "-1.2 pp YoY", "RATIO", DOWN, "-1.2", "POINTS", YOY),
]


@pytest.mark.parametrize(("source", "text", "unit", "arrow", "amount", "measure", "basis"), MOVED)
def test_a_printed_movement_has_arrow_amount_unit_and_basis(
    source: str, text: str, unit: str, arrow: Arrow, amount: str, measure: str, basis: Basis
) -> None:
    trend = parse_trend(text, parse_unit(unit))
    found = (trend.text, trend.arrow, trend.amount, trend.unit, trend.basis, trend.previous)
    assert found == (text, arrow, Decimal(amount), measure, basis, None), source


WORDED = [
    (
        "000:15",
        "+15% QoQ growth, but slower than projected",
        "COUNT(user)",
        UP,
        "0.15",
        QOQ,
        "growth, but slower than projected",
    ),
    ("000:29", "+5 points QoQ improvement", "POINTS", UP, "5", QOQ, "improvement"),
    ("000:36", "Consistent with previous quarter", "COUNT(deployment)/week", FLAT, None, QOQ, "Consistent"),
    ("001:74", "✅ Perfect", "COUNT(incident)", None, None, UNSAID, "Perfect"),
    ("001:135", "Stable", "TEXT", FLAT, None, UNSAID, "Stable"),
    ("001:137", "Rising", "TEXT", UP, None, UNSAID, "Rising"),
    ("003:124", "↗️ Improving", "TEXT", UP, None, UNSAID, "Improving"),
    ("no line", "Improving", "TEXT", None, None, UNSAID, "Improving"),
    ("002:179", "↗️", "RATIO", UP, None, UNSAID, None),
]


@pytest.mark.parametrize(("source", "text", "unit", "arrow", "amount", "basis", "words"), WORDED)
def test_the_words_of_a_trend_are_kept(
    source: str, text: str, unit: str, arrow: Arrow | None, amount: str | None, basis: Basis, words: str | None
) -> None:
    trend = parse_trend(text, parse_unit(unit))
    found = (trend.arrow, trend.amount, trend.basis, trend.words)
    assert found == (arrow, Decimal(amount) if amount else None, basis, words), source


def test_a_trend_may_name_the_value_before() -> None:
    """000:43 prints "Improved from 35 minutes last quarter": 2,100 seconds."""
    text = "Improved from 35 minutes last quarter"
    expected = Trend(text, basis=QOQ, previous=Decimal(2100), words="Improved")
    assert parse_trend(text, parse_unit("DURATION")) == expected


def test_a_placeholder_says_no_amount() -> None:
    assert parse_trend("+XX%", parse_unit("RATIO")) == Trend("+XX%")


def test_an_arrow_given_beats_one_printed_and_one_printed_beats_the_sign() -> None:
    unit = parse_unit("DURATION")
    assert parse_trend("↗️ -10%", unit).arrow is UP
    assert parse_trend("↗️ -10%", unit, arrow=FLAT).arrow is FLAT
    assert parse_trend("-10%", unit).arrow is DOWN
    assert parse_trend("+0%", unit).arrow is FLAT


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("", "RATIO", "empty"),
        ("+3 days", "MONEY(EUR)", "is not part"),
        ("+€5", "MONEY(USD)", "another currency"),
        ("+0.2", "RATIO", "must be followed by %"),
        ("+30", "DURATION", "must be followed by"),
        ("+2 months", "DURATION", "must be followed by"),
        ("+3", "TEXT", "a text has no number"),
        ("5%", "RATIO", "needs its sign"),
        ("Improved by 5", "RATIO", "needs its sign"),
        ("Improved from good", "DURATION", "a number is expected"),
        ("+5-10%", "COUNT", "is not part"),
        ("+5-10", "COUNT", "one amount, not a range"),
        ("+5 bananas", "COUNT(customer)", "is not part"),
    ],
)
def test_a_movement_of_another_kind_is_refused_with_its_reason(text: str, unit: str, reason: str) -> None:
    with pytest.raises(FigureError) as refused:
        parse_trend(text, parse_unit(unit))
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("source", "text", "unit", "direction", "better"),
    [
        ("001:57", "↘️ -22%", "RATIO/month", Direction.DOWN, True),
        ("001:58", "↗️ +35%", "MONEY(EUR)", Direction.UP, True),
        ("no line", "↘️ -22%", "MONEY(EUR)", Direction.UP, False),
        ("no line", "↗️ +1%", "RATIO", Direction.DOWN, False),
        ("001:71", "↗️ +11%", "DURATION", Direction.DOWN, False),
        ("no line", "↗️ -10%", "DURATION", Direction.DOWN, True),
        ("no line", "+0%", "RATIO", Direction.UP, False),
        ("000:36", "Consistent with previous quarter", "COUNT", Direction.UP, False),
        ("000:43", "Improved from 35 minutes last quarter", "DURATION", Direction.DOWN, True),
        ("003:124", "↗️ Improving", "TEXT", Direction.NONE, True),
        ("no line", "Declining", "TEXT", Direction.UP, False),
        ("001:74", "✅ Perfect", "COUNT", Direction.DOWN, None),
        ("001:26", "↗️ +28%", "MONEY(EUR)", Direction.NONE, None),
        ("no line", "+XX%", "RATIO", Direction.UP, None),
    ],
)
def test_a_movement_improves_in_the_kpis_direction(
    source: str, text: str, unit: str, direction: Direction, better: bool | None
) -> None:
    assert improving(parse_trend(text, parse_unit(unit)), direction) is better, source


@pytest.mark.parametrize(
    ("current", "previous", "unit", "expected"),
    [
        ("425", "340", "COUNT", Change(Decimal(85), ratio=Decimal("0.25"))),
        ("5", "-10", "MONEY(EUR)", Change(Decimal(15), ratio=Decimal("1.5"))),
        ("-15", "-10", "MONEY(EUR)", Change(Decimal(-5), ratio=Decimal("-0.5"))),
        ("5", "0", "COUNT", Change(Decimal(5), ratio=None)),
        ("0.032", "0.037", "RATIO", Change(Decimal("-0.005"), points=Decimal("-0.5"))),
        ("68", "63", "POINTS", Change(Decimal(5), points=Decimal(5))),
        ("1320", "2100", "DURATION", Change(Decimal(-780), ratio=Decimal(-780) / Decimal(2100))),
    ],
)
def test_a_change_is_relative_or_in_points(current: str, previous: str, unit: str, expected: Change) -> None:
    found = change(Decimal(current), Decimal(previous), parse_unit(unit))
    assert (found.amount, found.points) == (expected.amount, expected.points)
    assert (found.ratio is None) is (expected.ratio is None)
    assert found.ratio is None or expected.ratio is None or abs(found.ratio - expected.ratio) < Decimal("1E-25")


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3))
def test_a_change_added_to_the_value_before_gives_the_value_after(current: Decimal, previous: Decimal) -> None:
    assert previous + change(current, previous, parse_unit("COUNT")).amount == current


@given(st.text(max_size=40), st.sampled_from(["COUNT", "RATIO", "MONEY(EUR)", "DURATION", "TEXT"]))
def test_any_text_is_either_read_or_refused_as_a_trend(text: str, unit: str) -> None:
    try:
        trend = parse_trend(text, parse_unit(unit))
    except FigureError:
        return
    assert trend.text == text
    assert (trend.amount is None) is (trend.unit is None)


@pytest.mark.parametrize(
    ("unit", "previous", "current", "arrow", "amount", "in_unit"),
    [
        ("DURATION", "2100", "1320", DOWN, "-780", "DURATION"),
        ("RATIO", "0.037", "0.032", DOWN, "-0.5", "POINTS"),
        ("POINTS", "63", "68", UP, "5", "POINTS"),
        ("MONEY(EUR)", "100", "100", FLAT, "0", "MONEY"),
    ],
)
def test_a_trend_that_names_only_the_earlier_value_moves_by_the_difference(
    unit: str, previous: str, current: str, arrow: Arrow, amount: str, in_unit: str
) -> None:
    told = Trend("from what it was", previous=Decimal(previous))
    moved = completed(told, Decimal(current), parse_unit(unit))
    assert (moved.arrow, moved.amount, moved.unit) == (arrow, Decimal(amount), in_unit)


def test_a_trend_is_left_as_printed_where_nothing_can_be_added() -> None:
    printed = Trend("+5 points from 63", arrow=UP, amount=Decimal(5), unit="POINTS", previous=Decimal(60))
    assert completed(printed, Decimal(68), parse_unit("POINTS")) is printed
    no_value = Trend("from 35 minutes", previous=Decimal(2100))
    assert completed(no_value, None, parse_unit("DURATION")) is no_value
    unknown = Trend("Improving")
    assert completed(unknown, Decimal(1), parse_unit("COUNT")) is unknown
