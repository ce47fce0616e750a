"""What is wrong with a row's shape, in words its author can act on."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import yaml
from pydantic import BaseModel, ValidationError

from kpi_server.domain.spelling import closest, did_you_mean
from kpi_server.services.catalog import nodes

_NAMED_AT_MOST: Final = 12
_ARM: Final = re.compile(r"Cell|constrained-str|str")
_EXAMPLES: Final = (
    ("2024.Q1", 'a document\'s key: letters, digits, ".", "-" and "_" ("001")'),
    ("2024-Q1", 'a period ("2024", "2024-Q1", "2024-03", "2024-W07" or "2024-03-31")'),
    ("financial.arr", 'a KPI: family, full stop, key ("financial.arr")'),
    ("001:24", 'where it stands: document, colon, line ("001:24")'),
    ("head-of-sales", 'a key: lower-case letters, digits, "-" and "_" ("head-of-sales")'),
    ("plan", 'a dimension: lower-case letters, digits and "_", a letter first ("plan")'),
    ("EUR", 'a currency: three capital letters ("EUR")'),
    ("0.15..0.2", 'a number in canonical form ("0.25" for 25 %, "0.15..0.2" for a range)'),
    ("0.95", 'a part of the whole ("0.95")'),
    ("a@b", "an address (name@place)"),
    ("https://a", "an address (https://…)"),
    ("x", "words: it is blank"),
)
_WANTED: Final = {
    "string_type": 'text: write numbers in quotes ("70")',
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list ([…])",
    "tuple_type": "a list ([…])",
    "dict_type": "dimensions with their values ({plan: enterprise})",
    "model_type": "a row: fields with their values ({key: …, source: …})",
}
_ONE_DOCUMENT: Final = 'a file is one document: what follows "---" goes into another file'


def of_yaml(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line at which a text stops being YAML, and why."""
    if isinstance(error, yaml.reader.ReaderError):
        return nodes.place_in(text.encode(), error.position, "").line, error.reason
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, str(error)
    lines, mark = text.splitlines(), error.problem_mark
    number = min(mark.line, len(lines) - 1)
    if lines[number][mark.column : mark.column + 1] == "\t":
        return number + 1, "a tab: indent with spaces"
    known = {"but found another document": _ONE_DOCUMENT}
    return number + 1, known.get(error.problem or "", error.problem or str(error))


def of_shape(error: ValidationError, node: yaml.Node, model: type[BaseModel]) -> Iterator[tuple[yaml.Node, str, str]]:
    """Each fault with the node it is at and its field's path."""
    for fault in error.errors(include_url=False):
        location = [step for step in fault["loc"] if step != "[key]"]
        if not _is_other_arm(location, node):
            path = [step for step in location if isinstance(step, int) or not _ARM.fullmatch(step)]
            yield nodes.part(node, path), ".".join(map(str, path)), _message(dict(fault), model)


def _is_other_arm(location: Sequence[int | str], node: yaml.Node) -> bool:
    """Whether a fault is of the arm of a union that the author did not mean: a mapping means a cell, the rest words."""
    for index, step in enumerate(location):
        if isinstance(step, str) and _ARM.fullmatch(step):
            meant_cell = isinstance(nodes.part(node, location[:index]), yaml.MappingNode)
            return meant_cell != (step == "Cell")
    return False


def _message(fault: dict[str, Any], model: type[BaseModel]) -> str:
    if fault["type"] in _WANTED:
        return f"expected {_WANTED[fault['type']]}"
    match fault["type"]:
        case "date_parsing" | "date_type" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f'"{fault["input"]}" is no date ("2024-03-31")'
        case "missing":
            return "is required"
        case "string_pattern_mismatch":
            return f'"{fault["input"]}" is not {_expected(fault["ctx"]["pattern"])}'
        case "literal_error" | "enum":
            return f'"{fault["input"]}" is not known: expected {fault["ctx"]["expected"]}'.replace("'", "")
        case "extra_forbidden":
            return unknown("field", str(fault["loc"][-1]), _fields(fault["loc"], model))
    message: str = fault["msg"]
    return message[:1].lower() + message[1:]


def _fields(location: Sequence[int | str], model: type[BaseModel]) -> Collection[str]:
    return ("text", "source", "operator", "value") if "Cell" in location else model.model_fields


def _expected(pattern: str) -> str:
    return next((words for example, words in _EXAMPLES if re.fullmatch(pattern, example)), f"of the form {pattern}")


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """That there is nothing of a name, with what the author may have meant.

    >>> unknown("owner", "cmoo", ["ceo", "cmo"])
    'there is no owner "cmoo"; did you mean cmo?'
    >>> unknown("owner", "legal", [])
    'there is no owner "legal"; none is declared'
    """
    if close := closest(name, known):
        return f'there is no {what} "{name}"{did_you_mean(close)}'
    if not known:
        return f'there is no {what} "{name}"; none is declared'
    listed = ", ".join(sorted(known)[:_NAMED_AT_MOST])
    more = f" and {len(known) - _NAMED_AT_MOST} more" if len(known) > _NAMED_AT_MOST else ""
    return f'there is no {what} "{name}"; there is {listed}{more}'
