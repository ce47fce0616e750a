"""Why there is no number: a value holds a number or one of these reasons, never both."""

from enum import StrEnum


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
