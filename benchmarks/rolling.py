"""What series over very many values cost: ten KPIs by month, beside the same sums in SQL written by hand."""

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Final

import asyncpg
import orjson

from benchmarks.ground import FILES, Ground
from benchmarks.importing import LARGE, imported
from benchmarks.results import Figure
from benchmarks.works import FAMILY, MONTHLY, monthly_key, monthly_measure, registry
from kpi_server.api.executor import Executor
from kpi_server.api.schema import build_schema
from kpi_server.cli.databases import opened
from kpi_server.services.access import Authenticator
from kpi_server.settings import Settings
from kpi_server.store.database import Database
from kpi_server.store.organizations import id_of

REPETITIONS: Final = 3
PATIENCE_S: Final = 3_600.0
BY_HAND: Final = """
select measure.key, to_char(entry.period_start, 'YYYY-MM') as month, sum(entry.value) as value
from observations as entry
join measures as measure on measure.organization_id = entry.organization_id and measure.id = entry.measure_id
where entry.organization_id = $1 and entry.ended_in is null and entry.grain = 'DAY'
    and entry.period_start >= $2 and entry.period_start < $3
group by 1, 2
"""
NEAR: Final = Decimal("1e-12")
"""How far apart answers may be: ours are rounded to twelve decimals."""


class OtherSums(Exception):
    """The series are not what the sums by hand make of them."""


async def measure_months(ground: Ground) -> list[Figure]:
    """The time of an operation that asks for ten KPIs by month, divided by that of the sums; medians of both."""
    rows = (await imported(ground, LARGE, ground.rows)).rows
    ours, theirs = [], []
    owner = await asyncpg.connect(ground.owner)
    try:
        await owner.execute("vacuum analyze")
        async with opened(ground.addresses) as database:
            executor = _executor(database)
            scope = await Authenticator(database).authenticate(ground.token)
            for _ in range(REPETITIONS):
                began = time.perf_counter()
                answer = await executor.execute(scope, document())
                ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                sums = await owner.fetch(BY_HAND, id_of(FILES), *_year())
                theirs.append(time.perf_counter() - began)
                _check(orjson.loads(answer.body), sums)
    finally:
        await owner.close()
    words = f"{rows:,} values, {median(ours):.2f} s and by hand {median(theirs):.2f} s"
    return [Figure("months", median(ours) / median(theirs), words)]


def document() -> str:
    """The operation."""
    asked = [
        f'k{number}: kpi(key: "{monthly_key(number)}") '
        f'{{ series(grain: MONTH, from: "{LARGE}-01", to: "{LARGE}-12") {{ exact }} }}'
        for number in range(MONTHLY)
    ]
    return f'{{ organization(slug: "{FILES}") {{ {" ".join(asked)} }} }}'


def _executor(database: Database) -> Executor:
    patient = Settings(response_cache_bytes=0, statement_timeout_s=PATIENCE_S, request_timeout_s=PATIENCE_S)
    return Executor(build_schema(registry()), registry(), database, patient)


def _year() -> tuple[date, date]:
    return date(LARGE, 1, 1), date(LARGE + 1, 1, 1)


def _check(answer: Any, sums: Sequence[Any]) -> None:
    """Nothing, when the answer is what the formula makes of the sums."""
    if "errors" in answer:
        raise OtherSums(f"the series are not answered: {answer['errors'][:1]}")
    known = {(row["key"], row["month"]): row["value"] for row in sums}
    months = sorted({month for _, month in known})
    for number in range(MONTHLY):
        found = [Decimal(text) for text in answer["data"]["organization"][f"k{number}"]["series"]["exact"]]
        keys = [f"{FAMILY}.{monthly_measure(2 * number + one)}" for one in (0, 1)]
        wanted = [(known[keys[0], month] - known[keys[1], month]) / known[keys[1], month] for month in months]
        if len(found) != len(wanted) or any(abs(one - other) > NEAR for one, other in zip(found, wanted, strict=True)):
            raise OtherSums(f"the series of {monthly_key(number)} is {found}, and by hand {wanted}")
