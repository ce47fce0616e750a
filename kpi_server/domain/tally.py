"""Tallies: how many KPIs stand how, as summaries say it ("we achieved 2 of 5 primary KPIs")."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kpi_server.domain.status import Status


@dataclass(frozen=True)
class Tally:
    """So many KPIs of each standing; together they are `total`. Achieved is met or acceptable."""

    total: int
    achieved: int
    near_miss: int
    missed: int
    not_yet_due: int
    no_data: int
    no_target: int


def tally(statuses: Iterable[Status]) -> Tally:
    """How many of the statuses there are.

    >>> tally([Status.MET, Status.ACCEPTABLE, Status.MISSED]).achieved
    2
    """
    counted = Counter(statuses)
    return Tally(
        total=counted.total(),
        achieved=counted[Status.MET] + counted[Status.ACCEPTABLE],
        near_miss=counted[Status.NEAR_MISS],
        missed=counted[Status.MISSED],
        not_yet_due=counted[Status.NOT_YET_DUE],
        no_data=counted[Status.NO_DATA],
        no_target=counted[Status.NO_TARGET],
    )
