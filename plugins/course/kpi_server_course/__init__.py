"""The course family: enrollment, completion and results of courses and education programs."""

from kpi_server.plugin import Family, Measure, Metric, Vector, hookimpl
from kpi_server_course.metrics import MEASURES, METRICS, VECTORS

__all__ = ["kpi_family", "kpi_measures", "kpi_metrics", "kpi_vectors"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="course",
        title="Course",
        description="Enrollment, completion and results of courses and education programs.",
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
