"""Reported figures are compared with what recorded measures give for their own segment and period."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kpi_server.domain.absence import Absence, Absent
from kpi_server.domain.calculation import Calculated, Taken
from kpi_server.domain.calendar import ISO
from kpi_server.domain.direction import Direction
from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.inputs import Missing
from kpi_server.domain.expression.tracing import trace
from kpi_server.domain.frame import Completeness
from kpi_server.domain.lint.facts import Framework
from kpi_server.domain.lint.finding import FindingSeverity, LintRule
from kpi_server.domain.lint.linting import lint
from kpi_server.domain.period import Grain
from kpi_server.domain.reconciliation.comparing import Aspect
from kpi_server.domain.reconciliation.recorded import compared, wanted_values
from kpi_server.domain.reconciliation.statements import Place, StatedFigure, StatedKpi
from kpi_server.domain.selection import Placement
from kpi_server.domain.unit import parse_unit

NAMES = {"revenue": "revenue", "costs": "costs"}
MARGIN = Calculator(
    key="f.margin",
    tree=trace(lambda revenue, costs: (revenue - costs) / revenue).tree,
    inputs={
        slot: Reading(
            slot=slot,
            key=f"f.{slot}",
            name=name,
            is_metric=False,
            missing=Missing.ZERO if slot == "costs" else Missing.REQUIRED,
        )
        for slot, name in NAMES.items()
    },
)
WHOLE = Completeness(1, 1, Grain.MONTH)


def _kpi(unit="RATIO", key="f.margin"):
    return StatedKpi(key=key, name="Margin", unit=parse_unit(unit), direction=Direction.UP, place=Place("d", 1))


def _figure(text="82%", value="0.82", **fields):
    number = None if value is None else Decimal(value)
    stated = {"kpi": "f.margin", "place": Place("d", 7), "period": "2026-01", **fields}
    return StatedFigure(text=text, value=number, **stated)


def _calculated(outcome, *, revenue="1000", costs="181", completeness=WHOLE, stale=False):
    amounts = {"revenue": revenue, "costs": costs}
    inputs = tuple(
        Taken(
            None,
            None,
            Absent(Absence.NO_DATA, "nothing is recorded") if amounts[slot] is None else Decimal(amounts[slot]),
        )
        for slot in MARGIN.inputs
    )
    value = outcome if isinstance(outcome, Absent) else Decimal(outcome)
    return Calculated(value, completeness, stale=stale, inputs=inputs)


def _wanted(*figures, unit="RATIO"):
    kpis = {"f.margin": _kpi(unit)}
    found = wanted_values(kpis, figures, {"f.margin": MARGIN}, calendar=ISO, currency="EUR")
    return [(figure, wanted.segment, wanted.period.start) for figure, wanted in found]


def _compared(figure, calculated, unit="RATIO"):
    return compared(_kpi(unit), figure, MARGIN, calculated, {"f.revenue": parse_unit("MONEY(EUR)")}.get)


def test_a_figure_is_compared_in_its_own_segment_and_period():
    of_plan = _figure(segment="plan=pro", period="2026-Q1")
    assert _wanted(of_plan, _figure()) == [(_figure(), "", date(2026, 1, 1)), (of_plan, "plan=pro", date(2026, 1, 1))]


@pytest.mark.parametrize(
    "change",
    [{"period": None}, {"is_exact": False}, {"value": None}, {"kpi": "f.unknown"}],
    ids=["without a period", "open upwards", "a range", "not calculated"],
)
def test_what_is_no_number_of_a_period_is_compared_with_nothing(change):
    assert _wanted(replace(_figure(), **change)) == []


def test_money_is_compared_in_the_organizations_currency_only():
    assert len(_wanted(_figure(), unit="MONEY(EUR)")) == 1
    assert _wanted(_figure(), unit="MONEY(USD)") == []


def test_of_several_figures_of_a_document_the_binding_one_counts_and_a_system_speaks_for_itself():
    tile = _figure("81%", "0.81", placement=Placement.TILE)
    row, sent = _figure(), _figure("0.8", "0.8", place=Place(system="bi"))
    assert {figure for figure, *_ in _wanted(tile, row, sent)} == {row, sent}


def test_both_sides_carry_their_places_words_and_inputs():
    # (1,000 - 181) / 1,000
    found = _compared(_figure(segment="plan=pro"), _calculated("0.819"))
    assert (found.aspect, found.segment, found.period) == (Aspect.COMPUTED, "plan=pro", "2026-01")
    assert (found.formula, found.working) == ("(revenue − costs) ÷ revenue", "(€1,000 − 181) ÷ €1,000")
    assert (found.reported.place, found.calculated.place) == (Place("d", 7), None)
    assert [(key, side.value) for key, side in found.inputs] == [("f.revenue", 1000), ("f.costs", 181)]
    assert (found.difference, found.change.points, found.change.ratio) == (Decimal("0.001"), Decimal("0.1"), None)


@pytest.mark.parametrize(
    ("text", "value", "outcome", "unit", "agrees"),
    [
        ("$5.8M", "5800000", "5760000", "MONEY(USD)", True),
        ("$5.8M", "5800000", "5749999", "MONEY(USD)", False),
        ("82%", "0.82", "0.825", "RATIO", True),
        ("82%", "0.82", "0.8251", "RATIO", False),
        ("0.3333333333333333", "0.3333333333333333", "0.333333333333", "RATIO", True),
        ("0.333333333334", "0.333333333334", "0.333333333333", "RATIO", False),
    ],
)
def test_the_rounding_of_either_side_is_no_difference(text, value, outcome, unit, agrees):
    assert _compared(_figure(text, value), _calculated(outcome), unit).agrees is agrees


def test_what_is_no_ratio_differs_by_a_fraction_of_what_is_computed():
    # 3.8 against 5: 1.2 / 5 less
    change = _compared(_figure("3.8:1", "3.8"), _calculated(5), "MULTIPLE").change
    assert (change.ratio, change.points) == (Decimal("-0.24"), None)


def test_an_input_that_may_be_missing_counts_as_nothing():
    found = _compared(_figure("100%", "1"), _calculated(1, costs=None))
    assert (found.working, found.agrees) == ("(€1,000 − 0) ÷ €1,000", True)


def test_without_a_computed_value_or_anything_recorded_there_is_no_comparison():
    assert _compared(_figure(), _calculated(Absent(Absence.NO_DATA, "nothing is recorded"))) is None
    assert _compared(_figure(), _calculated(1, completeness=None)) is None


@pytest.mark.parametrize(
    ("calculated", "severity", "ending"),
    [
        ({}, FindingSeverity.ERROR, '÷ €1,000"'),
        ({"completeness": Completeness(24, 31, Grain.DAY)}, FindingSeverity.WARNING, ", of 24 of 31 days"),
        ({"stale": True}, FindingSeverity.WARNING, ", with an earlier period's value in place of a missing one"),
    ],
)
def test_a_difference_is_grave_where_all_measures_are_known(calculated, severity, ending):
    comparison = _compared(_figure("75%", "0.75"), _calculated("0.819", **calculated))
    agreeing = _compared(_figure(), _calculated("0.819"))
    (found,) = lint(Framework(kpis={"f.margin": _kpi()}, computed=(agreeing, comparison)))
    assert (found.rule, found.severity, found.kpi) == (LintRule.COMPUTED, severity, "f.margin")
    assert found.message.startswith(
        "Margin: reported as 75% (d:7) of 2026-01, but (revenue − costs) ÷ revenue is 81.9 %"
    )
    assert found.message.endswith(ending)
    assert found.difference == Decimal("-0.069")
