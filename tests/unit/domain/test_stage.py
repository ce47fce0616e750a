"""What of a stage is reached today, worked from the tables of document 003."""

from decimal import Decimal

import pytest

from kpi_server.domain.stage import StageProgress, criterion_met, stage_progress
from kpi_server.domain.status import Status, status
from kpi_server.domain.target import Operator, Target
from kpi_server.domain.unit import Unit, UnitKind


@pytest.mark.parametrize(
    ("line", "value", "bound", "expected"),
    [
        ("003:454", "387", "300", Status.MET),  # customers, 003:161
        ("no line", "300", "300", Status.MET),
        ("no line", "299", "300", Status.NEAR_MISS),
        ("003:454", "1.08", "1.15", Status.MISSED),  # NRR, 003:102: 93.9 % of the target
        ("003:467", "387", "500", Status.MISSED),
    ],
)
def test_a_stages_target_is_judged_by_todays_value(line: str, value: str, bound: str, expected: Status) -> None:
    target = Target(bound, Operator.AT_LEAST, Decimal(bound))
    assert status(target, Decimal(value), unit=Unit(UnitKind.COUNT)) is expected, line


@pytest.mark.parametrize(
    ("statuses", "progress", "share"),
    [
        ([], StageProgress(0, 0, 0), None),
        ([Status.NO_DATA], StageProgress(0, 0, 1), None),
        ([Status.NOT_YET_DUE, Status.NO_TARGET, Status.MET], StageProgress(1, 1, 3), Decimal(1)),
        ([Status.MET, Status.MISSED], StageProgress(1, 2, 2), Decimal("0.5")),
        ([Status.ACCEPTABLE, Status.NEAR_MISS], StageProgress(0, 2, 2), Decimal(0)),
        ([*[Status.MET] * 6, Status.MISSED, Status.MISSED], StageProgress(6, 8, 8), Decimal("0.75")),
    ],
    ids=str,
)
def test_progress_counts_the_judged_targets(
    statuses: list[Status], progress: StageProgress, share: Decimal | None
) -> None:
    assert stage_progress(statuses) == progress
    assert stage_progress(statuses).share == share


@pytest.mark.parametrize(
    ("statuses", "reached"),
    [
        ([], None),
        ([Status.MET], True),
        ([Status.MET, Status.MET], True),
        ([Status.MET, Status.NO_DATA], None),
        ([Status.MET, Status.NOT_YET_DUE], None),
        ([Status.NO_DATA], None),
        ([Status.ACCEPTABLE], False),
        ([Status.NEAR_MISS, Status.NO_DATA], False),
        ([Status.MET, Status.MISSED], False),
    ],
    ids=str,
)
def test_a_criterion_is_met_when_all_its_targets_are(statuses: list[Status], reached: bool | None) -> None:
    assert criterion_met(statuses) is reached
