"""Which way a KPI is meant to move."""

from enum import StrEnum


class Direction(StrEnum):
    """The wanted movement of a KPI: UP (higher is better), DOWN (lower is better) or NONE (neither is).

    >>> Direction("DOWN") is Direction.DOWN
    True
    """

    UP = "UP"
    DOWN = "DOWN"
    NONE = "NONE"
