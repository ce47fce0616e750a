"""Named statements: one file a question, bound parameters only ($1, $2 …)."""

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """The text of a named statement."""
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
