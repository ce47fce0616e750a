"""What mutations record, and whether a server has really written it: ten days of fifty KPIs, other values each time.

They go to an organization of their own, so that nothing that is read meanwhile changes. All of its cells are recorded
before anything is measured, so that every call corrects each of them, and its tables are the same before every
measurement.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg

ORGANIZATION: Final = "benchmark-recording"
SOURCE: Final = "bench"
KPIS: Final = 50
FIRST_DAY: Final = date(2025, 1, 1)
DAYS: Final = 10
PLACE: Final = "#############"
NUMBER: Final = PLACE.encode()
"""Stands in a request for the number of the call, which every value begins with."""


class NotWritten(Exception):
    """A server answered, but what it should have written is not there; the message says what is."""


def call_number() -> int:
    """A number of thirteen digits that rises faster than calls can be made: the milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def numbered(request: bytes, number: int) -> bytes:
    """The request of the call with this number; its length is the same for all.

    >>> numbered(b"[#############.010]", 1712345678901)
    b'[1712345678901.010]'
    """
    return request.replace(NUMBER, b"%013d" % number)


def key_of(number: int) -> str:
    """The key of the KPI with this number.

    >>> key_of(7)
    'custom.measure_007'
    """
    return f"custom.measure_{number:03}"


def cells() -> Iterator[tuple[str, date, str]]:
    """Every KPI with every day, and the decimals of its value.

    >>> list(cells())[10]
    ('custom.measure_001', datetime.date(2025, 1, 1), '010')
    """
    for number in range(KPIS):
        for day in range(DAYS):
            yield key_of(number), FIRST_DAY + timedelta(days=day), f"{number * DAYS + day:03}"


def call() -> dict[str, Any]:
    """What one call sends."""
    observations = [
        {"kpi": key, "period": day.isoformat(), "value": f"{PLACE}.{decimals}", "text": f"{PLACE}.{decimals}"}
        for key, day, decimals in cells()
    ]
    return {"organization": ORGANIZATION, "source": SOURCE, "observations": observations}


_LATEST: Final = """
select kpi.key, entry.period_start, entry.period, entry.grain, entry.value, entry.text
from observations as entry
join kpis as kpi on kpi.organization_id = entry.organization_id and kpi.id = entry.measure_id
where entry.organization_id = $1 and entry.source = $2 and entry.ended_in is null
order by entry.id desc limit $3
"""
_STANDINGS: Final = """
select kpi.key, standing.period, standing.value, standing.text, standing.previous_period, standing.previous_value,
    standing.previous_text, standing.origin, standing.figure_id, standing.attainment, standing.status,
    target.operator, target.value as target
from kpi_current as standing
join kpis as kpi on kpi.organization_id = standing.organization_id and kpi.id = standing.kpi_id
join targets as target on target.organization_id = standing.organization_id and target.id = standing.target_id
where standing.organization_id = $1 and standing.segment = '' order by kpi.key
"""


async def check_written(address: str, organization_id: int, number: int) -> None:
    """Nothing, when what the call of this number sent was recorded, and the standings follow from it.

    Raises:
        NotWritten: something is missing or another.
    """
    connection = await asyncpg.connect(address)
    try:
        latest = await connection.fetch(_LATEST, organization_id, SOURCE, KPIS * DAYS)
        standings = await connection.fetch(_STANDINGS, organization_id)
    finally:
        await connection.close()
    sent = {(key, day): f"{number}.{decimals}" for key, day, decimals in cells()}
    wanted = {(*cell, str(cell[1]), "DAY", Decimal(text), text) for cell, text in sent.items()}
    if wanted != {tuple(row.values()) for row in latest}:
        raise NotWritten(f"the last {KPIS * DAYS} observations are not those that were sent")
    wrong = [row["key"] for row in standings if not _follows(row, sent)]
    if wrong or len(standings) != KPIS:
        raise NotWritten(f"of {len(standings)} standings {len(wrong)} do not follow from what was sent: {wrong[:3]}")


def _follows(row: Any, sent: dict[tuple[str, date], str]) -> bool:
    last, before = FIRST_DAY + timedelta(days=DAYS - 1), FIRST_DAY + timedelta(days=DAYS - 2)
    text, previous = sent[row["key"], last], sent[row["key"], before]
    value, target = float(text), float(row["target"])
    ratio = value / target if row["operator"] == "AT_LEAST" else target / value
    status = "MET" if ratio >= 1 else "NEAR_MISS" if ratio >= 0.95 else "MISSED"
    return (
        (row["text"], row["value"], row["period"]) == (text, Decimal(text), str(last))
        and (row["previous_text"], row["previous_value"]) == (previous, Decimal(previous))
        and (row["previous_period"], row["origin"], row["figure_id"]) == (str(before), SOURCE, None)
        and row["status"] == status
        and abs(float(row["attainment"]) - ratio) <= ratio * 1e-9
    )


async def reset(address: str, organization_id: int) -> None:
    """Forget what calls recorded, so that everybody is measured on equal tables."""
    connection = await asyncpg.connect(address)
    try:
        async with connection.transaction():
            # A call that its client gave up may still be writing: the lock waits for it, and deadlocks with none.
            await connection.execute("lock table observations, changes in share row exclusive mode")
            await _forget(connection, organization_id)
        for table in ("observations", "changes"):
            await connection.execute(f"vacuum analyze {table}")
    finally:
        await connection.close()


async def _forget(connection: Any, organization_id: int) -> None:
    for table in ("observations", "changes"):
        await connection.execute(
            f"delete from {table} as entry using batches as batch "  # noqa: S608 - two names, from above
            "where entry.organization_id = $1 and batch.organization_id = $1 and batch.id = entry.batch_id "
            "and batch.action = 'record'",
            organization_id,
        )
    stands = "update observations set ended_in = null where organization_id = $1 and ended_in is not null"
    await connection.execute(stands, organization_id)
