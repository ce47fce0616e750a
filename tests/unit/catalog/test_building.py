"""What the rows of a catalog become: natural keys, readings, defaults, aliases."""

from datetime import date
from decimal import Decimal

import pytest

from kpi_server.registry import build as build_registry
from kpi_server.services.catalog.building import build
from kpi_server.services.catalog.reading import read_folder
from kpi_server.store.catalog import Ref

LOAVES = Ref("kpis", "custom.loaves")


def _rows(content, table):
    return content.tables.get(table, {})


def test_kpi_row_becomes_itself_a_figure_and_a_target(content):
    found = content(
        'kpi_rows: [{kpi: custom.waste, source: "menu:9", name: Waste, current: "3.2%", target: "<2.5%",'
        ' trend: "-0.3%", arrow: DOWN, status: Improving, colour: YELLOW, owner: baker, analysis: Slowly}]'
    )
    key = "custom.waste@menu:9"
    row, figure, target = (_rows(found, name)[key] for name in ("kpi_rows", "reported_figures", "targets"))
    assert (row["document"], row["line"], row["position"]) == ("menu", 9, 901)
    assert row["owner_id"] == Ref("owners", "baker")
    assert (figure["kpi_row_id"], figure["kpi_id"]) == (Ref("kpi_rows", key), Ref("kpis", "custom.waste"))
    assert (figure["text"], figure["value"], figure["at_least"]) == ("3.2%", Decimal("0.032"), False)
    assert (figure["status"], figure["colour"], figure["analysis"]) == ("Improving", "YELLOW", "Slowly")
    assert (figure["trend"], figure["trend_amount"], figure["trend_unit"]) == ("-0.3%", Decimal("-0.003"), "PERCENT")
    assert (target["text"], target["operator"], target["value"]) == ("<2.5%", "LESS_THAN", Decimal("0.025"))
    assert (figure["placement"], target["placement"], target["segment"]) == ("KPI_ROW", "KPI_ROW", "")


def test_cell_with_a_line_of_its_own_is_printed_there(content):
    found = content(
        'kpi_rows: [{kpi: custom.loaves, source: "menu:9", name: Loaves, current: {text: "70", source: "menu:12"}}]'
    )
    (key,) = _rows(found, "reported_figures")
    assert key == "custom.loaves@menu:12"
    assert _rows(found, "reported_figures")[key]["line"] == 12


def test_figure_has_the_period_of_its_document_unless_it_says_its_own(content):
    found = content(
        'figures:\n- {kpi: custom.loaves, source: "menu:9", text: "70", placement: HEADLINE}\n'
        '- {kpi: custom.loaves, source: "menu:10", text: "71", placement: HEADLINE, period: "2024-03"}'
    )
    first, second = _rows(found, "reported_figures").values()
    assert (first["period"], first["period_start"], first["period_end"]) == (
        "2024-Q1", date(2024, 1, 1), date(2024, 4, 1),
    )  # fmt: skip
    assert (second["period"], second["period_end"]) == ("2024-03", date(2024, 4, 1))


@pytest.mark.parametrize(
    ("says", "period"),
    [
        ('dated: "2024-04-05"', "2024-04-05"),
        ('dated: "2024-04"', "2024-04"),
        ('dated: "2024-04-05", period: "2024-Q1"', "2024-Q1"),
        ('approved_on: "2024-04-05"', None),
        ('version: "2.1"', None),
    ],
)
def test_figure_of_a_document_without_a_period_is_of_the_documents_date(content, says, period):
    added = (
        f'documents: [{{key: board, source: "board:1", title: Board, {says}}}]\n'
        'figures: [{kpi: custom.loaves, source: "board:2", text: "70", placement: TILE}]'
    )
    (figure,) = content(added).tables["reported_figures"].values()
    assert figure["period"] == period


def test_two_targets_of_one_line_are_told_apart(content):
    found = content(
        'targets:\n- {kpi: custom.cost, source: "menu:9", text: "< €5", segment: {plan: daily}}\n'
        '- {kpi: custom.cost, source: "menu:9", text: "< €6"}\n- {kpi: custom.cost, source: "menu:9", text: "< €7"}'
    )
    assert list(_rows(found, "targets")) == [
        "custom.cost@menu:9 plan=daily",
        "custom.cost@menu:9",
        "custom.cost@menu:9#2",
    ]
    assert [row["position"] for row in _rows(found, "targets").values()] == [901, 902, 903]


TARGETS = [
    ('text: "80"', "AT_LEAST", Decimal(80), None, None),
    ('text: "many", value: "80"', "AT_LEAST", Decimal(80), None, None),
    ('text: "few", operator: LESS_THAN, value: "80"', "LESS_THAN", Decimal(80), None, None),
    ('text: "some", value: "15..20"', "BETWEEN", None, Decimal(15), Decimal(20)),
    ('text: "80", operator: EQUAL', "EQUAL", Decimal(80), None, None),
    ('text: "as many as sell", operator: TEXT', "TEXT", None, None, None),
]


@pytest.mark.parametrize(("fields", "operator", "value", "low", "high"), TARGETS)
def test_stated_operator_and_number_win_over_the_words(content, fields, operator, value, low, high):
    found = content(f'targets: [{{kpi: custom.loaves, source: "menu:9", {fields}}}]')
    (target,) = _rows(found, "targets").values()
    assert (target["operator"], target["value"], target["low"], target["high"]) == (operator, value, low, high)


def test_bare_number_is_the_most_where_lower_is_better(content):
    found = content('targets: [{kpi: custom.waste, source: "menu:9", text: "5%"}]')
    (target,) = _rows(found, "targets").values()
    assert (target["operator"], target["value"]) == ("AT_MOST", Decimal("0.05"))


@pytest.mark.parametrize("of", [", of: custom.loaves", ""])
def test_multiple_names_the_other_kpi_or_finds_it_by_its_words(content, of):
    found = content(f'targets: [{{kpi: custom.cost, source: "menu:9", text: "< 3x Loaves"{of}}}]')
    (target,) = _rows(found, "targets").values()
    assert (target["multiple"], target["value"], target["of_kpi_id"]) == (Decimal(3), None, LOAVES)


def test_deadline_that_is_a_period_ends_on_its_last_day(content):
    found = content(
        'targets:\n- {kpi: custom.loaves, source: "menu:9", text: "80", due: "2024-06"}\n'
        '- {kpi: custom.loaves, source: "menu:10", text: "90", due: month 12, months: 12}'
    )
    first, second = _rows(found, "targets").values()
    assert (first["due"], first["due_on"]) == ("2024-06", date(2024, 6, 30))
    assert (second["due"], second["due_on"], second["months"]) == ("month 12", None, 12)


def test_tile_becomes_a_widget_with_figure_and_target(content):
    found = content(
        'dashboards: [{key: wall, source: "menu:9", name: Wall}]\n'
        'widgets: [{dashboard: wall, source: "menu:10", title: Bread, kind: TILE, row: 1, kpi: custom.loaves,'
        ' current: "XX", target: "80+"}]'
    )
    (widget,) = _rows(found, "widgets").values()
    (figure,) = _rows(found, "reported_figures").values()
    key = "custom.loaves@menu:10 TILE"
    assert (widget["figure_id"], widget["target_id"]) == (Ref("reported_figures", key), Ref("targets", key))
    assert (widget["current_text"], widget["target_text"]) == ("XX", "80+")
    assert (figure["value"], figure["absence"], figure["label"]) == (None, "NO_DATA", "Bread")


def test_alert_gives_a_figure_and_a_target(content):
    found = content(
        'alerts: [{source: "menu:9", name: Waste, text: Too much, kpi: custom.waste, current: "5%", target: "<3%"}]'
    )
    (figure,) = _rows(found, "reported_figures").values()
    assert (figure["placement"], figure["value"]) == ("ALERT", Decimal("0.05"))
    assert list(_rows(found, "targets")) == ["custom.waste@menu:9 ALERT"]


THRESHOLDS = [
    ('threshold: "80"', Decimal(80)),
    ('threshold: "20%", transform: CHANGE', Decimal("0.2")),
    ('threshold: "80%", transform: SHARE_OF_TARGET', Decimal("0.8")),
    ('threshold: "50", transform: MILESTONE', Decimal(50)),
    ("transform: EVENT", None),
]


@pytest.mark.parametrize(("fields", "threshold"), THRESHOLDS)
def test_threshold_is_read_as_its_rule_compares(content, fields, threshold):
    found = content(f'alert_rules: [{{key: a, source: "menu:9", name: A, condition: B, kpi: custom.loaves, {fields}}}]')
    assert _rows(found, "alert_rules")["a"]["threshold"] == threshold


@pytest.mark.parametrize(("text", "threshold"), [("80%", Decimal("0.8")), ("80", None)])
def test_threshold_of_no_kpi_is_read_as_a_percentage_alone(content, text, threshold):
    """004:831 limits the usage of any resource; a bare number would have no unit."""
    found = content(f'alert_rules: [{{key: a, source: "menu:9", name: A, condition: B, threshold: "{text}"}}]')
    assert _rows(found, "alert_rules")["a"]["threshold"] == threshold


def test_change_beside_a_rule_is_no_figure_of_the_kpi(content):
    found = content(
        'alert_rules: [{key: a, source: "menu:9", name: A, condition: B, kpi: custom.cost, transform: CHANGE,'
        ' threshold: "20%", current: "-25%"}]'
    )
    assert _rows(found, "reported_figures") == {}
    assert _rows(found, "alert_rules")["a"]["current_text"] == "-25%"


def test_same_risk_twice_is_one_risk_with_two_assessments(content):
    found = content(
        'risks:\n- {key: flood, source: "menu:9", name: Flood, level: LOW}\n'
        '- {key: flood, source: "menu:10", name: Flood, probability: "40%", impact: HIGH, kpi: custom.loaves}'
    )
    assert _rows(found, "risks")["flood"]["kpi_id"] == LOAVES
    first, second = _rows(found, "risk_assessments").values()
    assert (first["level"], first["probability"]) == ("LOW", None)
    assert (second["probability_text"], second["probability"], second["impact"]) == ("40%", Decimal("0.4"), "HIGH")


def test_cohort_row_becomes_a_cell_a_column_and_an_empty_one_has_no_value(content):
    found = content(
        'cohort_tables: [{key: c, source: "menu:9", name: C, kind: REVENUE, unit: MONEY, column_unit: MONTH,'
        " columns: [0, 3, 6], total_label: NRR}]\n"
        'cohort_rows: [{table: c, source: "menu:10", label: Jan, cells: ["€100", "€90", "-"], total: "90%"}]'
    )
    cells = _rows(found, "cohort_cells").values()
    assert [(cell["column"], cell["text"], cell["value"]) for cell in cells] == [
        (0, "€100", Decimal(100)), (3, "€90", Decimal(90)), (6, "-", None),
    ]  # fmt: skip
    (row,) = _rows(found, "cohort_rows").values()
    assert row["total"] == Decimal("0.9")
    assert _rows(found, "cohort_tables")["c"]["unit"] == "MONEY(EUR)"


@pytest.mark.parametrize(("text", "value"), [("85/100", Decimal(85)), ("4.2/5", Decimal("4.2")), ("92", Decimal(92))])
def test_score_says_its_own_scale(content, text, value):
    found = content(f'scores: [{{source: "menu:9", name: Health, subject: ORGANIZATION, text: "{text}"}}]')
    (score,) = _rows(found, "scores").values()
    assert score["value"] == value


DOCUMENTS = """
documents:
- {key: old, source: "menu:1", title: Old, period: "2023-Q4"}
- {key: new, source: "menu:1", title: New, dated: "2024-05"}
- {key: loose, source: "menu:1", title: Loose, version: "1.2"}
owners:
- {key: cook, source: "menu:2", title: Cook}
- {key: boss, source: "menu:2", title: Boss}
"""


def test_kpi_belongs_to_the_owner_of_its_newest_row(content):
    rows = (
        'kpi_rows:\n- {kpi: custom.loaves, source: "new:5", name: Loaves, owner: cook}\n'
        '- {kpi: custom.loaves, source: "new:9", name: Loaves again}\n'
        '- {kpi: custom.loaves, source: "old:5", name: Loaves, owner: baker, category: shop, definition: Bread sold}\n'
        '- {kpi: custom.waste, source: "menu:5", name: Waste, owner: baker}\n'
        '- {kpi: custom.waste, source: "loose:5", name: Waste, owner: boss}'
    )
    kpis = _rows(content(DOCUMENTS, rows), "kpis")
    assert (kpis["custom.loaves"]["owner_id"], kpis["custom.waste"]["owner_id"]) == (
        Ref("owners", "cook"), Ref("owners", "boss"),
    )  # fmt: skip
    assert kpis["custom.loaves"]["category_id"] == Ref("categories", "shop")
    assert kpis["custom.loaves"]["definition"] == "Bread sold"


def test_kpi_has_the_familys_unit_in_the_organizations_currency(content):
    found = content(
        'kpis:\n- {key: energy.use, source: "menu:9", name: Energy}\n'
        '- {key: energy.comfort, source: "menu:10", name: Comfort, scale: [0, 5], acceptable: "0.90"}'
    )
    kpis = _rows(found, "kpis")
    assert (kpis["energy.use"]["unit"], kpis["energy.use"]["direction"]) == ("MONEY(EUR)/month", "DOWN")
    assert (kpis["energy.comfort"]["unit"], kpis["energy.comfort"]["family"]) == ("SCORE(0,5)", "energy")
    assert kpis["energy.comfort"]["acceptable"] == Decimal("0.90")


def test_printed_names_are_aliases_where_they_can_mean_one_kpi_only(content):
    found = content(
        'kpis: [{key: energy.use, source: "menu:20", name: Energy, aliases: ["E-Use"]}]\n'
        'kpi_rows:\n- {kpi: custom.loaves, source: "menu:21", name: LOAVES}\n'
        '- {kpi: custom.loaves, source: "menu:22", name: Bread sold}\n'
        '- {kpi: custom.waste, source: "menu:23", name: Losses}\n'
        '- {kpi: custom.cost, source: "menu:24", name: losses!}\n'
        '- {kpi: custom.cost, source: "menu:25", name: Power bill}\n'
        '- {kpi: energy.use, source: "menu:26", name: Energy use}'
    )
    aliases = [(row["kpi_id"].key, row["name"], row["folded"]) for row in _rows(found, "kpi_aliases").values()]
    assert aliases == [
        ("energy.use", "E-Use", "euse"),
        ("custom.loaves", "Bread sold", "breadsold"),
        ("energy.use", "Energy use", "energyuse"),
    ]


def test_core_reads_a_catalog_of_own_kpis_without_any_family(write):
    assert len(build(read_folder(write()), build_registry([])).tables["kpis"]) == 4


def test_words_that_yaml_would_take_for_numbers_stay_words(content):
    found = content('statements: [{source: "menu:9", section: no, label: 0.10, text: 12:30}]')
    (row,) = _rows(found, "statements").values()
    assert (row["section"], row["label"], row["text"]) == ("no", "0.10", "12:30")
