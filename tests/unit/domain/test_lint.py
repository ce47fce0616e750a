"""Each rule on hand-made facts: what it finds, and what it lets pass."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_server.domain.direction import Direction
from kpi_server.domain.expression.calculator import Calculator, Reading
from kpi_server.domain.expression.tracing import choose, trace
from kpi_server.domain.lint.alerts import alert_columns, contradicted_alerts, nameless_rules, overreaching_rules
from kpi_server.domain.lint.facts import Framework, ListedRow, StandingAlert, StatedRule
from kpi_server.domain.lint.figures import formulas, lights, values
from kpi_server.domain.lint.finding import FindingSeverity, LintRule
from kpi_server.domain.lint.linting import lint
from kpi_server.domain.lint.targets import two_targets
from kpi_server.domain.reconciliation.formulas import Formulas
from kpi_server.domain.reconciliation.statements import Place, StatedFigure, StatedKpi, StatedTarget
from kpi_server.domain.selection import Placement
from kpi_server.domain.status import Colour, Near, NearKind
from kpi_server.domain.target import Operator, parse_target
from kpi_server.domain.unit import parse_unit

UNITS = {"growth": "RATIO", "churn": "RATIO", "users": "COUNT(user)", "mood": "TEXT", "cac": "MONEY(USD)"}
DOWN = {"churn", "cac"}
KPIS = {
    key: StatedKpi(
        key=key,
        name=key.capitalize(),
        unit=parse_unit(unit),
        direction=Direction.DOWN if key in DOWN else Direction.UP,
        place=Place("d", 1),
    )
    for key, unit in UNITS.items()
}


def _figure(key, text, value=None, *, line=1, document="d", **fields):
    number = None if value is None else Decimal(value)
    return StatedFigure(kpi=key, text=text, value=number, place=Place(document, line), **fields)


def _target(key, text, *, line=1, document="d", **fields):
    target = parse_target(text, KPIS[key].unit, KPIS[key].direction)
    return StatedTarget(kpi=key, target=target, place=Place(document, line), **fields)


def _framework(**facts):
    return Framework(**({"kpis": KPIS} | {name: tuple(rows) for name, rows in facts.items()}))


def _lines(findings):
    """The two lines of each finding."""
    return [
        (found.left.place and found.left.place.line, found.right.place and found.right.place.line) for found in findings
    ]


def _of_churn(key, calculate):
    reading = Reading(slot="churn", key="churn", name="churn", is_metric=True)
    return Formulas({key: Calculator(key=key, tree=trace(calculate).tree, inputs={"churn": reading})})


NET = _of_churn("growth", lambda churn: 1 - churn)


def test_a_figure_beside_its_formula_is_an_error_and_a_target_a_warning():
    framework = replace(
        _framework(
            figures=[_figure("growth", "90%", "0.90", line=2), _figure("churn", "8%", "0.08", line=3)],
            targets=[_target("growth", "95%", line=2), _target("churn", "<4%", line=3)],
        ),
        formulas=NET,
    )
    figure, target = formulas(framework)
    assert (figure.severity, figure.difference) == (FindingSeverity.ERROR, Decimal("-0.02"))
    assert figure.message == "Growth: reported as 90% (d:2), but 1 − 8% = 92 % (d:3)"
    assert (target.severity, target.difference) == (FindingSeverity.WARNING, Decimal("-0.01"))
    assert target.message == "Growth: the target is 95% (d:2), but the targets give 1 − <4% = 96 % (d:3)"


def test_a_figure_that_agrees_is_no_finding():
    figures = [_figure("growth", "92%", "0.92"), _figure("churn", "8%", "0.08")]
    assert list(formulas(replace(_framework(figures=figures), formulas=NET))) == []


@pytest.mark.parametrize(("printed", "findings"), [("calm", 0), ("Tense", 1)])
def test_words_beside_the_words_of_their_formula(printed, findings):
    of_mood = _of_churn("mood", lambda churn: choose(churn < 1, "Calm", "Tense"))
    figures = [_figure("mood", printed, line=2), _figure("churn", "8%", "0.08", line=3)]
    found = list(formulas(replace(_framework(figures=figures), formulas=of_mood)))
    assert len(found) == findings
    for finding in found:
        assert (finding.right.text, finding.right.value, finding.difference) == ("Calm", None, None)
        assert finding.message == ('Mood: reported as Tense (d:2), but Calm, by "Calm if 8% < 1, else Tense" (d:3)')


@pytest.mark.parametrize(
    ("value", "colour", "words", "found"),
    # Against 100: 94 is missed, 95 is near, 100 is met.
    [
        (94, Colour.GREEN, None, True),
        (95, Colour.GREEN, None, False),
        (100, Colour.GREEN, None, False),
        (94, Colour.YELLOW, "Strong", False),
        (94, Colour.RED, None, False),
        (99, Colour.RED, None, False),
        (100, Colour.RED, None, True),
        (100, Colour.BLUE, None, False),
        (94, None, "Strong", True),
        (94, None, "ACHIEVED (94% of target)", True),
        (94, None, "Improving", False),
        (94, None, None, False),
        (100, None, "MISSED (100% of target)", True),
        (94, None, "MISSED (94% of target)", False),
    ],
)
def test_a_light_contradicts_when_green_is_missed_or_red_is_met(value, colour, words, found):
    figure = _figure("users", str(value), value, colour=colour, status=words)
    findings = list(lights(_framework(figures=[figure], targets=[_target("users", "100", line=2)])))
    assert _lines(findings) == ([(1, 2)] if found else [])


def test_a_light_is_judged_by_the_target_of_its_own_row():
    figure = _figure("users", "90", 90, colour=Colour.GREEN, row=7)
    own, other = _target("users", "80", row=7, line=2), _target("users", "200", row=8, line=3)
    assert list(lights(_framework(figures=[figure], targets=[own, other]))) == []
    assert _lines(lights(_framework(figures=[replace(figure, row=None)], targets=[own, other]))) == [(1, 3)]


@pytest.mark.parametrize(
    "change",
    [{"segment": "plan=pro"}, {"place": Place("other", 2)}, {"period": "2025-Q1"}, {"step": "Month 12"}],
)
def test_a_light_is_not_judged_by_a_target_for_something_else(change):
    figure, target = _figure("users", "90", 90, colour=Colour.GREEN), _target("users", "100")
    assert len(list(lights(_framework(figures=[figure], targets=[target])))) == 1
    assert list(lights(_framework(figures=[figure], targets=[replace(target, **change)]))) == []


def test_a_kpis_own_tolerance_counts():
    figure, target = _figure("users", "90", 90, colour=Colour.GREEN), _target("users", "100")
    lenient = KPIS | {"users": replace(KPIS["users"], near=Near(NearKind.SHARE, Decimal("0.9")))}
    content = KPIS | {"users": replace(KPIS["users"], acceptable=Decimal("0.9"))}
    for kpis in (lenient, content):
        assert list(lights(Framework(kpis=kpis, figures=(figure,), targets=(target,)))) == []


def test_words_are_judged_by_words_and_multiples_by_the_other_kpi():
    mood = _figure("mood", "fair", colour=Colour.GREEN)
    assert len(list(lights(_framework(figures=[mood], targets=[_target("mood", "good")])))) == 1
    assert list(lights(_framework(figures=[mood], targets=[_target("mood", "Fair")]))) == []
    cost = _figure("cac", "$40", 40, colour=Colour.GREEN)
    relative = _target("cac", "< 3x Users", of_kpi="users")
    users = _figure("users", "10", 10)
    assert len(list(lights(_framework(figures=[cost, users], targets=[relative])))) == 1
    assert list(lights(_framework(figures=[cost], targets=[relative]))) == []


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("75+", ">= 75", False),
        ("75", ">75", False),
        ("75", "76", True),
        ("75", "<75", True),
        ("15-20", "15-20", False),
        ("15-20", "15-25", True),
        ("100", "100.0", False),
    ],
)
def test_two_targets_are_one_when_their_bound_is(first, second, differ):
    findings = list(two_targets(_framework(targets=[_target("users", first), _target("users", second, line=2)])))
    assert _lines(findings) == ([(1, 2)] if differ else [])


def test_two_targets_are_an_error_in_one_document_and_worth_knowing_in_two():
    here, there = _target("users", "75"), _target("users", "80", line=2)
    (within,) = two_targets(_framework(targets=[here, there]))
    (between,) = two_targets(_framework(targets=[here, replace(there, place=Place("e", 2))]))
    assert (within.severity, within.difference) == (FindingSeverity.ERROR, Decimal(-5))
    assert between.severity is FindingSeverity.INFO
    assert between.message == "Users: the target is 75 (d:1) and 80 (e:2)"


@pytest.mark.parametrize(
    "change", [{"segment": "plan=pro"}, {"period": "2025-Q1"}, {"step": "Month 12"}, {"kpi": "cac"}]
)
def test_targets_for_different_things_may_differ(change):
    assert (
        list(two_targets(_framework(targets=[_target("users", "75"), replace(_target("users", "80"), **change)]))) == []
    )


def test_each_other_target_is_named_once():
    targets = [_target("users", text, line=line) for line, text in ((5, "9"), (1, "7"), (3, "8"), (4, "8"), (6, "7"))]
    assert _lines(two_targets(_framework(targets=targets))) == [(1, 3), (1, 5)]


def test_a_multiple_and_an_amount_are_two_targets_without_a_difference():
    targets = [_target("cac", "< 3x monthly revenue", of_kpi="mrr"), _target("cac", "< $500", line=2)]
    (found,) = two_targets(_framework(targets=targets))
    assert (found.left.value, found.right.value, found.difference) == (None, Decimal(500), None)


def test_of_several_documents_neighbours_are_compared_by_what_counts_there():
    targets = [
        _target("users", "75", document="a"),
        _target("users", "70", document="a", line=9, placement=Placement.NARRATIVE),
        _target("users", "75", document="b", line=2),
        _target("users", "80", document="c", line=3),
    ]
    within, between = two_targets(_framework(targets=targets))
    assert (within.severity, between.severity) == (FindingSeverity.ERROR, FindingSeverity.INFO)
    assert _lines([within, between]) == [(1, 9), (2, 3)]


def _rule(kpi, operator, threshold, **fields):
    number = None if threshold is None else Decimal(threshold)
    words = {"name": "Watch", "condition": f"{kpi} {operator} {threshold}", "place": Place("d", 1)}
    return StatedRule(kpi=kpi, operator=operator, threshold=number, **(words | fields))


def test_a_rule_without_a_kpi_is_found():
    known, unknown = _rule("users", Operator.LESS_THAN, 5), _rule(None, None, None, condition="Data breach")
    (found,) = nameless_rules(_framework(rules=[known, unknown]))
    assert (found.kpi, found.left.text, found.right.text, found.right.place) == (None, "Data breach", "no KPI", None)


@pytest.mark.parametrize(
    ("key", "target", "operator", "threshold", "found"),
    [
        ("users", "100", Operator.LESS_THAN, 101, True),
        ("users", "100", Operator.LESS_THAN, 100, False),
        ("users", "100", Operator.LESS_THAN, 99, False),
        ("users", "100", Operator.MORE_THAN, 50, False),
        ("churn", "<3%", Operator.MORE_THAN, "0.029", True),
        ("churn", "<3%", Operator.MORE_THAN, "0.03", False),
        ("churn", "<3%", Operator.MORE_THAN, "0.04", False),
        ("users", "10-20", Operator.LESS_THAN, 30, False),
        ("users", "100", Operator.LESS_THAN, None, False),
    ],
)
def test_a_rule_must_not_fire_while_the_target_is_met(key, target, operator, threshold, found):
    framework = _framework(rules=[_rule(key, operator, threshold)], targets=[_target(key, target, line=2)])
    assert _lines(overreaching_rules(framework)) == ([(1, 2)] if found else [])


def test_a_rule_over_something_else_than_the_value_is_not_compared_with_the_target():
    targets = [_target("users", "100", line=2)]
    rule = _rule("users", Operator.LESS_THAN, 101)
    assert len(list(overreaching_rules(_framework(rules=[rule], targets=targets)))) == 1
    assert list(overreaching_rules(_framework(rules=[replace(rule, transform="CHANGE")], targets=targets))) == []


def _alert(text, *, kpi="users", document="d", colour=None):
    return StandingAlert(kpi, "Alert", text, colour, Place(document, 9))


@pytest.mark.parametrize(
    ("text", "value", "found"),
    # Of a target of 200: 152 is 24 % below, 210 is 5 % above.
    [
        ("Below target by 15%", 152, True),
        ("Below target by 24%", 152, False),
        ("below the targets by 24.4%", 152, True),
        ("Below target by 24.04%", 152, True),
        ("Below target by 24.0%", 152, False),
        ("Below target by 24%", 153, False),  # 23.5 %, which rounds to 24
        ("Below target by 24%", 154, True),
        ("Exceeding targets by 24%", 152, True),
        ("Exceeds target by 5%", 210, False),
        ("Above target by 6 %", 210, True),
        ("15% to go", 152, False),
    ],
)
def test_an_alert_must_not_state_another_distance_than_its_figures_have(text, value, found):
    framework = _framework(
        alerts=[_alert(text)], figures=[_figure("users", str(value), value, line=2)], targets=[_target("users", "200")]
    )
    assert _lines(contradicted_alerts(framework)) == ([(9, 2)] if found else [])


def test_an_alert_is_not_compared_without_figure_target_or_direction():
    figure, target, alert = _figure("users", "152", 152), _target("users", "200"), _alert("Below target by 15%")
    assert len(list(contradicted_alerts(_framework(alerts=[alert], figures=[figure], targets=[target])))) == 1
    elsewhere = _alert("Below target by 15%", document="e")
    churn = _framework(
        alerts=[_alert("Below target by 15%", kpi="churn")],
        figures=[_figure("churn", "1%", "0.01")],
        targets=[_target("churn", "2%")],
    )
    for framework in (
        _framework(alerts=[alert], targets=[target]),
        _framework(alerts=[alert], figures=[figure]),
        _framework(alerts=[elsewhere], figures=[figure], targets=[target]),
        _framework(alerts=[replace(alert, kpi=None)], figures=[figure], targets=[target]),
        churn,
    ):
        assert list(contradicted_alerts(framework)) == []


@pytest.mark.parametrize(
    ("column", "alert", "found"),
    [
        ("None", _alert("90 of 100"), True),
        ("none", _alert("90 of 100", colour=Colour.YELLOW), True),
        ("None", _alert("over plan", colour=Colour.GREEN), False),
        ("None", _alert("90 of 100", document="e"), False),
        ("None", _alert("90 of 100", kpi="cac"), False),
        ("High", _alert("90 of 100"), False),
        (None, _alert("90 of 100"), False),
    ],
)
def test_a_row_without_alert_must_not_have_one_standing(column, alert, found):
    row = ListedRow("users", "Users", column, Place("d", 4))
    assert _lines(alert_columns(_framework(rows=[row], alerts=[alert]))) == ([(4, 9)] if found else [])


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        (("12%", "0.12"), ("18%", "0.18"), True),
        (("12%", "0.12"), ("12.0%", "0.120"), False),
        (("12%", "0.12"), ("12.5%", "0.125"), False),
        (("12%", "0.12"), ("12.6%", "0.126"), True),
    ],
)
def test_two_figures_are_one_when_rounding_explains_the_difference(first, second, found):
    row, tile = _figure("growth", *first, line=5), _figure("growth", *second, line=2, placement=Placement.TILE)
    assert _lines(values(_framework(figures=[tile, row]))) == ([(5, 2)] if found else [])


@pytest.mark.parametrize(
    "change",
    [
        {"segment": "plan=pro"},
        {"period": "2025-Q1"},
        {"place": Place("e", 2)},
        {"value": None},
        {"is_exact": False},
        {"kpi": "churn"},
    ],
)
def test_figures_of_different_things_may_differ(change):
    other = replace(_figure("growth", "18%", "0.18"), **change)
    assert list(values(_framework(figures=[_figure("growth", "12%", "0.12"), other]))) == []


def test_what_was_recorded_without_a_document_is_not_compared():
    recorded = [_figure("growth", text, value, document=None) for text, value in (("12%", "0.12"), ("18%", "0.18"))]
    assert list(values(_framework(figures=recorded))) == []


def test_findings_come_rule_by_rule_then_by_line_whatever_the_order_of_the_facts():
    figures = [
        _figure("growth", "12%", "0.12", line=20),
        _figure("growth", "18%", "0.18", line=30),
        _figure("users", "10", 10, line=9, colour=Colour.GREEN),
        _figure("cac", "$90", 90, line=8, colour=Colour.GREEN),
    ]
    targets = [_target("users", "100", line=9), _target("cac", "$10", line=8), _target("cac", "$11", line=12)]
    rules = [_rule(None, None, None, place=Place("d", line)) for line in (40, 7)]
    expected = [
        (LintRule.STATUS, (8, 12)),
        (LintRule.STATUS, (9, 9)),
        (LintRule.TARGETS, (8, 12)),
        (LintRule.ALERT_RULE, (7, None)),
        (LintRule.ALERT_RULE, (40, None)),
        (LintRule.VALUE, (30, 20)),
    ]
    for ordered in ((figures, targets, rules), (figures[::-1], targets[::-1], rules[::-1])):
        findings = lint(_framework(**dict(zip(("figures", "targets", "rules"), ordered, strict=True))))
        assert [*zip((found.rule for found in findings), _lines(findings), strict=True)] == expected
