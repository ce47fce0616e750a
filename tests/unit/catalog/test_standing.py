"""Where a KPI stands, from the facts that are stored of it."""

from datetime import date
from decimal import Decimal

import pytest

from kpi_server.services.standing import Paper, document_ranks, reasons, standings, standings_by_document
from kpi_server.store.standing import Fact

NONE = Fact(
    organization_id=1,
    kpi_id=1, is_judged=True, unit="COUNT", acceptable=None, near=None, basis="REPORTED",
    undated_first=False, calendar="", kind=None,
    id=None, segment=None, placement=None, position=None, period=None, text=None, value=None, low=None, high=None,
    absence=None,
    operator=None, multiple=None, of_kpi_id=None, due_on=None, milestone=None,
    is_aside=None, document=None, printed_in=None, line=None, origin=None, batch_id=None,
    document_period=None,
    document_dated=None, document_approved_on=None, document_version=None,
)  # fmt: skip


def _figure(number, value, **fields):
    stated = {"kind": "FIGURE", "segment": "", "placement": "KPI_ROW", "position": 1, "text": str(value)}
    return NONE._replace(id=number, **(stated | {"value": Decimal(value) if value else None} | fields))


def _target(number, value, **fields):
    stated = {"kind": "TARGET", "segment": "", "placement": "KPI_ROW", "position": 1, "text": str(value)}
    wish = {"operator": "AT_LEAST", "value": Decimal(value) if value else None}
    return NONE._replace(id=number, **(stated | wish | fields))


def test_kpi_without_figure_and_target_has_no_target():
    (row,) = standings([NONE])
    assert (row.kpi_id, row.segment, row.status, row.figure_id, row.value) == (1, "", "NO_TARGET", None, None)


@pytest.mark.parametrize(
    ("value", "status"),
    [("70", "MET"), ("69.99", "NEAR_MISS"), ("66.5", "NEAR_MISS"), ("66.49", "MISSED"), (None, "NO_DATA")],
)
def test_figure_is_judged_against_its_target(value, status):
    (row,) = standings([_figure(5, value), _target(6, "70")])
    assert (row.status, row.figure_id, row.target_id, row.target_value) == (status, 5, 6, Decimal(70))


def test_attainment_and_share_of_a_lower_is_better_target():
    (row,) = standings([_figure(5, "22", unit="DURATION"), _target(6, "30", unit="DURATION", operator="LESS_THAN")])
    assert row.share_of_target == Decimal("0.7333333333333333333333333333333333")
    assert row.attainment == Decimal("1.363636363636363636363636363636364")
    assert row.status == "MET"


def test_of_a_kpi_that_was_switched_what_is_computed_stands_alone_and_documents_keep_their_own():
    computed = {"kind": "COMPUTED", "text": None}
    facts = [
        _figure(5, "71", document="a", period="2026-03"),
        _figure(6, "60", **computed, period="2026-01"),
        _figure(7, "69", **computed, period="2026-02"),
        _target(8, "70", document="a"),
    ]
    switched = [fact._replace(basis="COMPUTED") for fact in facts]
    (row,) = standings(switched)
    assert (row.figure_id, row.value, row.period, row.previous_value) == (None, 69, "2026-02", 60)
    assert row.status == "NEAR_MISS"
    (row,) = standings([fact for fact in switched if fact.kind != "COMPUTED"])
    assert (row.value, row.status) == (None, "NO_DATA")
    ((_, row),) = standings_by_document(switched)
    assert (row.figure_id, row.value, row.status) == (5, 71, "MET")
    assert reasons(switched).figure == "COMPUTED"


def test_kpis_own_tolerances_count():
    of = {"acceptable": Decimal("0.80"), "near": Decimal("0.50")}
    (row,) = standings([_figure(5, "90", **of), _target(6, "100", **of)])
    (near,) = standings([_figure(5, "60", **of), _target(6, "100", **of)])
    assert (row.status, near.status) == ("ACCEPTABLE", "NEAR_MISS")


def test_availability_is_judged_by_its_error_budget():
    of = {"unit": "RATIO"}
    (row,) = standings([_figure(5, "0.997", **of), _target(6, "0.999", **of)])
    assert row.status == "MISSED"


def test_latest_document_is_current_and_the_one_before_previous():
    old = {"document": "old", "document_period": "2024-Q4", "period": "2024-Q4"}
    new = {"document": "new", "document_dated": "2025-03", "period": "2025-Q1"}
    (row,) = standings([_figure(5, "10", **new), _figure(4, "8", **old), _target(6, "9")])
    assert (row.figure_id, row.previous_figure_id, row.value, row.previous_value) == (5, 4, Decimal(10), Decimal(8))


def test_placeholder_counts_only_while_there_is_nothing_else():
    blank = _figure(5, None, absence="NO_DATA", placement="KPI_ROW", text="XX%")
    (alone,) = standings([blank])
    (row,) = standings([blank, _figure(4, "8", placement="TILE")])
    assert (alone.figure_id, alone.value) == (5, None)
    assert (row.figure_id, row.value) == (4, Decimal(8))


def test_each_segment_stands_for_itself():
    rows = standings([
        _figure(5, "40"), _target(6, "50"),
        _figure(7, "70", segment="plan=daily"), _target(8, "60", segment="plan=daily"),
        _target(9, "10", segment="plan=weekly"),
    ])  # fmt: skip
    assert [(row.segment, row.status) for row in rows] == [
        ("", "MISSED"), ("plan=daily", "MET"), ("plan=weekly", "NO_DATA"),
    ]  # fmt: skip


def test_relative_target_uses_the_other_kpis_current_value():
    clv = _figure(5, "18500", kpi_id=1)
    relative = _target(6, None, kpi_id=1, multiple=Decimal(3), of_kpi_id=2, operator="MORE_THAN", text="> 3x CAC")
    cac = _figure(7, "2400", kpi_id=2)
    first, second = standings([clv, relative, cac])
    assert (first.target_value, first.status, second.status) == (Decimal(7200), "MET", "NO_TARGET")


def test_relative_target_without_the_other_value_has_no_data():
    relative = _target(6, None, multiple=Decimal(3), of_kpi_id=2, operator="MORE_THAN", text="> 3x CAC")
    (row,) = standings([_figure(5, "18500"), relative])
    assert (row.target_id, row.target_value, row.status) == (6, None, "NO_DATA")


def test_row_holds_what_a_board_shows_of_the_figures_and_the_target():
    old = _figure(4, "8", text="8 loaves", period="2024-Q4")
    new = _figure(5, "10", text="10 loaves", period="2025-Q1")
    (row,) = standings([old, new, _target(6, "9", text="9+")])
    assert (row.text, row.period) == ("10 loaves", "2025-Q1")
    assert (row.previous_text, row.previous_period, row.target_text) == ("8 loaves", "2024-Q4", "9+")


def test_kpi_that_is_not_judged_gives_its_value_and_no_row():
    relative = _target(6, None, kpi_id=1, multiple=Decimal(3), of_kpi_id=2, operator="MORE_THAN", text="> 3x CAC")
    (row,) = standings([relative, _figure(7, "2400", kpi_id=2, is_judged=False)])
    assert (row.kpi_id, row.target_value) == (1, Decimal(7200))


def test_words_are_judged_by_the_same_words():
    of = {"unit": "TEXT", "operator": "TEXT"}
    healthy = _figure(5, None, unit="TEXT", text="healthy")
    (met,) = standings([healthy, _target(6, None, **(of | {"text": "Healthy"}))])
    (missed,) = standings([healthy, _target(6, None, **(of | {"text": "Excellent"}))])
    assert (met.status, missed.status) == ("MET", "MISSED")


def test_step_of_a_progression_gives_way_to_a_plain_target():
    step = _target(6, "200", placement="PROGRESSION", milestone="12")
    (row,) = standings([_figure(5, "40"), step, _target(7, "50")])
    assert row.target_id == 7


def test_target_printed_with_another_kpi_gives_way_to_the_kpis_own():
    aside = _target(6, "90", is_aside=True, position=9)
    (row,) = standings([_figure(5, "40"), aside, _target(7, "50", is_aside=False)])
    assert row.target_id == 7


def test_deadline_is_kept_for_whoever_reads_on_a_date():
    (row,) = standings([_figure(5, "40"), _target(6, "50", due_on=date(2024, 6, 30))])
    assert (row.status, row.due_on) == ("MISSED", date(2024, 6, 30))


@pytest.mark.parametrize(
    ("undated_first", "order"),
    [(False, ["q4", "march", "loose", "draft"]), (True, ["loose", "draft", "q4", "march"])],
)
def test_documents_are_ordered_by_date_and_version(undated_first, order):
    papers = [
        Paper("draft", None, "1.10"), Paper("march", date(2025, 4, 1), None),
        Paper("loose", None, "1.9"), Paper("q4", date(2025, 1, 1), None),
    ]  # fmt: skip
    assert list(document_ranks(papers, undated_first=undated_first)) == order


def test_each_document_judges_by_its_own_figure_and_target():
    old = {"document": "old", "document_period": "2024-Q4", "period": "2024-Q4"}
    new = {"document": "new", "document_period": "2025-Q1", "period": "2025-Q1"}
    facts = [
        _figure(4, "8", **old),
        _target(5, "8", **(old | {"period": None})),
        _figure(6, "9", **new),
        _target(7, "20", **(new | {"period": None})),
    ]
    views = standings_by_document(facts)
    assert [(document, row.figure_id, row.target_id, row.status) for document, row in views] == [
        ("old", 4, 5, "MET"),
        ("new", 6, 7, "MISSED"),
    ]


def test_documents_that_say_nothing_of_a_segment_are_left_out():
    facts = [_figure(4, "8", document="a"), _figure(5, "9", document="b", segment="plan=pro")]
    assert [document for document, _ in standings_by_document(facts, segment="plan=pro")] == ["b"]
    assert standings_by_document([NONE]) == []


def _observation(number, value, period, **fields):
    return _figure(number, value, period=period, **fields)._replace(kind="OBSERVATION", position=number, origin="erp")


def test_recorded_value_is_current_and_the_figure_of_the_period_before_previous():
    printed = {"document": "report", "printed_in": "report", "document_period": "2025-Q1"}
    (row,) = standings([
        _figure(4, "8", period="2024-Q4", **printed), _figure(5, "10", period="2025-Q1", **printed),
        _observation(9, "11", "2025-Q1"), _target(6, "9"),
    ])  # fmt: skip
    assert (row.figure_id, row.origin, row.value, row.status) == (None, "erp", Decimal(11), "MET")
    assert (row.previous_figure_id, row.previous_document, row.previous_value) == (4, "report", Decimal(8))


def test_later_figure_stays_current_over_what_was_recorded_of_an_earlier_period():
    (row,) = standings([_figure(4, "8", period="2025-Q1"), _observation(9, "11", "2025-02")])
    assert (row.figure_id, row.previous_origin, row.previous_value) == (4, "erp", Decimal(11))


def test_recorded_value_takes_the_place_of_a_placeholder():
    (row,) = standings([_figure(4, None, absence="NO_DATA", text="XX%"), _observation(9, "11", "2025-02")])
    assert (row.origin, row.value, row.previous_figure_id) == ("erp", Decimal(11), None)
