"""The published operations answer exactly what was checked against the documents, in exactly so many statements.

schema/README.md says for each operation from which lines its answer is.
"""

import json
import re
from pathlib import Path

import pytest

from kpi_server.domain.access import Role
from tests.integration.api import measured

FOLDER = Path(__file__).parents[3] / "schema" / "operations"

pytestmark = pytest.mark.families


def _json(path):
    return json.loads(path.read_text(encoding="utf-8"))


PUBLISHED = sorted(FOLDER.glob("*.graphql"))
MUTATIONS = [path for path in PUBLISHED if re.search(r"^mutation\b", path.read_text(encoding="utf-8"), re.MULTILINE)]


PRINTED = [path for path in PUBLISHED if path not in MUTATIONS and path.stem not in measured.OPERATIONS]


@pytest.mark.parametrize("path", PRINTED, ids=lambda path: path.stem)
async def test_a_published_operation_answers_as_published(path, ask_seeds):
    await _check(path, ask_seeds)


@pytest.mark.parametrize("name", measured.OPERATIONS)
async def test_a_published_operation_on_measures_answers_as_published(name, ask_measured):
    await _check(FOLDER / f"{name}.graphql", ask_measured)


@pytest.mark.parametrize("path", MUTATIONS, ids=lambda path: path.stem)
async def test_a_published_mutation_answers_as_published(path, ask_clone, scope_of):
    await _check(path, ask_clone, scope=scope_of("snapshot-co", role=Role.SERVICE))


async def _check(path, ask, **options):
    expected = _json(path.with_suffix(".expected.json"))
    variables = _json(path.with_suffix(".variables.json"))
    answer = await ask(path.read_text(encoding="utf-8"), variables=variables, **options)
    assert answer.errors == []
    assert answer.data == expected["data"]
    assert answer.statements == expected["statements"]
