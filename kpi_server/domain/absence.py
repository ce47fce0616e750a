"""Why there is no number: a value holds a number or one of these reasons, never both."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Absence(StrEnum):
    """The reason for a missing number. Zero is a number and never an absence.

    >>> [absence.value for absence in Absence][:3]
    ['NO_DATA', 'NOT_YET_DUE', 'UNDEFINED']
    """

    NO_DATA = "NO_DATA"
    NOT_YET_DUE = "NOT_YET_DUE"
    UNDEFINED = "UNDEFINED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NON_ADDITIVE = "NON_ADDITIVE"
    WITHHELD = "WITHHELD"
    ERROR = "ERROR"


_FIRST: Final = (
    Absence.ERROR,
    Absence.NON_ADDITIVE,
    Absence.WITHHELD,
    Absence.NOT_APPLICABLE,
    Absence.UNDEFINED,
    Absence.NOT_YET_DUE,
    Absence.NO_DATA,
)
"""What somebody has to mend or to ask for differently comes before what only has to be waited for."""


@dataclass(frozen=True)
class Absent:
    """In place of a number: why there is none, and in words what exactly is missing."""

    absence: Absence
    reason: str = ""


def first_absent(absent: Sequence[Absent]) -> Absent:
    """What is said of several missing numbers (at least one): the gravest reason, in the words of all that have it.

    >>> first_absent([Absent(Absence.NO_DATA, "no churn"), Absent(Absence.NON_ADDITIVE, "MAU is not added up")]).reason
    'MAU is not added up'
    """
    gravest = min((one.absence for one in absent), key=_FIRST.index)
    reasons = dict.fromkeys(one.reason for one in absent if one.absence is gravest and one.reason)
    return Absent(gravest, "; ".join(reasons))
