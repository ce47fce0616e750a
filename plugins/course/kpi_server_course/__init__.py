"""The course family: enrollment, completion and results of courses and education programs."""

from kpi_server.plugin import Family, Measure, Metric, Vector, hookimpl
from kpi_server_course import courses, executive
from kpi_server_course.vectors import VECTORS

__all__ = ["kpi_family", "kpi_fields", "kpi_measures", "kpi_metrics", "kpi_vectors"]


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
    return (*courses.MEASURES, *executive.MEASURES)


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return (*courses.METRICS, *executive.METRICS)


@hookimpl
def kpi_vectors() -> tuple[Vector, ...]:
    return VECTORS


@hookimpl
def kpi_fields() -> str:
    return "kpi_server_course.fields:CourseFields"
