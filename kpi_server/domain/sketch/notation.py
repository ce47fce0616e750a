"""Sketches as text, for the API and for files: their kind and pairs of place and amount.

`DISTINCT 17:3 204:1` says that register 17 holds rank 3 and register 204 rank 1; `HISTOGRAM -3:1 0:2 1204:17` that
there was one value in bucket -3, two zeros and 17 values in bucket 1204. Any program that follows the schemes of
`distinct.py` and `histogram.py` can write it. Places ascend, and each sketch has exactly one text.
"""

import re
from itertools import pairwise
from typing import Final

from kpi_server.domain.sketch.distinct import HIGHEST_RANK, REGISTERS
from kpi_server.domain.sketch.histogram import BUCKETS
from kpi_server.domain.sketch.sparse import Sketch, Sparse
from kpi_server.errors import BadInput

LONGEST_NOTATION: Final = 131_072
"""Characters: more than any sketch of a scheme needs."""

MOST_VALUES: Final = 10**12
"""How many values one histogram may be of; millions of them can be merged before a bigint overflows."""

_PAIR: Final = re.compile(r"(0|-?[1-9][0-9]{0,3}):([1-9][0-9]{0,12})")
_PLACES: Final = {Sketch.DISTINCT: (0, REGISTERS - 1), Sketch.HISTOGRAM: (-BUCKETS, BUCKETS)}
_HIGHEST: Final = {Sketch.DISTINCT: HIGHEST_RANK, Sketch.HISTOGRAM: MOST_VALUES}


def print_sketch(kind: Sketch, sketch: Sparse) -> str:
    """The text of a sketch; the inverse of `parse_sketch`.

    >>> print_sketch(Sketch.HISTOGRAM, Sparse((-3, 0), (1, 2))), print_sketch(Sketch.DISTINCT, Sparse())
    ('HISTOGRAM -3:1 0:2', 'DISTINCT')
    """
    pairs = (f"{place}:{amount}" for place, amount in zip(sketch.places, sketch.amounts, strict=True))
    return " ".join([kind.value, *pairs])


def parse_sketch(kind: Sketch, text: str) -> Sparse:
    """The sketch that a text says, of the kind that is wanted.

    Raises:
        BadInput: it is too long, of another kind, not made of ascending place:amount pairs, or a place or an amount is
            none of the kind's.

    >>> parse_sketch(Sketch.DISTINCT, "DISTINCT 17:3 204:1")
    Sparse(places=(17, 204), amounts=(3, 1))
    """
    if len(text) > LONGEST_NOTATION:
        raise BadInput(f"a sketch has at most {LONGEST_NOTATION} characters, not {len(text)}")
    name, *words = text.split(" ")
    if name != kind.value:
        raise BadInput(f'a {kind} sketch reads like "{_example(kind)}", not like "{text[:40]}"')
    pairs = [_pair(kind, word) for word in words]
    places, amounts = tuple(place for place, _ in pairs), tuple(amount for _, amount in pairs)
    for before, after in pairwise(places):
        if before >= after:
            raise BadInput(f"the places of a sketch ascend, so {after} cannot follow {before}")
    if kind is Sketch.HISTOGRAM and sum(amounts) > MOST_VALUES:
        raise BadInput(f"a histogram is of at most {MOST_VALUES} values, not {sum(amounts)}")
    return Sparse(places, amounts)


def _example(kind: Sketch) -> str:
    return print_sketch(kind, Sparse((17, 204), (3, 1)))


def _pair(kind: Sketch, word: str) -> tuple[int, int]:
    match = _PAIR.fullmatch(word)
    if match is None:
        raise BadInput(f'"{word[:40]}" is no place:amount pair of a sketch; it reads like "{_example(kind)}"')
    place, amount = int(match[1]), int(match[2])
    low, high = _PLACES[kind]
    if not low <= place <= high:
        raise BadInput(f"{place} is no place of a {kind} sketch: they run from {low} to {high}")
    if amount > _HIGHEST[kind]:
        raise BadInput(f"{amount} is too large an amount for a {kind} sketch: at most {_HIGHEST[kind]}")
    return place, amount
