"""Series as columns, read along with their KPI, are the points of the same series, whatever was recorded before."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpi_server.api.executor import Executor
from kpi_server.settings import Settings
from kpi_server.store.organizations import id_of
from tests.integration.api.conftest import NOW
from tests.integration.api.test_recording import SERVICE

pytestmark = pytest.mark.families

DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
SOURCES = ("pagerduty", "opsgenie")
"""The first has precedence."""
RANDOM = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[*HealthCheck],
    database=None,
    derandomize=True,
    phases=[Phase.generate],
)
ARGUMENTS = f'from: "{DAYS[0]}", to: "{DAYS[-1]}", grain: DAY'
COLUMNS = f"columns: series({ARGUMENTS}) {{ grain segment basis unit {{ notation }} periods values exact }}"
POINTS = f"points: series({ARGUMENTS}) {{ grain segment basis unit {{ notation }} points {{ period value exact }} }}"
NUMBERS = st.one_of(
    st.integers(-3, 3).map(Decimal),
    st.decimals(min_value=-(10**20), max_value=10**20, places=2),
    st.decimals(min_value=0, max_value=1, places=12),
)
STATEMENTS = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(SOURCES), NUMBERS | st.none()), min_size=1, max_size=6
)
"""What is recorded, and with None what is taken back."""


@pytest.fixture
async def asked(schema, registry, seeded_database):
    """The data of an answer, where one source's statements stand before another's."""
    organization = id_of("snapshot-co")
    async with seeded_database.write(organization, action="test", actor="test") as write:
        await write.start()
        statement = "update organizations set source_precedence = $2 where id = $1"
        await (await write.driver()).execute(statement, organization, [SOURCES[0]])
        write.append()
    executor = Executor(schema, registry, seeded_database, Settings(_env_file=None), clock=lambda: NOW)

    async def asking(document, variables=None):
        answer = orjson.loads((await executor.execute(SERVICE, document, variables)).body)
        assert "errors" not in answer, answer
        return answer["data"]

    return asking


@RANDOM
@given(statements=STATEMENTS)
async def test_columns_are_the_points_after_any_history_now_and_in_the_past(asked, statements, known):
    for day, source, number in statements:
        version = await _stated(asked, day, source, number, known["now"])
        known["versions"][version] = dict(known["now"])
    for version in (*list(known["versions"])[-2:-1], None):
        stood = known["now"] if version is None else known["versions"][version]
        columns, points = await _both(asked, COLUMNS, version), await _both(asked, POINTS, version)
        together = await _both(asked, f"{COLUMNS} {POINTS}", version)
        assert together == columns | points
        if stood:
            expected = [_standing(stood, day) for day in DAYS]
            assert [number and Decimal(number) for number in columns["columns"]["exact"]] == expected
            assert columns["columns"]["values"] == [None if one is None else float(one) for one in expected]
        assert _columns_of(points["points"]) == columns["columns"]


@pytest.fixture
def known():
    """What is stated now by day and source, and what was at every number."""
    return {"now": {}, "versions": {}}


def _standing(stated, day):
    """Worked out apart: the statement of the source that stands first."""
    return next((stated[day, source] for source in SOURCES if (day, source) in stated), None)


def _columns_of(series):
    """The columns that its points are."""
    points = series.pop("points")
    return (
        series
        | {name + "s": [point[name] for point in points] for name in ("period", "value")}
        | {"exact": [point["exact"] for point in points]}
    )


async def _both(asked, selection, version):
    as_of = "" if version is None else f", asOf: {{ version: {version} }}"
    document = f'{{ organization(slug: "snapshot-co"{as_of}) {{ kpi(key: "technical.mttr") {{ {selection} }} }} }}'
    return (await asked(document))["organization"]["kpi"]


async def _stated(asked, day, source, number, now):
    """Record or take back; the number of the organization's last write."""
    entry = {"kpi": "MTTR", "period": day}
    if number is not None:
        kind, entry["value"] = "recordObservations", format(number, "f")
        now[day, source] = number
    elif now.pop((day, source), None) is None:
        return await _version(asked)
    else:
        kind = "retractObservations"
    name = kind[0].upper() + kind[1:]
    document = f"mutation ($i: {name}Input!) {{ {kind}(input: $i) {{ version errors {{ message }} }} }}"
    call = {"organization": "snapshot-co", "source": source, "observations": [entry]}
    receipt = (await asked(document, {"i": call}))[kind]
    assert receipt["errors"] == [], json.dumps(call)
    return await _version(asked)


async def _version(asked):
    return (await asked('{ organization(slug: "snapshot-co") { version } }'))["organization"]["version"]
