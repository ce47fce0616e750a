"""The financial family: revenue, margins, cash, and what a customer costs and brings."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_financial.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="financial",
        title="Financial",
        description="Revenue, margins, cash, and what a customer costs and brings.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
