"""docs/mission.md tells the truth: each row once, and what shows it is in the answer that the operation publishes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "mission.md").read_text(encoding="utf-8")
FOLDER = ROOT / "schema" / "operations"

ROWS = 228
GROUPS = 24
SUBJECTS = {"alert evaluation", "analytics models", "access rules"}
ROW = re.compile(r"\| (?P<number>[0-9]+) \| (?P<text>[^|]+) \| (?P<where>[^|]+) \| (?P<shown>[^|]+) \|")
LINES = re.compile(r"00[0-4]:[1-9][0-9]*(, 00[0-4]:[1-9][0-9]*)*")
PROOF = re.compile(
    r"\[(?P<operation>[a-z0-9_]+)\]\(\.\./schema/operations/(?P<file>[a-z0-9_]+)\.graphql\)"
    r" `(?P<path>[A-Za-z0-9.]+)` = `(?P<value>[^`]+)`"
)
EXTRA = re.compile(r"- \[(?P<operation>[a-z0-9_]+)\]\(\.\./schema/operations/(?P<file>[a-z0-9_]+)\.graphql\): .+")
MISSING = re.compile(r"missing: (?P<subject>[a-z ]+): .+")


@dataclass(frozen=True)
class Row:
    """A row of the page: what to try, where it is printed, and what shows it or is missing."""

    number: int
    where: str
    shown: str

    @property
    def is_missing(self) -> bool:
        return self.shown.startswith("missing")


def _rows() -> list[Row]:
    return [
        Row(int(found["number"]), found["where"], found["shown"])
        for found in map(ROW.fullmatch, PAGE.splitlines())
        if found is not None
    ]


def _proofs() -> Iterator[tuple[int, re.Match[str]]]:
    for row in _rows():
        if not row.is_missing:
            for part in row.shown.split("<br>"):
                proof = PROOF.fullmatch(part)
                assert proof is not None, f"row {row.number}: {part} is no operation, path and value"
                yield row.number, proof


def _leaves(answer: object, path: list[str]) -> Iterator[object]:
    """What stands at a path; lists are passed through."""
    if isinstance(answer, list):
        for entry in answer:
            yield from _leaves(entry, path)
    elif not path:
        yield answer
    elif isinstance(answer, dict):
        assert path[0] in answer, f"there is no {path[0]} among {sorted(answer)}"
        yield from _leaves(answer[path[0]], path[1:])


def _written(leaf: object) -> str:
    return leaf if isinstance(leaf, str) else json.dumps(leaf, ensure_ascii=False)


def test_every_row_is_there_once_and_in_order():
    assert [row.number for row in _rows()] == list(range(1, ROWS + 1))


def test_every_line_of_a_table_is_a_row():
    tables = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert len(tables) == ROWS + 2 * GROUPS


def test_every_row_says_where_it_is_printed():
    assert [row.number for row in _rows() if LINES.fullmatch(row.where) is None] == []


def test_the_count_at_the_top_is_that_of_the_rows():
    shown = sum(not row.is_missing for row in _rows())
    assert re.findall(r"\*\*([0-9]+ of [0-9]+) shown\.\*\*", PAGE) == [f"{shown} of {ROWS}"]


def test_a_missing_row_names_what_is_missing():
    for row in _rows():
        if row.is_missing:
            found = MISSING.fullmatch(row.shown)
            assert found is not None, f"row {row.number}"
            assert found["subject"] in SUBJECTS, f"row {row.number}"


def test_every_group_says_where_to_begin():
    groups = PAGE.split("\n## ")[1:-1]
    assert len(groups) == GROUPS
    for group in groups:
        assert re.match(r"[^\n]+\n\nBegin with: .+\.\n\n\| # \| Try \| Where \| Shown by \|\n", group), group[:80]


@pytest.mark.parametrize(
    ("number", "proof"),
    [pytest.param(number, proof, id=f"{number}-{proof['operation']}") for number, proof in _proofs()],
)
def test_a_published_answer_shows_the_row(number, proof):
    assert proof["operation"] == proof["file"]
    answer = json.loads((FOLDER / f"{proof['file']}.expected.json").read_text(encoding="utf-8"))
    assert proof["value"] in {_written(leaf) for leaf in _leaves(answer["data"], proof["path"].split("."))}


def test_every_published_operation_has_its_place():
    shown = {proof["operation"] for _, proof in _proofs()}
    listed = [found for found in map(EXTRA.fullmatch, PAGE.splitlines()) if found is not None]
    extras = [found["operation"] for found in listed]
    assert [found["file"] for found in listed] == extras
    assert set(extras) & shown == set()
    assert sorted([*shown, *extras]) == sorted(path.stem for path in FOLDER.glob("*.graphql"))
