"""The people family: satisfaction, retention, growth and productivity of the teams."""

from kpi_server.plugin import Family, Measure, Metric, Vector, hookimpl
from kpi_server_people.measures import MEASURES
from kpi_server_people.metrics import METRICS
from kpi_server_people.vectors import VECTORS

__all__ = ["MEASURES", "METRICS", "VECTORS", "kpi_family", "kpi_fields", "kpi_measures", "kpi_metrics", "kpi_vectors"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="people",
        title="People",
        description="Satisfaction, retention, growth and productivity of the teams.",
        api_version=1,
    )


@hookimpl
def kpi_measures() -> tuple[Measure, ...]:
    return MEASURES


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS


@hookimpl
def kpi_vectors() -> tuple[Vector, ...]:
    return VECTORS


@hookimpl
def kpi_fields() -> str:
    return "kpi_server_people.fields:PeopleFields"
