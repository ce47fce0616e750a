"""Answers kept for who asks again: served only while nothing that they depend on has changed.

What an answer depends on is its question (document, variables, rights) and its stamp: the number of the last write and
the day of every organization that it touches. The stamp is read for each request after it has arrived, so whoever asks
after a commit sees it. A question is kept from the second time on: those that are asked once cost nothing.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, TypeAlias

from kpi_server.api.memory import Memory

Stamp: TypeAlias = tuple[tuple[int, int, date], ...]
"""For each organization its id, the number of its last write, and its day."""

MOST_SEEN: Final = 10_000


@dataclass(frozen=True)
class Kept:
    """An answer on the wire, and when it is right."""

    stamp: Stamp
    body: bytes


class Responses:
    """Answers by question, within a number of bytes; those not asked for longest go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: Memory[Hashable, Kept] = Memory(most_bytes, largest=most_bytes // 4)
        self._seen: OrderedDict[Hashable, None] = OrderedDict()

    def is_repeated(self, question: Hashable) -> bool:
        """Whether it was asked before; from then on its answers are worth keeping."""
        if self._most_bytes == 0:
            return False
        if question in self._seen:
            self._seen.move_to_end(question)
            return True
        self._seen[question] = None
        if len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)
        return False

    def body(self, question: Hashable, stamp: Stamp) -> bytes | None:
        """The answer of that stamp, or None."""
        kept = self._kept.of(question)
        return None if kept is None or kept.stamp != stamp else kept.body

    def keep(self, question: Hashable, stamp: Stamp, body: bytes) -> None:
        """Keep an answer, in place of an older one."""
        self._kept.keep(question, Kept(stamp, body), len(body))


def tag_of(question: Sequence[object], stamp: Stamp, digest: str) -> str:
    """The entity tag of an answer: another question, another write, another day, other families, another tag."""
    return f'"{sha256(repr((question, stamp, digest)).encode()).hexdigest()[:32]}"'
