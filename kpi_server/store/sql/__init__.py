"""Named statements: one file a question, bound parameters only ($1, $2 …)."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of a named statement; the comment that heads it is for readers and is not sent."""
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))


def array_text(elements: Iterable[object]) -> str:
    """Numbers, or words of letters alone, as Postgres reads an array: quicker to send, and it may stand in another.

    >>> array_text([1, 20]), array_text([])
    ('{1,20}', '{}')
    """
    return f"{{{','.join(map(str, elements))}}}"
