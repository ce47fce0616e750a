"""The market family: position, recognition and expansion in the market."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_market.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="market",
        title="Market",
        description="Position, recognition and expansion in the market.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
