"""Named statements: one file a question, bound parameters only ($1, $2 …)."""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of a named statement; the comment that heads it is for readers and is not sent."""
    text = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("--"))
