"""The catalog's JSON Schema, generated from the row classes; the published file is compared with it by a test."""

from typing import Any, Final

from kpi_server.services.catalog.rows import Catalog

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def catalog_schema() -> dict[str, Any]:
    """The schema of one file of a catalog: any of its kinds of rows."""
    generated = Catalog.model_json_schema(mode="validation")
    generated["properties"]["organization"] = _only(generated["properties"]["organization"])
    about = {
        "$schema": DIALECT,
        "$id": "catalog.schema.json",
        "title": "kpi-server catalog",
        "description": (
            "One file of an organization's catalog: a folder of YAML files, each a mapping from a kind to its rows. "
            "Every row says in `source` where it is printed: document key, colon, line. Words are kept as printed."
        ),
    }
    return {**about, **{key: _tidy(value) for key, value in generated.items() if key not in about}}


def _only(optional: dict[str, Any]) -> dict[str, Any]:
    """A field that may be left out, but not be null."""
    (chosen,) = [option for option in optional["anyOf"] if option.get("type") != "null"]
    return dict(chosen)


def _tidy(part: Any) -> Any:
    """Without titles that only repeat a field's name; where names have a pattern, no others are allowed."""
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidy = {
        key: _tidy(value)
        for key, value in part.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    return tidy | {"additionalProperties": False} if "patternProperties" in part else tidy
