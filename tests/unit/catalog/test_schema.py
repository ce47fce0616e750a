"""The published JSON Schema: generated from the row classes, met by every seed, as strict as the loader's shapes."""

import json

import jsonschema
import pytest

from kpi_server.services.catalog import nodes
from kpi_server.services.catalog.reading import ROW_CLASSES, read_folder
from kpi_server.services.catalog.schema import catalog_schema

REFUSED = [
    "owners: {}",
    "owner: []",
    'owners: [{key: a, source: "menu:9"}]',
    'owners: [{key: A, source: "menu:9", title: A}]',
    'owners: [{key: a, source: "menu", title: A}]',
    'owners: [{key: a, source: "menu:9", title: 5}]',
    'owners: [{key: a, source: "menu:9", title: " "}]',
    'owners: [{key: a, source: "menu:9", title: A, kind: BOSS}]',
    'owners: [{key: a, source: "menu:9", title: A, size: B}]',
    'kpis: [{key: loaves, source: "menu:9", name: A}]',
    'kpis: [{key: custom.loaves, source: "menu:9", name: A, scale: [1]}]',
    'kpis: [{key: custom.loaves, source: "menu:9", name: A, near: "95%"}]',
    'kpis: [{key: custom.loaves, source: "menu:9", name: A, aliases: [5]}]',
    'kpi_rows: [{kpi: custom.loaves, source: "menu:9", name: A, current: 5}]',
    'kpi_rows: [{kpi: custom.loaves, source: "menu:9", name: A, current: {text: "5", value: "five"}}]',
    'figures: [{kpi: custom.loaves, source: "menu:9", text: "5", placement: WALL}]',
    'figures: [{kpi: custom.loaves, source: "menu:9", text: "5", placement: TILE, period: "03/2024"}]',
    'figures: [{kpi: custom.loaves, source: "menu:9", text: "5", placement: TILE, segment: {Plan: daily}}]',
    'action_items: [{source: "menu:9", text: A, days: -1}]',
    'organization: {slug: a, source: "menu:9", name: A, currency: euro}',
]


@pytest.fixture(scope="module")
def published(repository):
    """The published schema."""
    return json.loads((repository / "schema" / "catalog.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator(published):
    """A validator of it; whether the schema itself is valid is asked once, by a test of its own."""
    return jsonschema.Draft202012Validator(published)


def _content(text):
    root = nodes.compose(text)
    return {} if root is None else nodes.plain(root)


def test_published_schema_is_the_one_of_the_row_classes(published):
    assert published == catalog_schema()


def test_published_schema_is_a_valid_schema_of_every_kind(published):
    jsonschema.Draft202012Validator.check_schema(published)
    assert set(published["properties"]) == {"organization", *ROW_CLASSES}


def test_every_seed_meets_the_schema(validator, seeds):
    files = sorted(seeds.glob("*/*.yaml"))
    assert files
    for file in files:
        wrong = [error.message for error in validator.iter_errors(_content(file.read_text(encoding="utf-8")))]
        assert (file.name, wrong) == (file.name, [])


@pytest.mark.parametrize("text", REFUSED)
def test_loader_and_schema_refuse_the_same_shapes(validator, tmp_path, text):
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert read_folder(tmp_path).problems
    assert not validator.is_valid(_content(text))
