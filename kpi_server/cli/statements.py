"""Statements laid out to be read."""

import re
import textwrap
from dataclasses import dataclass, field
from typing import Final

WIDE: Final = 116
_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD: Final = re.compile(r"\s*(?:'(?:[^']|'')*'|[()]|[^\s()']+)")
_CLAUSES: Final = frozenset({"select", "from", "where", "order", "limit", "left", "cross", "join", "union"})
_BEHIND: Final = frozenset({"left", "cross"})
"""Words behind which `join` begins no line of its own."""


def formatted(sql: str) -> str:
    """A statement with a line for each clause, and what is inside of a select further in.

    >>> print(formatted("select a, (select max(b) from c where d = 1) from e left join f on g = h"))
    select a, (
        select max(b)
        from c
        where d = 1
    )
    from e
    left join f on g = h
    """
    words = _WORD.findall(_COMMENT.sub(" ", sql))
    layout = _Layout()
    for word, following in zip(words, [*words[1:], ""], strict=True):
        layout.add(word, following.strip())
    layout.end()
    return "\n".join(layout.lines)


@dataclass
class _Layout:
    """Lines as they grow; `inside` tells for each open parenthesis whether a select is in it."""

    lines: list[str] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    line: str = ""

    def add(self, word: str, following: str) -> None:
        bare = word.strip()
        word = bare if word == bare else f" {bare}"
        if bare == ")" and self.inside and self.inside.pop():
            self.end(after=1)
            self.line = bare
        elif bare == "(":
            self.line += word
            self.inside.append(following == "select")
            if self.inside[-1]:
                self.end(after=-1)
        elif self._begins(bare):
            self.end()
            self.line = bare
        else:
            self.line += word

    def end(self, *, after: int = 0) -> None:
        """End a line; `after` is how much further in it stood than what is open by now."""
        depth = sum(self.inside) + after
        if self.line.strip():
            margin = "    " * depth
            self.lines += textwrap.wrap(
                self.line.strip(),
                WIDE,
                initial_indent=margin,
                subsequent_indent=margin + "    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
        self.line = ""

    def _begins(self, word: str) -> bool:
        if word not in _CLAUSES or (self.inside and not self.inside[-1]):
            return False
        return word != "join" or self.line.strip() not in _BEHIND
