"""Identities: a metric as a formula of other metrics, such as "clv / cac", read without executing anything."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Final

from kpi_server.domain.precision import divide, precise
from kpi_server.errors import BadInput

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<key>[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)|(?P<number>[0-9]+(?:\.[0-9]+)?(?![0-9.]))|(?P<sign>[-+*/()]))"
)
_BINDS: Final[Mapping[str, int]] = MappingProxyType({"+": 1, "-": 1, "*": 2, "/": 2})
_LOOSE: Final = re.compile(r"[\s/+*-]")
_LONGEST: Final = 200


@dataclass(frozen=True)
class Identity:
    """A formula of metric keys and numbers; `postfix` holds the same tokens in the order of calculation.

    >>> identity = parse_identity("clv / cac", family="financial")
    >>> identity.inputs
    ('financial.clv', 'financial.cac')
    >>> str(identity)
    'financial.clv / financial.cac'
    """

    tokens: tuple[str, ...]
    postfix: tuple[str, ...]

    def __str__(self) -> str:
        return self.spelled({})

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The keys in it, each once, in the order of their appearance."""
        return tuple(dict.fromkeys(token for token in self.tokens if _is_key(token)))

    def spelled(self, texts: Mapping[str, str]) -> str:
        """The formula with these texts in place of their keys, in brackets where a text has signs of its own.

        >>> parse_identity("cac / (acv / 12)").spelled({"cac": "$6.8K", "acv": "$12K"})
        '$6.8K / ($12K / 12)'
        >>> parse_identity("signups / visitors").spelled({"signups": "120/month", "visitors": "12K/month"})
        '(120/month) / (12K/month)'
        """
        shown = {key: f"({text})" if _LOOSE.search(text) else text for key, text in texts.items()}
        return " ".join(shown.get(token, token) for token in self.tokens).replace("( ", "(").replace(" )", ")")

    def evaluate(self, values: Mapping[str, Decimal]) -> Decimal | None:
        """The result to 34 digits; None where an input is missing or a divisor is zero.

        >>> ratio = parse_identity("clv / cac")
        >>> ratio.evaluate({"clv": Decimal(35000), "cac": Decimal(7000)})
        Decimal('5')
        >>> ratio.evaluate({"clv": Decimal(35000), "cac": Decimal(0)}) is None
        True
        """
        stack: list[Decimal] = []
        for token in self.postfix:
            operand = _applied(token, stack) if token in _BINDS else _operand(token, values)
            if operand is None:
                return None
            stack.append(operand)
        return stack.pop()


def _is_key(token: str) -> bool:
    return token[0].isalpha()


def _operand(token: str, values: Mapping[str, Decimal]) -> Decimal | None:
    return values.get(token) if _is_key(token) else Decimal(token)


def _applied(sign: str, stack: list[Decimal]) -> Decimal | None:
    """The two upmost numbers, taken from the stack and combined."""
    right, left = stack.pop(), stack.pop()
    if sign == "/":
        return divide(left, right)
    with precise():
        return left * right if sign == "*" else left + right if sign == "+" else left - right


def parse_identity(text: str, *, family: str | None = None) -> Identity:
    """The identity that a text states: metric keys, numbers, + - * / and brackets.

    A key without its family gets `family`, when one is given.

    Raises:
        BadInput: the text is empty, too long, holds another sign, or its parts do not fit together.

    >>> parse_identity("1 - retention", family="people").postfix
    ('1', 'people.retention', '-')
    """
    if len(text) > _LONGEST:
        raise BadInput(f"a formula has at most {_LONGEST} characters")
    tokens = tuple(_tokens(text, family))
    identity = Identity(tokens, tuple(_postfix(text, tokens)))
    if not identity.inputs:
        raise BadInput(f'"{text}" names no metric')
    return identity


def _tokens(text: str, family: str | None) -> Iterator[str]:
    end = 0
    words = text.rstrip()
    while end < len(words):
        match = _TOKEN.match(words, end)
        if match is None:
            raise BadInput(f'"{text}": "{words[end:].strip()}" is no metric key, number, sign or bracket')
        end = match.end()
        key = match["key"]
        yield f"{family}.{key}" if key and family and "." not in key else match.group().strip()


def _postfix(text: str, tokens: tuple[str, ...]) -> list[str]:
    """Dijkstra's shunting yard: signs wait until one that binds less, or a bracket, lets them pass."""
    done: list[str] = []
    waiting: list[str] = []
    operand_next = True
    for token in tokens:
        if operand_next != (token == "(" or _is_operand(token)):  # noqa: S105
            raise BadInput(
                f'"{text}": {token} stands where {"a metric or number" if operand_next else "a sign"} should'
            )
        operand_next = token == "(" or token in _BINDS  # noqa: S105
        _take(text, token, done=done, waiting=waiting)
    if operand_next:
        raise BadInput(f'"{text}" ends where a metric or number should stand')
    if "(" in waiting:
        raise BadInput(f'"{text}": a bracket is not closed')
    return [*done, *reversed(waiting)]


def _is_operand(token: str) -> bool:
    return token not in _BINDS and token not in {"(", ")"}


def _take(text: str, token: str, *, done: list[str], waiting: list[str]) -> None:
    """Move one token to where it belongs."""
    if _is_operand(token):
        done.append(token)
    elif token == "(":  # noqa: S105
        waiting.append(token)
    elif token == ")":  # noqa: S105
        while waiting and waiting[-1] != "(":
            done.append(waiting.pop())
        if not waiting:
            raise BadInput(f'"{text}": a bracket is closed that was not opened')
        waiting.pop()
    else:
        while waiting and _BINDS.get(waiting[-1], 0) >= _BINDS[token]:
            done.append(waiting.pop())
        waiting.append(token)
