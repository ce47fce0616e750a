"""The technical family: speed, availability, errors, capacity and delivery of the systems behind the product."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_technical.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="technical",
        title="Technical",
        description="Speed, availability, errors, capacity and delivery of the systems behind the product.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
