"""The people family: satisfaction, retention, growth and productivity of the teams."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_people.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="people",
        title="People",
        description="Satisfaction, retention, growth and productivity of the teams.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
