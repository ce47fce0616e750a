"""Printed figures and targets are compared with their formula where all inputs are printed with them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_server.domain.direction import Direction
from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.tracing import trace
from kpi_server.domain.reconciliation.comparing import Aspect, binding, reconcile, rounding
from kpi_server.domain.reconciliation.formulas import Formulas
from kpi_server.domain.reconciliation.statements import Place, StatedFigure, StatedKpi, StatedTarget
from kpi_server.domain.selection import Placement
from kpi_server.domain.target import parse_target
from kpi_server.domain.unit import parse_unit

FORMULAS = Formulas(
    {
        "f.ratio": Calculator(
            key="f.ratio",
            tree=trace(lambda clv, cac: clv / cac).tree,
            inputs={name: Reading(slot=name, key=f"f.{name}", name=name, is_metric=True) for name in ("clv", "cac")},
        )
    }
)


def _kpi(key, unit):
    return StatedKpi(key=key, name=key, unit=parse_unit(unit), direction=Direction.UP, place=Place("d", 1))


KPIS = {
    "f.ratio": _kpi("f.ratio", "MULTIPLE"),
    "f.clv": _kpi("f.clv", "MONEY(USD)"),
    "f.cac": _kpi("f.cac", "MONEY(USD)"),
}


def _figure(key, text, value, *, line=1, document="d", **fields):
    number = None if value is None else Decimal(value)
    return StatedFigure(kpi=key, text=text, value=number, place=Place(document, line), **fields)


def _target(key, text, *, line=1, **fields):
    target = parse_target(text, KPIS[key].unit, Direction.UP)
    return StatedTarget(kpi=key, target=target, place=Place("d", line), **fields)


@pytest.mark.parametrize(
    ("text", "value", "unit", "half"),
    [
        ("7.7:1", "7.7", "MULTIPLE", "0.05"),
        ("10:1", "10", "MULTIPLE", "0.5"),
        (">5:1", "5", "MULTIPLE", "0.5"),
        ("$5.8M", "5800000", "MONEY(USD)", "50000"),
        ("€1,200", "1200", "MONEY(EUR)", "0.5"),
        ("12K/month", "12000", "COUNT(visitor)/month", "500"),
        ("2.10%", "0.0210", "RATIO", "0.00005"),
        ("+28% YoY", "0.28", "RATIO", "0.005"),
        ("-3 days", "-259200", "DURATION", "43200"),
        ("0.0%", "0", "RATIO", "0.0005"),
        ("0", "0", "COUNT", "0.5"),
        ("P95 180ms", "0.18", "DURATION", "0.0005"),
        ("USD5.0", "5", "MONEY(USD)", "0.05"),
        ("none", "5", "COUNT", "0"),
    ],
)
def test_rounding_is_half_a_unit_of_the_last_printed_digit(text, value, unit, half):
    assert rounding(text, Decimal(value), parse_unit(unit)) == Decimal(half)


@pytest.mark.parametrize(
    ("text", "value", "agrees"),
    # 18,500 / 2,400 = 7.7083…
    [("7.7:1", "7.7", True), ("7.8:1", "7.8", False), ("7.71:1", "7.71", True), ("7.70:1", "7.70", False)],
)
def test_a_figure_agrees_when_its_rounding_explains_the_difference(text, value, agrees):
    figures = [_figure("f.ratio", text, value), _figure("f.clv", "$18,500", 18500), _figure("f.cac", "$2,400", 2400)]
    (found,) = reconcile(KPIS, figures, [], formulas=FORMULAS)
    assert (found.aspect, found.agrees) == (Aspect.FIGURE, agrees)


@pytest.mark.parametrize(("clv", "agrees"), [(8050, True), (8051, False), (7950, True), (7949, False)])
def test_exactly_half_a_unit_still_agrees(clv, agrees):
    figures = [_figure("f.ratio", "8.0:1", "8.0"), _figure("f.clv", f"${clv}", clv), _figure("f.cac", "$1000", 1000)]
    (found,) = reconcile(KPIS, figures, [], formulas=FORMULAS)
    assert found.agrees is agrees


def test_both_sides_carry_their_words_numbers_and_lines():
    figures = [
        _figure("f.ratio", "3.8:1", "3.8", line=121),
        _figure("f.clv", "$35K", 35000, line=103),
        _figure("f.cac", "$7K", 7000, line=120),
    ]
    (found,) = reconcile(KPIS, figures, [], formulas=FORMULAS)
    assert (found.reported.text, found.reported.place) == ("3.8:1", Place("d", 121))
    assert (found.calculated.text, found.calculated.value) == ("$35K ÷ $7K", Decimal(5))
    assert found.calculated.place == Place("d", 103)
    assert [(key, side.place) for key, side in found.inputs] == [("f.clv", Place("d", 103)), ("f.cac", Place("d", 120))]
    assert (found.formula, found.difference) == ("f.clv ÷ f.cac", Decimal("-1.2"))


COMPLETE = [_figure("f.ratio", "9:1", 9), _figure("f.clv", "$10", 10), _figure("f.cac", "$2", 2)]


@pytest.mark.parametrize(
    "change",
    [
        {"place": Place("other", 1)},
        {"period": "2025-Q1"},
        {"segment": "plan=enterprise"},
        {"value": None},
        {"value": Decimal(0)},
        {"is_exact": False},
        {"kpi": "f.unknown"},
    ],
)
def test_without_every_input_in_one_place_nothing_is_compared(change):
    ratio, clv, cac = COMPLETE
    assert len(reconcile(KPIS, COMPLETE, [], formulas=FORMULAS)) == 1
    assert reconcile(KPIS, [ratio, clv, replace(cac, **change)], [], formulas=FORMULAS) == []


def test_amounts_of_different_currencies_are_not_compared():
    kpis = KPIS | {"f.cac": _kpi("f.cac", "MONEY(EUR)")}
    assert reconcile(kpis, COMPLETE, [], formulas=FORMULAS) == []


def test_targets_are_compared_among_themselves():
    targets = [_target("f.ratio", "10:1"), _target("f.clv", "$25,000"), _target("f.cac", "$1,800")]
    (found,) = reconcile(KPIS, [], targets, formulas=FORMULAS)
    assert (found.aspect, found.agrees, found.tolerance) == (Aspect.TARGET, False, Decimal("0.5"))


def test_steps_and_multiples_are_no_targets_to_calculate_with():
    ratio, cac = _target("f.ratio", "10:1"), _target("f.cac", "$1,800")
    for clv in (_target("f.clv", "$25,000", step="Month 12 12"), _target("f.clv", "> 3x Customer Acquisition Cost")):
        assert reconcile(KPIS, [], [ratio, clv, cac], formulas=FORMULAS) == []


def test_the_kpis_own_row_counts_then_the_later_line():
    tile = _figure("f.ratio", "1:1", 1, line=90, placement=Placement.TILE)
    first, later = _figure("f.ratio", "2:1", 2, line=20), _figure("f.ratio", "3:1", 3, line=80)
    aside = _target("f.ratio", "9:1", line=99, is_aside=True)
    own = _target("f.ratio", "8:1", line=5, placement=Placement.TILE)
    assert binding([tile, first, later]) is later
    assert binding([aside, own]) is own
    assert binding([]) is None
