"""What the API reads: rows by key, children by parent, pages by keyset, each as one statement for a batch of keys.

Every statement names its organizations itself; row-level security denies the rest a second time.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

Record: TypeAlias = Any
"""A row of the driver's: columns by name."""

Fetch: TypeAlias = Callable[..., Awaitable[Sequence[Record]]]
"""Runs a statement with its parameters and answers the rows."""

Key: TypeAlias = tuple[int, int]
"""An organization and a row of it."""

TextKey: TypeAlias = tuple[int, str]
"""An organization and a natural key in it."""
