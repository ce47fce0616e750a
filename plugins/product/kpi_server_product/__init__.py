"""The product family: how many people use the product, how often, how deeply, and how long they stay."""

from kpi_server.plugin import Aggregate, Family, Measure, Metric, Vector, hookimpl
from kpi_server_product import activity, adoption, engagement, retention, value
from kpi_server_product.aggregates import AGGREGATES
from kpi_server_product.vectors import VECTORS

__all__ = ["kpi_aggregates", "kpi_family", "kpi_fields", "kpi_measures", "kpi_metrics", "kpi_vectors"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="product",
        title="Product",
        description="How many people use the product, how often, how deeply, and how long they stay.",
        api_version=1,
    )


@hookimpl
def kpi_measures() -> tuple[Measure, ...]:
    return (*activity.MEASURES, *retention.MEASURES, *adoption.MEASURES, *engagement.MEASURES, *value.MEASURES)


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return (*activity.METRICS, *retention.METRICS, *adoption.METRICS, *engagement.METRICS, *value.METRICS)


@hookimpl
def kpi_vectors() -> tuple[Vector, ...]:
    return VECTORS


@hookimpl
def kpi_aggregates() -> tuple[Aggregate, ...]:
    return AGGREGATES


@hookimpl
def kpi_fields() -> str:
    return "kpi_server_product.fields:ProductFields"
