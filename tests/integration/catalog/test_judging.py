"""Bringing only the touched KPIs up to date leaves what bringing all of them up to date would leave."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from kpi_server.domain.recording import Sent
from kpi_server.registry import build
from kpi_server.services.recording import Call, Sender, record
from kpi_server.services.standing import judge
from kpi_server.store.bulk import table_of
from kpi_server.store.measures import keep_measures
from kpi_server.store.standing import read_facts
from kpi_server.store.tables.catalog import Document, Kpi
from kpi_server.store.tables.figures import ReportedFigure, Target
from kpi_server.store.tables.tenancy import Organization, Sequence

NO_FAMILY = build([])
SERIES = """
insert into series (organization_id, measure_id, segment, grain, first_start, previous_start, last_start)
select
    organization_id, measure_id, segment, grain, min(period_start),
    (array_agg(period_start order by period_start desc))[2], max(period_start)
from observations
where ended_in is null
group by organization_id, measure_id, segment, grain
"""
"""Makes the series anew of all observations."""
KPIS = (1, 2, 3)
DOCUMENTS = {"old": "2024-Q4", "new": "2025-Q1", "loose": None}
PERIODS = (None, "2024-Q4", "2025-01", "2025-Q1")
SEGMENTS = ("", "plan=daily")


@dataclass(frozen=True)
class Step:
    """A fact put in one of a few places, over what is there; no value takes it away."""

    table: str
    place: int
    kpi: int
    value: int | None
    segment: str
    period: str | None
    document: str | None
    multiple_of: int | None = None


def _steps(table):
    return st.builds(
        Step,
        table=st.just(table),
        place=st.integers(1, 3),
        kpi=st.sampled_from(KPIS),
        value=st.sampled_from([1, 2, 3, None]),
        segment=st.sampled_from(SEGMENTS),
        period=st.sampled_from(PERIODS if table == "reported_figures" else [None]),
        document=st.sampled_from([None, *DOCUMENTS]),
        multiple_of=st.none() | st.sampled_from(KPIS) if table == "targets" else st.none(),
    )


@dataclass(frozen=True)
class Recording:
    """A call that records values of a KPI."""

    kpi: int
    source: str
    values: dict[str, int]
    segment: str


RECORDINGS = st.builds(
    Recording,
    kpi=st.sampled_from(KPIS),
    source=st.sampled_from(["erp", "crm"]),
    values=st.dictionaries(
        st.sampled_from(["2024", "2024-Q4", "2024-12", "2025-01", "2025-02", "2025-Q1"]), st.integers(1, 3), min_size=1
    ),
    segment=st.sampled_from(SEGMENTS),
)
STEPS = _steps("reported_figures") | _steps("targets")
WRITES = st.lists(st.lists(STEPS, min_size=1, max_size=3) | RECORDINGS, min_size=2, max_size=8)


class _Company:
    """An organization with three KPIs whose facts change step by step."""

    def __init__(self, database, organization_id, *, undated_first):
        self.database, self.id, self.undated_first = database, organization_id, undated_first
        self._owners = {}

    def _common(self, write, number, key):
        return {
            "organization_id": self.id, "id": number, "key": key, "position": number, "origin": "API",
            "batch_id": write.batch_id,
        }  # fmt: skip

    async def found(self):
        organization = {
            "id": self.id, "slug": f"company-{self.id}", "name": "Company", "currency": "EUR", "time_zone": "UTC",
            "undated_first": self.undated_first,
        }  # fmt: skip
        async with self.database.write(self.id, action="test", actor="test") as write:
            connection = write.connection
            await connection.execute(
                insert(table_of(Organization)),
                {**organization, "time_zone": "UTC", "undated_first": self.undated_first},
            )
            await connection.execute(insert(table_of(Sequence)), {"organization_id": self.id, "last": 0})
            await write.start()
            for number in KPIS:
                facts = {"family": "custom", "name": "x", "unit": "COUNT", "direction": "UP", "north_star": False}
                await connection.execute(
                    insert(table_of(Kpi)), self._common(write, number, f"custom.x{number}") | facts
                )
            await keep_measures(write, {f"custom.x{number}": number for number in KPIS})
            for number, (key, period) in enumerate(DOCUMENTS.items(), start=10):
                facts = {"title": key, "kind": "REPORT", "period": period}
                await connection.execute(insert(table_of(Document)), self._common(write, number, key) | facts)
            write.record("organizations", self.id, "INSERT")
            await judge(write)

    async def record(self, recording):
        """Record as a system does."""
        name = f"custom.x{recording.kpi}"
        sent = [
            Sent(name, period, Decimal(value), segment=recording.segment) for period, value in recording.values.items()
        ]
        call = Call(sent, atomic=True, idempotency_key=None, now=datetime(2025, 4, 1, tzinfo=UTC))
        receipt = await record(self.database, NO_FAMILY, Sender(self.id, 1, "test", recording.source), call)
        assert receipt.faults == ()

    async def take(self, steps):
        """One write of these steps, judged as far as it goes."""
        async with self.database.write(self.id, action="test", actor="test") as write:
            await write.start()
            touched = set()
            for step in steps:
                touched |= await self._put(write, step)
            write.record("kpis", 1, "UPDATE")
            await judge(write, touched)

    async def _put(self, write, step):
        connection = write.connection
        table = table_of(ReportedFigure if step.table == "reported_figures" else Target)
        number = step.place + (100 if step.table == "targets" else 200)
        before = self._owners.pop(number, None)
        here = (table.c.organization_id == self.id) & (table.c.id == number)
        if step.value is None:
            await connection.execute(delete(table).where(here))
            return {before} - {None}
        row = self._common(write, number, str(number)) | _columns(step)
        if before is None:
            await connection.execute(insert(table), row)
        else:
            await connection.execute(update(table).where(here).values(row))
        self._owners[number] = step.kpi
        return {before, step.kpi} - {None}

    async def is_as_judged_anew(self):
        """Whether judging every KPI by series built from all observations finds nothing to change."""
        async with self.database.write(self.id, action="test", actor="test") as write:
            await _rebuild_series(write)
            await judge(write)
        return write.sequence is None

    async def is_settled(self):
        """Whether of each cell one row stands, and that the one recorded last."""
        async with self.database.read([self.id]) as connection:
            cell = "measure_id, segment, grain, period_start"
            last = await connection.fetch(f"select max(id) as id from observations group by {cell} order by 1")
            standing = await connection.fetch("select id from observations where ended_in is null order by 1")
        return last == standing


def _columns(step):
    shared = {
        "kpi_id": step.kpi, "placement": "KPI_ROW", "segment": step.segment, "period": step.period,
        "document": step.document, "text": f"{step.value} of {step.place}",
    }  # fmt: skip
    if step.table == "reported_figures":
        return shared | {"value": Decimal(step.value), "at_least": False}
    relative = step.multiple_of is not None
    return shared | {
        "operator": "AT_LEAST", "of_kpi_id": step.multiple_of,
        "value": None if relative else Decimal(step.value), "multiple": Decimal(step.value) if relative else None,
    }  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=WRITES, undated_first=st.booleans())
async def test_judging_what_was_touched_equals_judging_everything(database, writes, undated_first):
    (number,) = await database.ids(1)
    company = _Company(database, number, undated_first=undated_first)
    await company.found()
    for steps in writes:
        await (company.record(steps) if isinstance(steps, Recording) else company.take(steps))
        assert await company.is_as_judged_anew()
        assert await company.is_settled()


async def test_only_the_touched_kpis_facts_are_read_and_those_of_kpis_that_hang_on_them(database):
    company = _Company(database, 1, undated_first=False)
    await company.found()
    figure = Step("reported_figures", 1, 1, 5, "", None, None)
    await company.take([
        figure,
        Step("reported_figures", 2, 2, 5, "", None, None),
        Step("reported_figures", 3, 3, 5, "", None, None),
        Step("targets", 1, 2, 3, "", None, None, multiple_of=1),
    ])  # fmt: skip
    async with database.write(1, action="test", actor="test") as write:
        alone, parent, child = [await read_facts(write, [number]) for number in (3, 1, 2)]
    assert {(fact.kpi_id, fact.is_judged) for fact in alone} == {(3, True)}
    assert {(fact.kpi_id, fact.is_judged) for fact in parent} == {(1, True), (2, True)}
    assert {(fact.kpi_id, fact.is_judged) for fact in child} == {(2, True), (1, False)}


async def test_series_that_recording_extends_are_those_that_its_observations_make_up(database):
    company = _Company(database, 1, undated_first=False)
    await company.found()
    for periods in (["2025-02"], ["2024-12", "2024-11"], ["2025-01"], ["2025-03", "2025-02"], ["2024-Q4"]):
        await company.record(Recording(1, "erp", dict.fromkeys(periods, len(periods)), ""))
    extended = await _series(database)
    async with database.write(1, action="test", actor="test") as write:
        await _rebuild_series(write)
        write.keep()
    assert await _series(database) == extended
    assert [tuple(map(str, row)) for row in extended] == [
        ("MONTH", "2024-11-01", "2025-02-01", "2025-03-01"),
        ("QUARTER", "2024-10-01", "None", "2024-10-01"),
    ]


async def _series(database):
    async with database.read([1]) as connection:
        return await connection.fetch("select grain, first_start, previous_start, last_start from series order by 1")


async def _rebuild_series(write):
    driver = await write.driver()
    await driver.execute("delete from series")
    await driver.execute(SERIES)
