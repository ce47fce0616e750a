"""Golden vectors: what each calculator makes of ordinary, empty and missing inputs, worked by hand."""

from typing import Final

from kpi_server.plugin import Absence, Vector

NO_DATA: Final = Absence.NO_DATA
UNDEFINED: Final = Absence.UNDEFINED


def _vector(metric: str, expected: str | int | Absence, source: str, **given: str | int | Absence) -> Vector:
    return Vector(metric=metric, given=given, expected=expected, source=source)


VECTORS: Final = (
    _vector("api_response_time", "0.18", "001:71: 180 ms", response_total=36, requests=200),
    _vector("api_response_time", UNDEFINED, "004:312: no requests", response_total=0, requests=0),
    _vector("api_response_time_p95", "0.5", "004:323", response_times="0.5"),
    _vector("api_response_time_p95", NO_DATA, "004:313: no requests", response_times=NO_DATA),
    _vector("api_response_time_p99", 1, "004:325", response_times=1),
    _vector("api_response_time_p99", NO_DATA, "004:325", response_times=NO_DATA),
    _vector(
        "availability", "0.997", "001:70: 129.6 of the 43,200 minutes of 30 days", service_time=2_592_000, downtime=7776
    ),
    _vector("availability", 1, "004:339", service_time=2_592_000, downtime=0),
    _vector("availability", UNDEFINED, "004:339", service_time=0, downtime=0),
    _vector("availability", NO_DATA, "004:339: not known is not none", service_time=2_592_000, downtime=NO_DATA),
    _vector("annual_availability", "0.9995", "004:351: 4.38 of 8,760 hours", service_time=31_536_000, downtime=15768),
    _vector("annual_availability", UNDEFINED, "004:340", service_time=0, downtime=0),
    _vector(
        "mtbf",
        2_591_100,
        "004:352: 1,439.5 hours of operation, half of it each",
        service_time=5_184_000,
        downtime=1800,
        failures=2,
    ),
    _vector("mtbf", UNDEFINED, "004:352: nothing failed", service_time=5_184_000, downtime=0, failures=0),
    _vector("mttr", 1320, "000:41: 22 minutes", recovery_total=3960, recoveries=3),
    _vector("mttr", UNDEFINED, "004:353", recovery_total=0, recoveries=0),
    _vector("error_rate", "0.003", "003:135", error_responses=3, responses=1000),
    _vector("error_rate", 0, "004:366", error_responses=0, responses=1000),
    _vector("error_rate", UNDEFINED, "004:366", error_responses=0, responses=0),
    _vector("client_error_rate", "0.02", "004:377", client_errors=20, responses=1000),
    _vector("client_error_rate", UNDEFINED, "004:377", client_errors=0, responses=0),
    _vector("server_error_rate", "0.001", "004:378", server_errors=1, responses=1000),
    _vector("server_error_rate", UNDEFINED, "004:378", server_errors=0, responses=0),
    _vector("timeout_rate", "0.002", "004:379", timeouts=2, responses=1000),
    _vector("timeout_rate", UNDEFINED, "004:379", timeouts=0, responses=0),
    _vector("concurrent_users", 10000, "004:405", peak_sessions=10000),
    _vector("concurrent_users", 0, "004:394: no sessions", peak_sessions=0),
    _vector("concurrent_users", NO_DATA, "004:394", peak_sessions=NO_DATA),
    _vector("average_concurrent_users", 5800, "004:395", average_sessions=5800),
    _vector("average_concurrent_users", NO_DATA, "004:395", average_sessions=NO_DATA),
    _vector("average_load", "0.58", "004:406", average_sessions=5800, session_capacity=10000),
    _vector("average_load", UNDEFINED, "004:406", average_sessions=0, session_capacity=0),
    _vector("auto_scaling_time", 300, "004:407: 5 minutes", scale_out_total=900, scale_outs=3),
    _vector("auto_scaling_time", UNDEFINED, "004:407", scale_out_total=0, scale_outs=0),
    _vector("global_latency", "0.05", "004:408: 50 ms", latency_total="0.2", latency_probes=4),
    _vector("global_latency", UNDEFINED, "004:408", latency_total=0, latency_probes=0),
    _vector("data_volume", 100_000_000_000, "004:433", data_processed=100_000_000_000),
    _vector("data_volume", 0, "004:421", data_processed=0),
    _vector("monthly_data_volume", 3_000_000_000_000, "004:422: 30 days of 100 GB", data_processed=3_000_000_000_000),
    _vector("monthly_data_volume", NO_DATA, "004:422", data_processed=NO_DATA),
    _vector("data_growth", "0.2", "004:434", data_processed=120, before=100),
    _vector("data_growth", UNDEFINED, "004:423", data_processed=120, before=0),
    _vector("data_growth", NO_DATA, "004:423: the first month has none before it", data_processed=120, before=NO_DATA),
    _vector("data_latency", 5, "004:435", processing_delay_total=50, batches_processed=10),
    _vector("data_latency", UNDEFINED, "004:435", processing_delay_total=0, batches_processed=0),
    _vector("storage_efficiency", "0.8", "004:436", storage_used=4, storage_provisioned=5),
    _vector("storage_efficiency", UNDEFINED, "004:436", storage_used=0, storage_provisioned=0),
    _vector(
        "deployment_frequency",
        "1.769230769231",
        "000:34 prints 1.8 for the 13 weeks of a quarter",
        deployments=23,
        delivery_weeks=13,
    ),
    _vector("deployment_frequency", 0, "000:34", deployments=0, delivery_weeks=1),
    _vector("deployment_frequency", UNDEFINED, "000:34", deployments=0, delivery_weeks=0),
    _vector("bug_resolution_time", 259_200, "003:141: 72 hours", bug_resolution_total=518_400, bugs_fixed=2),
    _vector("bug_resolution_time", UNDEFINED, "003:141", bug_resolution_total=0, bugs_fixed=0),
    _vector(
        "feature_delivery_time", 1_209_600, "002:60: 2 weeks", feature_delivery_total=3_628_800, features_delivered=3
    ),
    _vector("feature_delivery_time", UNDEFINED, "002:60", feature_delivery_total=0, features_delivered=0),
    _vector("feature_velocity", 42, "003:140", story_points=126, sprints=3),
    _vector("feature_velocity", UNDEFINED, "003:140", story_points=0, sprints=0),
    _vector("code_quality", "7.3", "003:142", code_rating="7.3"),
    _vector("code_quality", NO_DATA, "003:142", code_rating=NO_DATA),
    _vector("page_load_time", "4.2", "003:132", page_load_total=21, page_loads=5),
    _vector("page_load_time", UNDEFINED, "003:132", page_load_total=0, page_loads=0),
    _vector("query_time", "2.8", "003:133", query_total=14, queries=5),
    _vector("query_time", UNDEFINED, "003:133", query_total=0, queries=0),
    _vector("data_freshness", 1320, "003:134: 22 minutes", data_age_total=5280, data_age_samples=4),
    _vector("data_freshness", UNDEFINED, "003:134", data_age_total=0, data_age_samples=0),
    _vector("security_incidents", 0, "001:74", incidents=0),
    _vector("security_incidents", NO_DATA, "001:74: not known is not none", incidents=NO_DATA),
    _vector("cpu_usage", "0.7", "004:724", cpu_busy_time=63, cpu_time=90),
    _vector("cpu_usage", UNDEFINED, "004:724", cpu_busy_time=0, cpu_time=0),
    _vector("memory_usage", "0.8", "004:725", memory_used=12, memory_installed=15),
    _vector("memory_usage", UNDEFINED, "004:725", memory_used=0, memory_installed=0),
    _vector("disk_usage", "0.75", "004:726", disk_used=9, disk_installed=12),
    _vector("disk_usage", UNDEFINED, "004:726", disk_used=0, disk_installed=0),
    _vector("network_io", 250_000, "004:727", network_rate=250_000),
    _vector("network_io", NO_DATA, "004:727", network_rate=NO_DATA),
    _vector("cache_hit_rate", "0.95", "004:732", cache_hits=95, cache_lookups=100),
    _vector("cache_hit_rate", UNDEFINED, "004:732", cache_hits=0, cache_lookups=0),
    _vector("database_query_time", "0.075", "004:731", database_total=3, database_queries=40),
    _vector("database_query_time", UNDEFINED, "004:731", database_total=0, database_queries=0),
)
