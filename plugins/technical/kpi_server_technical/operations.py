"""What the operators watch: incidents, machines, caches and connections."""

from kpi_server.plugin import Across, Direction, Measure, Metric, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="incidents",
        name="Incidents of security",
        unit=parse_unit("COUNT(incident)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Confirmed breaches of security.",
        source="001:74",
    ),
    Measure(
        key="cpu_busy_time",
        name="CPU busy time",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Processor time that was used, over all processors.",
        source="004:724",
    ),
    Measure(
        key="cpu_time",
        name="CPU time",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Processor time that there was, over all processors.",
        source="004:724",
    ),
    Measure(
        key="memory_used",
        name="Memory used",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.AVG,
        description="Main memory in use, on average over the period.",
        source="004:725",
    ),
    Measure(
        key="memory_installed",
        name="Memory installed",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.AVG,
        description="Main memory that there is, on average over the period.",
        source="004:725",
    ),
    Measure(
        key="disk_used",
        name="Disk space used",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Disk space in use at the end of the period.",
        source="004:726",
    ),
    Measure(
        key="disk_installed",
        name="Disk space installed",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Disk space that there is at the end of the period.",
        source="004:726",
    ),
    Measure(
        key="network_rate",
        name="Network rate",
        unit=parse_unit("BYTES/second"),
        across=Across.SUM,
        over_time=OverTime.AVG,
        description="Data sent and received over the network in a second, on average over the period.",
        source="004:727",
    ),
    Measure(
        key="cache_lookups",
        name="Cache look-ups",
        unit=parse_unit("COUNT(lookup)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Look-ups in the cache.",
        source="004:732",
    ),
    Measure(
        key="cache_hits",
        name="Cache hits",
        unit=parse_unit("COUNT(lookup)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Look-ups that the cache answered.",
        source="004:732",
    ),
    Measure(
        key="database_total",
        name="Sum of database query times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time that the database took for its queries, added up.",
        source="004:731",
    ),
    Measure(
        key="database_queries",
        name="Database queries",
        unit=parse_unit("COUNT(query)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Queries that the database answered.",
        source="004:731",
    ),
)


@metric(unit="COUNT(incident)", direction=Direction.DOWN, source="001:74")
def security_incidents(incidents: Symbol) -> Symbol:
    """Confirmed breaches of security in the period."""
    return incidents


@metric(name="CPU usage", unit="RATIO", direction=Direction.DOWN, source="004:724")
def cpu_usage(cpu_busy_time: Symbol, cpu_time: Symbol) -> Symbol:
    """Share of the processor capacity in use."""
    return cpu_busy_time / cpu_time


@metric(unit="RATIO", direction=Direction.DOWN, source="004:725")
def memory_usage(memory_used: Symbol, memory_installed: Symbol) -> Symbol:
    """Share of the main memory in use."""
    return memory_used / memory_installed


@metric(unit="RATIO", direction=Direction.DOWN, source="004:726")
def disk_usage(disk_used: Symbol, disk_installed: Symbol) -> Symbol:
    """Share of the disk space in use."""
    return disk_used / disk_installed


@metric(name="Network I/O", unit="BYTES/second", direction=Direction.NONE, source="004:727")
def network_io(network_rate: Symbol) -> Symbol:
    """Data sent and received over the network in a second."""
    return network_rate


@metric(unit="RATIO", direction=Direction.UP, source="004:732")
def cache_hit_rate(cache_hits: Symbol, cache_lookups: Symbol) -> Symbol:
    """Share of look-ups answered from the cache."""
    return cache_hits / cache_lookups


@metric(unit="DURATION", direction=Direction.DOWN, source="004:731")
def database_query_time(database_total: Symbol, database_queries: Symbol) -> Symbol:
    """Average time that the database takes for a query."""
    return database_total / database_queries


integration_health = Metric(
    key="integration_health",
    name="Integration health",
    unit=parse_unit("TEXT"),
    direction=Direction.NONE,
    source="004:735",
    description="State of a connection to another system, in words.",
)


METRICS = (
    security_incidents,
    cpu_usage,
    memory_usage,
    disk_usage,
    network_io,
    cache_hit_rate,
    database_query_time,
    integration_health,
)
