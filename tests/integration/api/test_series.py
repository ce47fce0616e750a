"""Series of KPIs: recorded values before printed ones, gaps as points, bounded, from an index."""

import json
from datetime import date, timedelta

import orjson
import pytest

from kpi_server.api.context import Context
from kpi_server.api.executor import Executor
from kpi_server.domain.access import Role
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from kpi_server.store.sql import statement
from tests.integration.api.conftest import scope_over

pytestmark = pytest.mark.families

ALL_OF_IT = "{ grain segment unit { notation } periods values exact points { period text absence source { system } } }"


@pytest.fixture
def record(ask_clone):
    """Records values of MTTR by period as a service."""

    async def recording(values, source="pagerduty", **more):
        observations = [{"kpi": "MTTR", "period": p, "value": v, **more} for p, v in values.items()]
        given = {"organization": "snapshot-co", "source": source, "observations": observations}
        document = "mutation ($i: RecordObservationsInput!) { recordObservations(input: $i) { errors { message } } }"
        scope = scope_over("snapshot-co", role=Role.SERVICE)
        answer = await ask_clone(document, variables={"i": given}, scope=scope)
        assert (answer.errors, answer.data["recordObservations"]["errors"]) == ([], [])

    return recording


def _document(arguments, selection):
    field = f"series({arguments})" if arguments else "series"
    return f'{{ organization(slug: "snapshot-co") {{ kpi(key: "MTTR") {{ {field} {selection} }} }} }}'


@pytest.fixture
def series(ask_clone):
    """Asks for a series of MTTR with arguments as written, where values were recorded."""

    async def asking(arguments="", selection=ALL_OF_IT):
        answer = await ask_clone(_document(arguments, selection))
        return answer.errors or answer.data["organization"]["kpi"]["series"]

    return asking


@pytest.fixture
def printed(ask_seeds):
    """Asks for a series of MTTR where only documents say anything."""

    async def asking(arguments="", selection=ALL_OF_IT):
        answer = await ask_seeds(_document(arguments, selection))
        return answer.errors or answer.data["organization"]["kpi"]["series"]

    return asking


async def test_printed_figures_are_points_and_gaps_are_points_without_a_number(printed):
    # 000:41 prints 22 minutes for 2024-Q1 and 000:43 35 minutes for the quarter before.
    found = await printed('from: "2023-Q3", to: "2024-Q2", grain: QUARTER')
    assert found == {
        "grain": "QUARTER", "segment": "", "unit": {"notation": "DURATION"},
        "periods": ["2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2"],
        "values": [None, 2100.0, 1320.0, None],
        "exact": [None, "2100", "1320", None],
        "points": [
            {"period": "2023-Q3", "text": None, "absence": "NO_DATA", "source": None},
            {"period": "2023-Q4", "text": "35 minutes", "absence": None, "source": {"system": None}},
            {"period": "2024-Q1", "text": "22 minutes", "absence": None, "source": {"system": None}},
            {"period": "2024-Q2", "text": None, "absence": "NO_DATA", "source": None},
        ],
    }  # fmt: skip


async def test_what_was_recorded_last_stands_for_a_period_and_before_what_is_printed(series, record):
    await record({"2024-Q1": "1300", "2024-Q3": "1200"})
    await record({"2024-Q1": "1290"})
    await record({"2024-Q3": "1100"}, source="opsgenie")
    found = await series(selection="{ periods values points { source { system } } }")
    assert found["periods"] == ["2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3"]
    assert found["values"] == [2100.0, 1290.0, None, 1100.0]
    systems = [point["source"] and point["source"]["system"] for point in found["points"]]
    assert systems == [None, "pagerduty", None, "opsgenie"]


async def test_without_a_grain_the_shortest_that_is_known_is_shown(series, record):
    assert (await series(selection="{ grain }")) == {"grain": "QUARTER"}
    await record({"2024-05": "1200", "2024-04": "1260"})
    assert (await series(selection="{ grain values }")) == {"grain": "MONTH", "values": [1260.0, 1200.0]}
    assert (await series("grain: QUARTER, last: 1", "{ periods }")) == {"periods": ["2024-Q1"]}


async def test_segments_have_series_of_their_own(series, record):
    await record({"2024-05": "600"}, segment="team=core")
    assert (await series('segment: "team=core"', "{ segment values }")) == {"segment": "team=core", "values": [600.0]}
    assert await series('segment: "team=other"') is None
    assert (await series('segment: "team=other", grain: MONTH', "{ periods values }")) == {"periods": [], "values": []}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("last: 0", "BAD_USER_INPUT"),
        ("last: 5001", "BAD_USER_INPUT"),
        ('from: "2024-Q2", to: "2024-Q1"', "BAD_USER_INPUT"),
        ('segment: "core"', "BAD_USER_INPUT"),
        ('from: "2000", to: "2014", grain: DAY', "LIMIT_EXCEEDED"),
    ],
)
async def test_a_window_that_is_none_or_too_long_is_refused(arguments, code, printed):
    assert [found for found, _ in await printed(arguments)] == [code]


async def test_the_series_of_many_kpis_are_one_statement(ask_seeds):
    document = '{ organization(slug: "snapshot-co") { kpis { nodes { series { values } } } } }'
    alone = '{ organization(slug: "snapshot-co") { kpis { nodes { key } } } }'
    assert (await ask_seeds(document)).statements == (await ask_seeds(alone)).statements + 1


async def test_points_are_read_from_the_index_between_their_ends_and_not_from_the_history(seeded_database):
    """A hundred days are asked for of ten years: no partition of another year is touched, and none is scanned."""
    await _history(seeded_database, days=3650)
    numbers = (id_of("snapshot-co"), await _mttr(seeded_database))
    arguments = [[numbers[0]], [numbers[1]], [""], ["DAY"], [None], [None], [100], 5000]
    async with seeded_database.read([numbers[0]]) as connection:
        await connection.execute(_BY_INDEX)
        (plan,) = json.loads(
            await connection.fetchval(
                f"explain (analyze, format json, timing off) {statement('series_points')}", *arguments
            )
        )
    scans = [node for node in _nodes(plan["Plan"]) if node.get("Relation Name", "").startswith("observations")]
    touched = [node for node in scans if node["Actual Loops"]]
    assert {node["Node Type"] for node in touched} <= {"Index Scan", "Index Only Scan"}
    assert {node["Relation Name"] for node in touched if node["Actual Rows"]} == {"observations_2024"}
    assert sum(node["Actual Rows"] for node in touched) <= 102
    assert not any(node.get("Rows Removed by Filter") for node in touched)
    assert not any("2015" <= node["Relation Name"][-4:] <= "2022" for node in touched)


async def test_the_numbers_of_a_series_need_nothing_but_their_index(seeded_database):
    """A hundred days in a table that is small enough to be read whole, if that were allowed."""
    await _history(seeded_database, days=100)
    (scan,) = await _scans_ahead(seeded_database, "observations")
    assert (scan["Node Type"], scan["Relation Name"], scan["Actual Rows"]) == (
        "Index Only Scan", "observations_2024", 100,
    )  # fmt: skip


async def test_no_figure_printed_of_another_time_is_read_for_a_series(seeded_database):
    """Of a KPI of which a figure was printed of each month of ten years, and none of a day."""
    organization, kpi = id_of("snapshot-co"), await _mttr(seeded_database)
    async with seeded_database.write(organization, action="test", actor="test") as write:
        await write.start()
        await (await write.driver()).execute(
            "insert into reported_figures (organization_id, id, key, position, origin, batch_id, kpi_id, placement, "
            "segment, period, period_start, period_end, text, at_least) "
            "select $1, nextval('entity_ids'), 'month-' || month, 0, 'API', $3, $2, 'KPI_ROW', '', "
            "to_char(start, 'YYYY-MM'), start, start + interval '1 month', '1', false "
            "from generate_series(0, 119) as month "
            "cross join lateral (select (date '2015-01-01' + make_interval(months => month))::date as start) as first",
            organization, kpi, write.batch_id,
        )  # fmt: skip
        write.append()
    await _history(seeded_database, days=100)
    await seeded_database.refresh_statistics()
    (scan,) = await _scans_ahead(seeded_database, "reported_figures")
    assert (scan["Index Name"], scan["Actual Rows"]) == ("reported_figures_by_kpi", 0)
    assert scan["Rows Removed by Filter"] == 13  # the months of 2024, and the quarter of its document: none is a day


async def test_the_past_knows_where_a_long_series_ended_without_reading_it(seeded_database):
    """Of ten years of days the last two of each year at most, as of the write that recorded them and as of before."""
    organization, kpi = id_of("snapshot-co"), await _mttr(seeded_database)
    await _history(seeded_database, days=3650)
    await seeded_database.refresh_statistics()
    sql = "select previous_start, last_start from past.series where organization_id = $1 and measure_id = $2"
    async with seeded_database.read([organization]) as connection:
        number = await connection.fetchval("select last from sequences where organization_id = $1", organization)
        await connection.execute(f"{_BY_INDEX}; select set_config('kpi.as_of', '{number}', true)")
        assert [tuple(row) for row in await connection.fetch(sql, organization, kpi)] == [
            (date(2024, 12, 29), date(2024, 12, 30))
        ]
        (plan,) = json.loads(await connection.fetchval(f"explain (analyze, format json) {sql}", organization, kpi))
        scans = [one for one in _nodes(plan["Plan"]) if one.get("Relation Name", "").startswith("observations")]
        assert 2 <= sum(one["Actual Rows"] * one["Actual Loops"] for one in scans) <= 2 * 11
        await connection.execute(f"select set_config('kpi.as_of', '{number - 1}', true)")
        assert await connection.fetch(sql, organization, kpi) == []


_BY_INDEX = "set local enable_bitmapscan = off; set local enable_seqscan = off"
"""Tables of tests are small enough to be read whole."""


async def _scans_ahead(database, table):
    """How a table is read for the days of 2024, planned once for whatever is asked, and without reading it whole."""
    sql = statement("series_ahead").replace("{organization_id}", "kpi.organization_id").replace("{id}", "kpi.id")
    given = {
        "segment": "''", "grain": "'DAY'", "pattern": "'____-__-__'", "enough": "366", "first": "date '2024-01-01'",
        "last": "date '2024-12-31'",
    }  # fmt: skip
    for place, name in enumerate(given, 3):
        sql = sql.replace(f"{{${name}}}", f"${place}")
    joined = f"select read.* from kpis as kpi left join lateral ({sql}) as read on true"
    numbers = (id_of("snapshot-co"), await _mttr(database))
    said = ", ".join((*map(str, numbers), *given.values()))
    async with database.read([numbers[0]]) as connection:
        await connection.execute(f"{_BY_INDEX}; set local plan_cache_mode = force_generic_plan")
        types = "bigint, bigint, text, text, text, bigint, date, date"
        await connection.execute(f"prepare ahead ({types}) as {joined} where kpi.organization_id = $1 and kpi.id = $2")
        explained = await connection.fetchval(f"explain (analyze, format json, timing off) execute ahead ({said})")
        await connection.execute("deallocate ahead")
    (plan,) = json.loads(explained)
    return [node for node in _nodes(plan["Plan"]) if node.get("Relation Name", "").startswith(table)]


async def _mttr(database):
    async with database.read([id_of("snapshot-co")]) as connection:
        return await connection.fetchval("select id from kpis where key = 'technical.mttr'")


async def _history(database, *, days):
    """A value a day up to 30 December 2024, as one recorded write would leave them."""
    organization, kpi = id_of("snapshot-co"), await _mttr(database)
    last = date(2024, 12, 30)
    starts = [last - timedelta(days=days - 1 - day) for day in range(days)]
    async with database.write(organization, action="test", actor="test") as write:
        await write.start()
        await (await write.driver()).execute(
            "insert into observations (organization_id, period_start, id, measure_id, segment, grain, period, "
            "period_end, value, text, position, origin, batch_id, source) select $1, day, nextval('entity_ids'), $2, "
            "'', 'DAY', day::text, day + 1, 1, '1', 1, 'API', $3, 'test' from unnest($4::date[]) as day",
            organization, kpi, write.batch_id, starts,
        )  # fmt: skip
        await (await write.driver()).execute(
            "insert into series values ($1, $2, '', 'DAY', $3, $4, $5)",
            organization, kpi, starts[0], starts[-2], starts[-1],
        )  # fmt: skip
        write.append()


def _nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


@pytest.mark.parametrize(
    ("arguments", "statements"),
    [
        ('grain: DAY, from: "2026-01-01", to: "2026-01-05"', 1),
        ('grain: DAY, from: "2026-01", to: "2026-01", last: 3', 4),  # nothing is recorded: it is computed
        ('grain: DAY, from: "2026-01", to: "2026-01", last: 28', 1),
        ('grain: DAY, from: "2026-01-04", to: "2026-01-04"', 1),
        ('grain: DAY, from: "2026-02-01", to: "2026-02-03"', 4),
        ('grain: WEEK, from: "2026-01", to: "2026-02"', 1),
        ('grain: QUARTER, from: "2024-Q2", to: "2025-Q1"', 1),
        ('grain: QUARTER, from: "2024-Q1", to: "2025-Q1"', 3),  # 000:41 prints a figure of the first quarter
        ('grain: DAY, from: "2026-01-01"', 3),
        ("grain: DAY", 3),
        ('grain: DAY, from: "2026-01-05", to: "2026-01-01"', 2),
        ('grain: DAY, from: "1990-01-01", to: "2026-01-01"', 1),  # too many: that is said at once
    ],
)
async def test_columns_read_along_with_their_kpi_are_those_of_the_points(
    schema, registry, seeded_database, record, series, monkeypatch, arguments, statements
):
    """One statement where both ends and the grain are known and nothing is printed; every other way agrees with it.

    Where it was too little, it is asked again in a snapshot, with the statement for the points behind it.
    """
    await record({"2026-01-02": "60", "2026-01-04": "90", "2026-W02": "70", "2024-Q4": "80"})
    await record({"2026-01-04": "120"})
    selection = "{ grain segment unit { notation } periods values }"
    asked = []
    fetch = Context.fetch

    async def counted(self, statement, *parameters):
        asked.append(self.connection)
        return await fetch(self, statement, *parameters)

    monkeypatch.setattr(Context, "fetch", counted)
    executor = Executor(schema, registry, seeded_database, Settings(_env_file=None))
    document = (
        '{ organization(slug: "snapshot-co") { kpi(key: "technical.mttr") { '
        f"series({arguments}) {selection} }} }} }}"
    )
    answer = orjson.loads((await executor.execute(scope_over("snapshot-co"), document)).body)
    assert len(asked) == statements
    found = answer["data"]["organization"]["kpi"]["series"]
    expected = await series(arguments, selection)
    if found is None:
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code for code, _ in expected]
    else:
        assert found == expected
