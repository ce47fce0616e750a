"""The financial family: revenue, margins, cash, and what a customer costs and brings."""

from kpi_server.plugin import Aggregate, Family, Measure, Metric, Vector, hookimpl
from kpi_server_financial.aggregates import AGGREGATES
from kpi_server_financial.measures import MEASURES
from kpi_server_financial.metrics import METRICS
from kpi_server_financial.vectors import VECTORS

__all__ = [
    "MEASURES",
    "METRICS",
    "VECTORS",
    "kpi_aggregates",
    "kpi_family",
    "kpi_fields",
    "kpi_measures",
    "kpi_metrics",
    "kpi_vectors",
]


@hookimpl
def kpi_family() -> Family:
    return Family(
        name="financial",
        title="Financial",
        description="Revenue, margins, cash, and what a customer costs and brings.",
        api_version=1,
    )


@hookimpl
def kpi_measures() -> tuple[Measure, ...]:
    return MEASURES


@hookimpl
def kpi_metrics() -> tuple[Metric, ...]:
    return METRICS


@hookimpl
def kpi_vectors() -> tuple[Vector, ...]:
    return VECTORS


@hookimpl
def kpi_aggregates() -> tuple[Aggregate, ...]:
    return AGGREGATES


@hookimpl
def kpi_fields() -> str:
    return "kpi_server_financial.fields:FinancialFields"
