"""Stages of a business: how much of what a stage aims at is reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from kpi_server.domain.precision import divide
from kpi_server.domain.status import Status

JUDGED: Final = frozenset({Status.MET, Status.ACCEPTABLE, Status.NEAR_MISS, Status.MISSED})


@dataclass(frozen=True)
class StageProgress:
    """How many targets there are, how many of them can be judged, and how many of those are met."""

    met: int
    judged: int
    total: int

    @property
    def share(self) -> Decimal | None:
        """The share of the judged targets that is met; None while none can be judged.

        >>> StageProgress(met=3, judged=4, total=6).share
        Decimal('0.75')
        """
        return divide(Decimal(self.met), Decimal(self.judged))


def stage_progress(statuses: Iterable[Status]) -> StageProgress:
    """How far a stage is, by the statuses of its targets; what is not judged is neither met nor missed.

    >>> stage_progress([Status.MET, Status.MISSED, Status.NO_DATA])
    StageProgress(met=1, judged=2, total=3)
    """
    known = list(statuses)
    return StageProgress(
        met=known.count(Status.MET), judged=sum(status in JUDGED for status in known), total=len(known)
    )


def criterion_met(statuses: Iterable[Status]) -> bool | None:
    """True when every target of a criterion is met, False as soon as one is judged and not met, else None.

    >>> criterion_met([Status.MET, Status.MET]), criterion_met([Status.MET, Status.MISSED])
    (True, False)
    >>> criterion_met([Status.MET, Status.NO_DATA]) is None
    True
    """
    known = list(statuses)
    if any(status in JUDGED and status is not Status.MET for status in known):
        return False
    return True if known and all(status is Status.MET for status in known) else None
