"""Spelling: what somebody may have meant by a name that nothing has."""

from collections.abc import Collection, Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Final

MOST_SUGGESTED: Final = 20
"""For so many misspelt names of one call it is looked for what was meant: each is compared with all there are."""

_AS_GOOD: Final = 0.05


def closest(name: str, known: Collection[str]) -> list[str]:
    """The best match and those hardly worse; of a family that a key names, keys are told apart by the rest of them.

    >>> keys = ["financial.arr", "financial.arpu", "customer.nps"]
    >>> closest("financial.ar", keys), closest("finance.arr", keys), closest("customer.churn", keys)
    (['financial.arr'], ['financial.arr'], [])
    """
    family, dot, rest = name.rpartition(".")
    prefix = f"{family}{dot}"
    inside = [other.removeprefix(prefix) for other in known if dot and other.startswith(prefix)]
    found = [f"{prefix}{other}" for other in _close(rest, inside)]
    return found or _close(name, [other for other in known if not (dot and other.startswith(prefix))])


def _close(name: str, known: Collection[str]) -> list[str]:
    close = get_close_matches(name, known, n=3, cutoff=0.7)
    likeness = [SequenceMatcher(None, name, other).ratio() for other in close]
    return [other for other, ratio in zip(close, likeness, strict=True) if ratio >= likeness[0] - _AS_GOOD]


def did_you_mean(names: Iterable[str]) -> str:
    """What follows the message that there is nothing of a name; nothing where no other is close.

    >>> did_you_mean(["ceo", "cmo", "ceo"]), did_you_mean([])
    ('; did you mean ceo or cmo?', '')
    """
    told = " or ".join(dict.fromkeys(names))
    return f"; did you mean {told}?" if told else ""
