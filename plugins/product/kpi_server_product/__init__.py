"""The product family: how many people use the product, how often, how deeply, and how long they stay."""

from kpi_server.plugin import Family, Metric, hookimpl
from kpi_server_product.metrics import METRICS

__all__ = ["METRICS", "kpi_family", "kpi_metrics"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="product",
        title="Product",
        description="How many people use the product, how often, how deeply, and how long they stay.",
        api_version=1,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS
