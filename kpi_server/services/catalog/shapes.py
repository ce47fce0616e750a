"""How rows of a catalog name each other, and which rows of the database they become."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kpi_server.services.catalog.reading import ROW_CLASSES

TABLES: Final[Mapping[str, str]] = {
    kind: {
        "figures": "reported_figures",
        "definitions": "kpi_notes",
        "formulas": "kpi_notes",
        "components": "kpi_notes",
        "usages": "kpi_notes",
        "benchmarks": "kpi_notes",
        "rationales": "kpi_notes",
    }.get(kind, kind)
    for kind in ROW_CLASSES
}
"""The table that holds a kind of row; most are named alike."""

NOUNS: Final[Mapping[str, str]] = {
    "documents": "document",
    "departments": "department",
    "owners": "owner",
    "people": "person",
    "categories": "category",
    "classifications": "classification",
    "segments": "segment",
    "kpis": "KPI",
    "risks": "risk",
    "initiatives": "initiative",
    "decisions": "decision",
    "alert_classes": "alert class",
    "cohort_tables": "cohort table",
    "stages": "stage",
    "dashboards": "dashboard",
    "report_schedules": "report schedule",
    "reviews": "review",
    "analytics_models": "analytics model",
}


@dataclass(frozen=True)
class Reference:
    """A field that names another row: its kind, and the column that points to it."""

    kind: str
    column: str


_REFERENCES: Final[Mapping[str, Reference]] = {
    "department": Reference("departments", "department_id"),
    "owner": Reference("owners", "owner_id"),
    "person": Reference("people", "person_id"),
    "category": Reference("categories", "category_id"),
    "parent": Reference("categories", "parent_id"),
    "classification": Reference("classifications", "classification_id"),
    "kpi": Reference("kpis", "kpi_id"),
    "kpis": Reference("kpis", ""),
    "under": Reference("kpis", "under_kpi_id"),
    "of": Reference("kpis", "of_kpi_id"),
    "stage": Reference("stages", "stage_id"),
    "decision": Reference("decisions", "decision_id"),
    "risk": Reference("risks", "risk_id"),
    "initiative": Reference("initiatives", "initiative_id"),
    "alert_class": Reference("alert_classes", "alert_class_id"),
    "table": Reference("cohort_tables", "cohort_table_id"),
    "cohort_table": Reference("cohort_tables", "cohort_table_id"),
    "dashboard": Reference("dashboards", "dashboard_id"),
    "schedule": Reference("report_schedules", "report_schedule_id"),
    "review": Reference("reviews", "review_id"),
    "model": Reference("analytics_models", "analytics_model_id"),
}
_HEADINGS: Final = frozenset({("trend_rows", "table"), ("stage_criteria", "category")})  # words, not keys


def references(kind: str) -> Mapping[str, Reference]:
    """The fields of a kind that name other rows."""
    return {
        name: _REFERENCES[name]
        for name in ROW_CLASSES[kind].model_fields
        if name in _REFERENCES and (kind, name) not in _HEADINGS
    }


def named(row: Any, name: str) -> Iterator[str]:
    """The keys that a field of a row names: none, one, or those of a list."""
    value = getattr(row, name)
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def source(row: Any) -> tuple[str, int]:
    """The document and line of a row or cell."""
    document, _, line = row.source.rpartition(":")
    return document, int(line)
