"""The course family: enrollment, completion and results of courses and education programs."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_course.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="course",
        title="Course",
        description="Enrollment, completion and results of courses and education programs.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
