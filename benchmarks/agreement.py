"""Whether everybody gives the same answer: checked before anything is timed."""

import math
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final

CLOSE: Final = 1e-12
"""Ratios that Python, Postgres and JavaScript divided may differ in the last of their sixteen digits."""
SHOWN: Final = 5


class Disagreement(Exception):
    """Two servers answer differently; the message holds the first differences."""


def check_equal(name: str, expected: Any, answer: Any) -> None:
    """Nothing, when the two answers hold the same.

    Raises:
        Disagreement: they differ.
    """
    found = list(differences(expected, answer))
    if found:
        rest = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise Disagreement(f"{name} answers differently: {'; '.join(found[:SHOWN])}{rest}")


def differences(expected: Any, answer: Any, path: str = "answer") -> Iterator[str]:
    """Every place where two answers differ; the order of an object's fields does not matter, that of lists does.

    >>> list(differences({"a": [1.0, None]}, {"a": [1, 2]}))
    ['answer.a[1]: None, not 2']
    """
    if isinstance(expected, dict) and isinstance(answer, dict):
        for name in [*expected, *(name for name in answer if name not in expected)]:
            if name not in answer or name not in expected:
                yield f"{path}.{name}: only in one answer"
            else:
                yield from differences(expected[name], answer[name], f"{path}.{name}")
    elif isinstance(expected, list) and isinstance(answer, list):
        if len(expected) != len(answer):
            yield f"{path}: {len(expected)} entries, not {len(answer)}"
        for index, (one, other) in enumerate(zip_longest(expected, answer)):
            yield from differences(one, other, f"{path}[{index}]")
    elif not _same(expected, answer):
        yield f"{path}: {expected!r}, not {answer!r}"


def _same(expected: Any, answer: Any) -> bool:
    if _is_number(expected) and _is_number(answer):
        return math.isclose(expected, answer, rel_tol=CLOSE)
    return type(expected) is type(answer) and bool(expected == answer)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
