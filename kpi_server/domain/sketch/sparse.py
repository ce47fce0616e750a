"""The one form of all sketches: some places, each with an amount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never


class Sketch(StrEnum):
    """What a sketch is a summary for.

    DISTINCT counts how many different subjects there were (`domain/sketch/distinct.py`); HISTOGRAM keeps how values
    are distributed, for percentiles (`domain/sketch/histogram.py`).
    """

    DISTINCT = "DISTINCT"
    HISTOGRAM = "HISTOGRAM"


@dataclass(frozen=True)
class Sparse:
    """The places of a sketch that hold something, ascending, and what each holds, at least 1.

    >>> of_places({7: 2, -1: 5})
    Sparse(places=(-1, 7), amounts=(5, 2))
    """

    places: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()


EMPTY: Final = Sparse()


def of_places(held: Mapping[int, int]) -> Sparse:
    """The sketch that holds these amounts."""
    places = tuple(sorted(held))
    return Sparse(places, tuple(held[place] for place in places))


def merge(kind: Sketch, sketches: Iterable[Sparse]) -> Sparse:
    """The sketch of everything that these are sketches of; without any, the empty one.

    What two DISTINCT sketches share counts once; HISTOGRAMs must be of different values, each would count twice.
    `store/sql/merged_sketches.sql` is the same in SQL.

    >>> one, two = of_places({1: 3, 2: 1}), of_places({1: 2, 5: 4})
    >>> merge(Sketch.DISTINCT, (one, two)).amounts, merge(Sketch.HISTOGRAM, (one, two)).amounts
    ((3, 1, 4), (5, 1, 4))
    """
    held: dict[int, int] = {}
    for sketch in sketches:
        for place, amount in zip(sketch.places, sketch.amounts, strict=True):
            before = held.get(place, 0)
            match kind:
                case Sketch.DISTINCT:
                    held[place] = max(before, amount)
                case Sketch.HISTOGRAM:
                    held[place] = before + amount
                case _:
                    assert_never(kind)
    return of_places(held)
