"""What was made once, kept for who asks again, within a number of bytes."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Memory(Generic[K, T]):
    """Keeps what was made last; what was not asked for the longest is forgotten first.

    What is larger than `largest` is not kept: it would drive out too much else. Without that, the last is kept always.

    >>> memory = Memory[str, int](5)
    >>> memory.keep("a", 1, 3), memory.keep("b", 2, 3)
    (None, None)
    >>> memory.of("a"), memory.of("b")
    (None, 2)
    """

    def __init__(self, most_bytes: int, *, largest: int | None = None) -> None:
        self._most_bytes = most_bytes
        self._largest = largest
        self._bytes = 0
        self._kept: OrderedDict[K, tuple[T, int]] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def of(self, key: K) -> T | None:
        """What was made for a key, which is the last to be forgotten now."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: K, made: T, size: int) -> None:
        """Keep what was made for a key and takes so many bytes, in place of what was kept for it."""
        if self._largest is not None and size > self._largest:
            return
        _, before = self._kept.pop(key, (None, 0))
        self._kept[key] = made, size
        self._bytes += size - before
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, (_, forgotten) = self._kept.popitem(last=False)
            self._bytes -= forgotten
