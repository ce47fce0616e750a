"""How much the platform carries: sessions at once, and data."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Symbol, metric, parse_unit, previous

MEASURES = (
    Measure(
        key="peak_sessions",
        name="Peak sessions",
        unit=parse_unit("COUNT(session)"),
        across=Across.NONE,
        over_time=OverTime.MAX,
        description="Most sessions open at the same moment; the peaks of parts need not coincide.",
        source="004:394",
        alternative="average_sessions",
    ),
    Measure(
        key="average_sessions",
        name="Average sessions",
        unit=parse_unit("COUNT(session)"),
        across=Across.SUM,
        over_time=OverTime.AVG,
        description="Sessions open at the same time, on average over the period.",
        source="004:395",
    ),
    Measure(
        key="session_capacity",
        name="Session capacity",
        unit=parse_unit("COUNT(session)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Sessions that the platform can serve at the same time.",
        source="004:405",
    ),
    Measure(
        key="scale_out_total",
        name="Sum of scaling times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time until added capacity answered a rise in load, added up.",
        source="004:407",
    ),
    Measure(
        key="scale_outs",
        name="Scale-outs",
        unit=parse_unit("COUNT(scaling)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Times that capacity was added in answer to a rise in load.",
        source="004:407",
    ),
    Measure(
        key="latency_total",
        name="Sum of latencies",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Network delays measured between users and platform, added up.",
        source="004:408",
    ),
    Measure(
        key="latency_probes",
        name="Latency probes",
        unit=parse_unit("COUNT(probe)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Measurements of the network delay between users and platform.",
        source="004:408",
    ),
    Measure(
        key="data_processed",
        name="Data processed",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Data processed across all workflows.",
        source="004:421",
    ),
    Measure(
        key="processing_delay_total",
        name="Sum of processing delays",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time between receiving data and having processed it, added up over the batches.",
        source="004:435",
    ),
    Measure(
        key="batches_processed",
        name="Batches processed",
        unit=parse_unit("COUNT(batch)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Batches of data that were processed.",
        source="004:435",
    ),
    Measure(
        key="storage_used",
        name="Storage used",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Provisioned storage that is in use.",
        source="004:436",
    ),
    Measure(
        key="storage_provisioned",
        name="Storage provisioned",
        unit=parse_unit("BYTES"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Storage that is provisioned.",
        source="004:436",
    ),
)


@metric(
    unit="COUNT(user)",
    direction=Direction.UP,
    source="004:394",
    aliases=("Concurrent Users Supported", "Peak Concurrent Users", "Peak Capacity"),
    alternative="average_concurrent_users",
)
def concurrent_users(peak_sessions: Symbol) -> Symbol:
    """Most users that the platform served at the same time."""
    return peak_sessions


@metric(unit="COUNT(user)", direction=Direction.UP, source="004:395")
def average_concurrent_users(average_sessions: Symbol) -> Symbol:
    """Users that the platform served at the same time, on average."""
    return average_sessions


@metric(unit="RATIO", direction=Direction.DOWN, source="004:406")
def average_load(average_sessions: Symbol, session_capacity: Symbol) -> Symbol:
    """Average load as a share of the peak capacity."""
    return average_sessions / session_capacity


@metric(name="Auto-scaling time", unit="DURATION", direction=Direction.DOWN, source="004:407")
def auto_scaling_time(scale_out_total: Symbol, scale_outs: Symbol) -> Symbol:
    """Time until added capacity answers a rise in load."""
    return scale_out_total / scale_outs


@metric(unit="DURATION", direction=Direction.DOWN, source="004:408")
def global_latency(latency_total: Symbol, latency_probes: Symbol) -> Symbol:
    """Network delay that users meet anywhere in the world."""
    return latency_total / latency_probes


@metric(
    unit="BYTES/day",
    direction=Direction.UP,
    source="004:421",
    aliases=("Data Processing Volume", "Daily Data Volume"),
    grains=(Grain.DAY,),
    alternative="monthly_data_volume",
)
def data_volume(data_processed: Symbol) -> Symbol:
    """Data processed in a day across all workflows."""
    return data_processed


@metric(
    unit="BYTES/month", direction=Direction.UP, source="004:422", grains=(Grain.MONTH,), alternative="data_processed"
)
def monthly_data_volume(data_processed: Symbol) -> Symbol:
    """Data processed in a month across all workflows."""
    return data_processed


@metric(
    unit="RATIO/month",
    direction=Direction.DOWN,
    source="004:423",
    aliases=("Data Growth Rate",),
    inputs={"before": previous("data_processed")},
    grains=(Grain.MONTH,),
    alternative="data_processed",
)
def data_growth(data_processed: Symbol, before: Symbol) -> Symbol:
    """Growth of the processed data over the month before; small enough to stay manageable."""
    return (data_processed - before) / before


@metric(unit="DURATION", direction=Direction.DOWN, source="004:435")
def data_latency(processing_delay_total: Symbol, batches_processed: Symbol) -> Symbol:
    """Average delay between receiving data and having processed it."""
    return processing_delay_total / batches_processed


@metric(unit="RATIO", direction=Direction.UP, source="004:436")
def storage_efficiency(storage_used: Symbol, storage_provisioned: Symbol) -> Symbol:
    """Share of the provisioned storage that is in use."""
    return storage_used / storage_provisioned


METRICS = (
    concurrent_users,
    average_concurrent_users,
    average_load,
    auto_scaling_time,
    global_latency,
    data_volume,
    monthly_data_volume,
    data_growth,
    data_latency,
    storage_efficiency,
)
