"""Selection: the current figure, the one before, and the target that judges it."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.period import parse_period
from kpi_server.domain.selection import (
    FigureFact,
    FigureReason,
    Placement,
    Selection,
    TargetFact,
    TargetReason,
    figure_reason,
    select_figures,
    select_target,
    target_reason,
)

ROW, TILE, ALERT = Placement.KPI_ROW, Placement.TILE, Placement.ALERT


def figure(
    name: str,
    period: str | None = None,
    *,
    rank: tuple[int, ...] = (1,),
    placement: Placement = ROW,
    segment: str = "",
    ordinal: int = 1,
) -> FigureFact:
    return FigureFact(name, parse_period(period) if period else None, rank, placement, segment, ordinal)


def target(
    name: str, period: str | None = None, *, rank: tuple[int, ...] = (1,), placement: Placement = ROW
) -> TargetFact:
    return TargetFact(name, parse_period(period) if period else None, rank, placement, "", 1)


def names(selection: Selection) -> tuple[str | None, str | None]:
    current, previous = selection.current, selection.previous
    return current.id if current else None, previous.id if previous else None


SELECTIONS = [
    ("nothing reported", [], (None, None)),
    ("one figure", [figure("a")], ("a", None)),
    ("the later period", [figure("a", "2024-12"), figure("b", "2025-Q1")], ("b", "a")),
    ("the period's end counts, not its start", [figure("a", "2025"), figure("b", "2025-Q3")], ("a", "b")),
    ("the newer document of one period", [figure("a", "2025", rank=(1,)), figure("b", "2025", rank=(2,))], ("b", "a")),
    ("versions compare part by part", [figure("a", rank=(1, 2, 3)), figure("b", rank=(1, 10))], ("b", "a")),
    (
        "the row before tiles and alerts of its document",
        [figure("tile", placement=TILE, ordinal=9), figure("row"), figure("alert", placement=ALERT, ordinal=8)],
        ("row", None),
    ),
    ("a newer tile before an older row", [figure("row"), figure("tile", rank=(2,), placement=TILE)], ("tile", "row")),
    ("the later of two rows", [figure("a", ordinal=1), figure("b", ordinal=2)], ("b", None)),
    ("undated before dated", [figure("undated", rank=(9,)), figure("dated", "2020", rank=(1,))], ("dated", "undated")),
    ("segments apart", [figure("whole"), figure("part", "2025", segment="plan=smb")], ("whole", None)),
]


@pytest.mark.parametrize(("case", "figures", "expected"), SELECTIONS)
def test_the_current_and_the_previous_figure(
    case: str, figures: list[FigureFact], expected: tuple[str | None, str | None]
) -> None:
    for order in permutations(figures):
        assert names(select_figures(order)) == expected, case


def test_an_organization_may_count_undated_figures_as_the_latest() -> None:
    figures = [figure("undated"), figure("dated", "2020")]
    assert names(select_figures(figures, undated_last=True)) == ("undated", "dated")


def test_a_segment_has_its_own_figures() -> None:
    figures = [figure("whole", "2025"), figure("part", "2024", segment="plan=smb")]
    assert names(select_figures(figures, segment="plan=smb")) == ("part", None)


def chosen(targets: list[TargetFact], period: str | None = None, *, segment: str = "") -> str | None:
    found = {
        selected.id if selected else None
        for order in permutations(targets)
        for selected in [select_target(order, period=parse_period(period) if period else None, segment=segment)]
    }
    assert len(found) == 1, "the order of rows decides nothing"
    return found.pop()


def test_without_a_target_none_is_active() -> None:
    assert chosen([]) is None


def test_the_target_of_the_figures_period_judges_it() -> None:
    """000:50 lowers the target of the second quarter; the first quarter keeps its own."""
    targets = [target("500K", "2024-Q1"), target("550K", "2024-Q2", placement=Placement.DECISION)]
    assert chosen(targets, "2024-Q1") == "500K"
    assert chosen(targets, "2024-Q2") == "550K"
    assert chosen(targets, "2024-05") == "550K"
    assert chosen(targets, "2024") is None
    assert chosen(targets) is None


def test_an_open_window_judges_any_period() -> None:
    assert chosen([target("open")], "2024-Q1") == "open"
    assert chosen([target("open")]) == "open"


def test_the_newest_document_wins_then_the_row() -> None:
    """001:72 wishes 75 % in its row; 002:44 repeats 80 % in an alert of the newer document."""
    row, newer = target("75%", rank=(1,)), target("80%", rank=(2,), placement=ALERT)
    assert chosen([row, newer]) == "80%"
    assert chosen([target("alert", placement=ALERT), target("row"), target("tile", placement=TILE)]) == "row"
    assert chosen([target("1.2", rank=(1, 2)), target("1.2.3", rank=(1, 2, 3))]) == "1.2.3"


def test_a_target_judges_only_while_it_is_in_force() -> None:
    old = replace(target("old"), valid_to=date(2025, 4, 1))
    new = replace(target("new"), valid_from=date(2025, 4, 1))
    assert chosen([old, new], "2025-Q1") == "old"
    assert chosen([old, new], "2025-Q2") == "new"
    assert chosen([old, new]) == "new"


def test_a_target_revised_within_a_period_judges_that_period() -> None:
    old = replace(target("old"), valid_to=date(2025, 2, 10))
    new = replace(target("new"), valid_from=date(2025, 2, 10))
    assert chosen([old, new], "2025-Q1") == "new"
    assert chosen([old, new], "2025-01") == "old"


def test_steps_of_a_progression_stand_behind_any_other_target() -> None:
    """003:31-34 print steps of MABV, 003:188 a tile with its target."""
    steps = [
        replace(target(name, placement=Placement.PROGRESSION), milestone=name, ordinal=at)
        for at, name in enumerate(["Month 6", "Month 12", "Month 24", "Month 36"])
    ]
    assert chosen([*steps, target("tile", placement=TILE)]) == "tile"
    assert chosen(steps) == "Month 6"


def test_of_dated_steps_the_nearest_one_still_due_judges() -> None:
    steps = [
        replace(target(name), milestone=name, due=due)
        for name, due in [("first", date(2025, 6, 30)), ("second", date(2025, 12, 31)), ("third", date(2026, 12, 31))]
    ]
    assert chosen(steps, "2025-Q2") == "first"
    assert chosen(steps, "2025-Q3") == "second"
    assert chosen(steps, "2027") == "third"


def test_a_deadline_that_has_not_passed_wins_over_one_that_has() -> None:
    passed, ahead = replace(target("passed"), due=date(2024, 12, 31)), replace(target("ahead"), due=date(2025, 12, 31))
    assert chosen([passed, ahead], "2025-Q1") == "ahead"
    assert chosen([passed], "2025-Q1") == "passed"


def test_of_equal_targets_the_one_printed_last_judges_as_with_figures() -> None:
    """002:20 and 002:105 print ARR twice: its figure and its target are to be of one row."""
    assert chosen([replace(target("second"), ordinal=2), target("first")]) == "second"


def test_the_kpis_own_section_comes_before_a_target_printed_with_another_kpi() -> None:
    """004:376 sets the error rate in its own section, 004:326 in that of the response time."""
    own, aside = target("004:376"), replace(target("004:326"), is_aside=True, ordinal=9)
    assert chosen([aside, own]) == "004:376"
    assert chosen([aside]) == "004:326"


def test_a_segment_has_its_own_target() -> None:
    targets = [target("whole"), replace(target("part"), segment="plan=smb")]
    assert chosen(targets, segment="plan=smb") == "part"
    assert chosen(targets) == "whole"
    assert chosen(targets, segment="plan=enterprise") is None


FACTS = st.builds(
    figure,
    st.uuids().map(str),
    st.sampled_from([None, "2024", "2024-Q4", "2025-Q1"]),
    rank=st.sampled_from([(1,), (2,), (1, 5)]),
    placement=st.sampled_from(Placement),
    ordinal=st.integers(1, 3),
)


@given(st.lists(FACTS, max_size=8), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_rows_decides_nothing(figures: list[FigureFact], random: object, undated_last: bool) -> None:
    shuffled = list(figures)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    selected = select_figures(figures, undated_last=undated_last)
    assert select_figures(shuffled, undated_last=undated_last) == selected
    assert (selected.current is None) is (not figures)
    assert selected.previous is None or selected.previous != selected.current


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ([], "NO_FIGURE"),
        ([figure("a")], "ONLY_FIGURE"),
        ([figure("a"), figure("b", segment="plan=pro")], "ONLY_FIGURE"),
        ([figure("a", "2024-Q1"), figure("b", "2024-Q2")], "LATEST_PERIOD"),
        ([figure("a", "2024-Q1"), figure("b", rank=(2,))], "LATEST_PERIOD"),  # a figure without a period is older
        ([figure("a", "2024-Q1"), figure("b", "2024-03", rank=(2,))], "LATEST_DOCUMENT"),  # both end in March
        ([figure("a", placement=TILE, ordinal=2), figure("b")], "MOST_BINDING"),
        ([figure("a"), figure("b", ordinal=2)], "PRINTED_LAST"),
        ([figure("a"), figure("b", ordinal=2), figure("c", rank=(0,))], "PRINTED_LAST"),
    ],
)
def test_the_reason_of_a_figure_is_where_it_is_ahead_of_the_next_best(figures, reason):
    for order in permutations(figures):
        assert figure_reason(order) == FigureReason(reason)


def test_undated_figures_may_be_the_latest():
    figures = [figure("a", "2024-Q1"), figure("b")]
    assert select_figures(figures, undated_last=True).current == figures[1]
    assert figure_reason(figures, undated_last=True) is FigureReason.LATEST_PERIOD


Q1 = parse_period("2024-Q1")
STEP = {"milestone": "Month 6", "placement": Placement.PROGRESSION}


@pytest.mark.parametrize(
    ("targets", "period", "reason"),
    [
        ([], None, "NO_TARGET"),
        ([target("a", "2024-Q2")], Q1, "NONE_ACTIVE"),
        ([target("a", "2024-Q2"), target("b")], Q1, "ONLY_TARGET"),
        ([target("a"), replace(target("b", rank=(2,)), **STEP)], None, "LASTING"),
        ([target("a"), target("b", rank=(2,))], None, "NEWEST_DOCUMENT"),
        ([replace(target("a"), is_aside=True), target("b", placement=TILE)], None, "OWN_SECTION"),
        ([target("a"), target("b", placement=TILE)], None, "MOST_BINDING"),
        ([replace(target("a"), due=date(2024, 6, 30)), target("b")], Q1, "NEAREST_DEADLINE"),
        ([replace(target("a"), due=date(2023, 6, 30)), target("b")], Q1, "NEAREST_DEADLINE"),
        ([target("a"), replace(target("b"), ordinal=2)], None, "PRINTED_LAST"),
        ([replace(target("a"), **STEP), replace(target("b"), ordinal=2, **STEP)], None, "NEXT_STEP"),
    ],
)
def test_the_reason_of_a_target_is_where_it_is_ahead_of_the_next_best(targets, period, reason):
    for order in permutations(targets):
        assert target_reason(order, period=period) == TargetReason(reason)
