"""Every published operation comes whole: valid, with variables, an answer and a line in the README."""

import json
from pathlib import Path

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, parse, validate

FOLDER = Path(__file__).parents[2] / "schema"
OPERATIONS = sorted((FOLDER / "operations").glob("*.graphql"))


@pytest.fixture(scope="module")
def published():
    return build_schema((FOLDER / "schema.graphql").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def readme() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def test_there_are_operations_and_nothing_else():
    names = {path.name for path in (FOLDER / "operations").iterdir()}
    stems = {path.stem for path in OPERATIONS}
    assert len(stems) >= 16
    assert names == {f"{stem}.{end}" for stem in stems for end in ("graphql", "variables.json", "expected.json")}


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_operation_is_valid_named_after_its_file_and_explained(path, published, readme):
    document = parse(path.read_text(encoding="utf-8"))
    assert validate(published, document) == []
    (operation,) = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    assert operation.name.value == "".join(word.capitalize() for word in path.stem.split("_"))
    assert path.read_text(encoding="utf-8").startswith("# ")
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert set(expected) - {"planned"} == {"statements", "data"}
    assert f"| `{path.stem}` | {expected.get('planned', expected['statements'])} |" in readme


def test_no_two_operations_have_fragments_of_one_name():
    """Code generators read all documents as one."""
    documents = [parse(path.read_text(encoding="utf-8")) for path in OPERATIONS]
    fragments = [
        node for document in documents for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    ]
    names = [fragment.name.value for fragment in fragments]
    assert sorted(names) == sorted(set(names))
