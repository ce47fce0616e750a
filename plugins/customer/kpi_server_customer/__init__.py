"""The customer family: winning, satisfying, supporting and keeping customers."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_customer.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="customer",
        title="Customer",
        description="Winning, satisfying, supporting and keeping customers.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
