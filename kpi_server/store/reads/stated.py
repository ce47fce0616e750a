"""What was stated of a cell, whether it stands or not."""

from kpi_server.domain.period import Period
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.sql import statement


def cell_clauses(organization_id: int, measure_id: int | None, segment: str, period: Period) -> Clauses:
    """The conditions on the statements about a cell; a measure of which nothing was ever recorded has none."""
    clauses = Clauses()
    clauses.within("entry", organization_id)
    clauses.add("entry.measure_id = {}::bigint", measure_id)
    clauses.add("entry.segment = {}::text", segment)
    clauses.add("entry.grain = {}::text", period.grain.value)
    clauses.add("entry.period_start = {}::date", period.start)
    clauses.add_plain("(entry.ended_in is null or entry.ended_in is not null)")
    return clauses


def stated(clauses: Clauses) -> str:
    """The select of statements under these conditions."""
    return statement("stated").format(where=clauses.where)
