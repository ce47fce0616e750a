"""Values, ranges and trends as the schema shows them."""

from decimal import Decimal

import pytest

from kpi_server.api.standing import Measure, Standing
from kpi_server.api.types.enums import TrendUnit
from kpi_server.api.types.value import current_value, derived_trend, formatted, previous_value, printed_trend
from kpi_server.domain.absence import Absence
from kpi_server.domain.direction import Direction
from kpi_server.domain.status import Status
from kpi_server.domain.trend import Arrow, Basis
from kpi_server.domain.unit import parse_unit

PRINTED = {
    "id": 1, "organization_id": 1, "text": "€1.2M", "value": None, "low": None, "high": None, "at_least": False,
    "absence": None,
    "segment": "", "period": "2025-Q1", "placement": "KPI_ROW", "label": None, "status": None, "colour": None,
    "analysis": None, "document": "002", "line": 105, "origin": "CATALOG", "batch_id": 3, "trend": None,
    "trend_arrow": None, "trend_amount": None, "trend_unit": None, "trend_basis": None, "trend_previous": None,
    "trend_words": None,
}  # fmt: skip


def measure(unit="MONEY(EUR)", direction=Direction.UP):
    return Measure(parse_unit(unit), direction, None, None)


def standing(value, **changes):
    figure = {**PRINTED, **changes}
    row = {
        "value": value, "text": figure["text"], "period": figure["period"], "origin": "CATALOG",
        "previous_value": None,
    }  # fmt: skip
    return Standing("", row, figure, None, None, Status.NO_TARGET)


def test_a_value_is_a_number_with_its_words_and_source():
    value = current_value(standing(Decimal(1200000)), measure())
    assert (value.value, value.exact, value.text, value.formatted) == (1.2e6, Decimal(1200000), "€1.2M", "€1,200,000")
    assert (value.absence, value.period, value.source.document, value.source.line) == (None, "2025-Q1", "002", 105)
    assert value.source.system is None


@pytest.mark.parametrize(
    ("unit", "changes", "absence"),
    [
        ("RATIO", {"text": "XX%", "absence": "NO_DATA"}, Absence.NO_DATA),
        ("RATIO", {"text": "n/a", "absence": "NOT_APPLICABLE"}, Absence.NOT_APPLICABLE),
        ("RATIO", {"text": "15-20%", "low": Decimal("0.15"), "high": Decimal("0.2")}, None),
        ("TEXT", {"text": "At Risk"}, None),
    ],
)
def test_a_value_without_a_number_is_a_range_words_or_says_why(unit, changes, absence):
    value = current_value(standing(None, **changes), measure(unit))
    assert (value.value, value.exact, value.absence, value.text) == (None, None, absence, changes["text"])


def test_nothing_known_is_no_data_and_nothing_before():
    nowhere = Standing.nowhere("plan=pro")
    value = current_value(nowhere, measure())
    assert (value.value, value.text, value.absence, value.segment) == (None, None, Absence.NO_DATA, "plan=pro")
    assert previous_value(nowhere, measure()) is None


def test_zero_is_a_number():
    value = current_value(standing(Decimal(0), text="0"), measure("COUNT(incident)"))
    assert (value.value, value.absence, value.formatted) == (0.0, None, "0")


def test_a_range_is_formatted_as_one():
    assert formatted(None, Decimal("0.15"), Decimal("0.2"), parse_unit("RATIO")) == "15 % – 20 %"
    assert formatted(None, None, None, parse_unit("RATIO")) is None


def test_a_printed_trend_keeps_its_words():
    figure = {
        **PRINTED, "trend": "-22%", "trend_arrow": "DOWN", "trend_amount": Decimal("-0.22"), "trend_unit": "PERCENT",
        "trend_basis": "UNSPECIFIED",
    }  # fmt: skip
    trend = printed_trend(figure, measure("RATIO", Direction.DOWN))
    assert (trend.text, trend.arrow, trend.amount, trend.unit) == ("-22%", Arrow.DOWN, -0.22, TrendUnit.PERCENT)
    assert (trend.basis, trend.improving, trend.derived) == (Basis.UNSPECIFIED, True, False)
    assert printed_trend(PRINTED, measure()) is None


@pytest.mark.parametrize(
    ("unit", "current", "previous", "amount", "kind", "arrow"),
    [
        ("COUNT(user)", "425", "340", Decimal("0.25"), TrendUnit.PERCENT, Arrow.UP),
        ("RATIO", "0.032", "0.037", Decimal("-0.5"), TrendUnit.POINTS, Arrow.DOWN),
        ("POINTS", "68", "63", Decimal(5), TrendUnit.POINTS, Arrow.UP),
        ("COUNT(user)", "5", "5", Decimal(0), TrendUnit.PERCENT, Arrow.FLAT),
    ],
)
def test_a_derived_trend_is_the_change_of_two_values(unit, current, previous, amount, kind, arrow):
    trend = derived_trend(Decimal(current), Decimal(previous), measure(unit))
    assert (trend.exact, trend.unit, trend.arrow, trend.previous) == (amount, kind, arrow, Decimal(previous))
    assert (trend.text, trend.derived, trend.basis) == (None, True, Basis.UNSPECIFIED)


@pytest.mark.parametrize(("current", "previous"), [(None, Decimal(1)), (Decimal(1), None), (Decimal(1), Decimal(0))])
def test_there_is_no_trend_without_two_values_or_from_zero(current, previous):
    assert derived_trend(current, previous, measure("COUNT(user)")) is None
