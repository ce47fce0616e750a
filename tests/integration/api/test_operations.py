"""The published operations answer exactly what was checked against the documents, in exactly so many statements.

schema/README.md says for each operation from which lines its answer is.
"""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "schema" / "operations"

pytestmark = pytest.mark.families


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.graphql")), ids=lambda path: path.stem)
async def test_a_published_operation_answers_as_published(path, ask_seeds):
    expected = _json(path.with_suffix(".expected.json"))
    answer = await ask_seeds(path.read_text(encoding="utf-8"), variables=_json(path.with_suffix(".variables.json")))
    assert answer.errors == []
    assert answer.data == expected["data"]
    assert answer.statements == expected["statements"]
