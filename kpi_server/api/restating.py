"""Restatements: what was stated, or computed as another, after its period was closed."""

from kpi_server.api.request import Info
from kpi_server.domain.calendar import parse_calendar
from kpi_server.domain.period import parse_period
from kpi_server.store.reads import Key


async def is_restated(info: Info, batch: Key | None, period: str | None) -> bool:
    """Whether a value of a period came in a batch after that period was closed, which it still is."""
    if batch is None or period is None:
        return False
    organization_id, batch_id = batch
    closed = await info.context.loaders.closed_periods.load(organization_id)
    if not closed:
        return False
    organization = await info.context.loaders.organizations.load(organization_id)
    days = parse_period(period, parse_calendar(organization["calendar"], organization["time_zone"]))
    return any(
        one["batch_id"] < batch_id and one["period_start"] <= days.start and days.end <= one["period_end"]
        for one in closed
    )
