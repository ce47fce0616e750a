"""The customer family: winning, satisfying, supporting and keeping customers."""

from kpi_server.plugin import Family, Measure, Metric, Vector, hookimpl
from kpi_server_customer import acquisition, retention, satisfaction, support, value
from kpi_server_customer.vectors import VECTORS

__all__ = ["kpi_family", "kpi_fields", "kpi_measures", "kpi_metrics", "kpi_vectors"]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="customer",
        title="Customer",
        description="Winning, satisfying, supporting and keeping customers.",
        api_version=1,
    )


@hookimpl
def kpi_measures() -> tuple[Measure, ...]:
    return (*satisfaction.MEASURES, *retention.MEASURES, *acquisition.MEASURES, *support.MEASURES, *value.MEASURES)


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return (*satisfaction.METRICS, *retention.METRICS, *acquisition.METRICS, *support.METRICS, *value.METRICS)


@hookimpl
def kpi_vectors() -> tuple[Vector, ...]:
    return VECTORS


@hookimpl
def kpi_fields() -> str:
    return "kpi_server_customer.fields:CustomerFields"
