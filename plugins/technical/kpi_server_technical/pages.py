"""How long people wait for pages and queries, and how old what they see is."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="page_load_total",
        name="Sum of page load times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time until a dashboard page was loaded, added up over the loads.",
        source="003:132",
    ),
    Measure(
        key="page_loads",
        name="Page loads",
        unit=parse_unit("COUNT(load)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Loads of dashboard pages.",
        source="003:132",
    ),
    Measure(
        key="query_total",
        name="Sum of query times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Execution times of users' queries, added up.",
        source="003:133",
    ),
    Measure(
        key="queries",
        name="Queries",
        unit=parse_unit("COUNT(query)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Queries that users ran.",
        source="003:133",
    ),
    Measure(
        key="data_age_total",
        name="Sum of data ages",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Age of the data that users saw, added up over the samples.",
        source="003:134",
    ),
    Measure(
        key="data_age_samples",
        name="Data age samples",
        unit=parse_unit("COUNT(sample)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Samples of the age of the data that users saw.",
        source="003:134",
    ),
)


@metric(unit="DURATION", direction=Direction.DOWN, source="003:132")
def page_load_time(page_load_total: Symbol, page_loads: Symbol) -> Symbol:
    """Average time until a dashboard page is loaded."""
    return page_load_total / page_loads


@metric(unit="DURATION", direction=Direction.DOWN, source="003:133", aliases=("Query Performance",))
def query_time(query_total: Symbol, queries: Symbol) -> Symbol:
    """Average execution time of a user's query."""
    return query_total / queries


@metric(unit="DURATION", direction=Direction.DOWN, source="003:134")
def data_freshness(data_age_total: Symbol, data_age_samples: Symbol) -> Symbol:
    """Average age of the data that users see."""
    return data_age_total / data_age_samples


METRICS = (page_load_time, query_time, data_freshness)
