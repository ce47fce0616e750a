"""How many KPIs stand how."""

from kpi_server.domain.status import Status
from kpi_server.domain.tally import Tally, tally


def test_two_of_five_are_achieved_as_the_review_says() -> None:
    """000:7 by 000:14, 000:21, 000:28, 000:35 and 000:42: two missed, one near, one acceptable, one met."""
    statuses = [Status.MISSED, Status.MISSED, Status.NEAR_MISS, Status.ACCEPTABLE, Status.MET]
    assert tally(statuses) == Tally(5, achieved=2, near_miss=1, missed=2, not_yet_due=0, no_data=0, no_target=0)


def test_each_status_counts_once() -> None:
    assert tally(Status) == Tally(7, achieved=2, near_miss=1, missed=1, not_yet_due=1, no_data=1, no_target=1)
    assert tally([]) == Tally(0, achieved=0, near_miss=0, missed=0, not_yet_due=0, no_data=0, no_target=0)
