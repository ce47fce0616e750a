"""The technical family: speed, availability, errors, capacity and delivery of the systems behind the product."""

from kpi_server.plugin import Aggregate, Family, Measure, Metric, Vector, hookimpl
from kpi_server_technical import availability, capacity, delivery, errors, operations, pages, speed
from kpi_server_technical.aggregates import AGGREGATES
from kpi_server_technical.vectors import VECTORS

__all__ = ["kpi_aggregates", "kpi_family", "kpi_fields", "kpi_measures", "kpi_metrics", "kpi_vectors"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="technical",
        title="Technical",
        description="Speed, availability, errors, capacity and delivery of the systems behind the product.",
        api_version=1,
    )


@hookimpl
def kpi_measures() -> tuple[Measure, ...]:
    return (
        *speed.MEASURES,
        *availability.MEASURES,
        *errors.MEASURES,
        *capacity.MEASURES,
        *delivery.MEASURES,
        *pages.MEASURES,
        *operations.MEASURES,
    )


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return (
        *speed.METRICS,
        *availability.METRICS,
        *errors.METRICS,
        *capacity.METRICS,
        *delivery.METRICS,
        *pages.METRICS,
        *operations.METRICS,
    )


@hookimpl
def kpi_vectors() -> tuple[Vector, ...]:
    return VECTORS


@hookimpl
def kpi_aggregates() -> tuple[Aggregate, ...]:
    return AGGREGATES


@hookimpl
def kpi_fields() -> str:
    return "kpi_server_technical.fields:TechnicalFields"
