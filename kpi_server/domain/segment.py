"""Segments: which part of the organization a number is about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kpi_server.errors import BadInput

_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
_VALUE: Final = re.compile(r"[^=,\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Segment:
    """Keys with one value each, sorted; without any, the whole. `str` gives the canonical text.

    >>> str(Segment((("plan", "enterprise"), ("region", "eu"))))
    'plan=enterprise,region=eu'
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ",".join(f"{key}={value}" for key, value in self.pairs)

    @property
    def is_whole(self) -> bool:
        """True if nothing is left out.

        >>> Segment().is_whole, Segment((("plan", "smb"),)).is_whole
        (True, False)
        """
        return not self.pairs


WHOLE: Final = Segment()


def parse_segment(pairs: Mapping[str, str]) -> Segment:
    """The segment of these keys and values, in one form whatever their order, case and spacing; `{}` is the whole.

    Raises:
        BadInput: a key is no plain word, or a value is empty or holds "=", "," or a control character.

    >>> str(parse_segment({"region": "EU", "plan": "Enterprise"}))
    'plan=enterprise,region=eu'
    >>> str(parse_segment({}))
    ''
    """
    tidy = sorted((key.strip().lower(), " ".join(value.split()).lower()) for key, value in pairs.items())
    for key, value in tidy:
        if not _KEY.fullmatch(key):
            raise BadInput(f'"{key}" is no segment key: letters, digits and underscores, a letter first')
        if not _VALUE.fullmatch(value):
            raise BadInput(f'"{value}" is no value for segment key "{key}": it is empty, or holds "=" or ","')
    keys = [key for key, _ in tidy]
    if len(set(keys)) < len(keys):
        raise BadInput(f"a segment names each key once, not {', '.join(keys)}")
    return Segment(tuple(tidy))


def projected(part: Segment, whole: Segment, keys: Sequence[str]) -> Segment | None:
    """The segment of a whole that a part lies in along some keys; None where it lies elsewhere or lacks a key.

    >>> part = read_segment("plan=pro,region=eu,size=big")
    >>> str(projected(part, read_segment("region=eu"), ["plan"]))
    'plan=pro,region=eu'
    >>> projected(part, read_segment("region=us"), ["plan"]) is None
    True
    """
    known = dict(part.pairs)
    if not set(whole.pairs) <= set(part.pairs) or any(key not in known for key in keys):
        return None
    return Segment(tuple(sorted({*whole.pairs, *((key, known[key]) for key in keys)})))


def read_segment(text: str) -> Segment:
    """The segment of a canonical text; the inverse of `str`.

    Raises:
        BadInput: the text is not made of key=value pairs.

    >>> read_segment("plan=enterprise,region=eu").pairs
    (('plan', 'enterprise'), ('region', 'eu'))
    """
    if not text.strip():
        return WHOLE
    pairs = [part.partition("=") for part in text.split(",")]
    if any(not equals for _, equals, _ in pairs):
        raise BadInput(f'"{text}" is no segment; segments read like plan=enterprise,region=eu')
    if len({key.strip().lower() for key, _, _ in pairs}) < len(pairs):
        raise BadInput(f'"{text}" names a segment key twice')
    return parse_segment({key: value for key, _, value in pairs})
