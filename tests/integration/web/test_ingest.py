"""/ingest: a stream of observations over HTTP, with its roles, forms and refusals."""

import asyncio
import gzip
import secrets

import pytest

from kpi_server.app import create_app
from kpi_server.domain.access import Opening, Role
from kpi_server.registry import build
from kpi_server.services.access import create_token
from kpi_server.services.catalog.loading import seed
from kpi_server.settings import Settings
from kpi_server.store.database import open_database
from kpi_server.store.migrations import NEWEST
from kpi_server.testing import client

BAKERY = """\
organization: {slug: bakery, source: "menu:1", name: Corner Bakery, currency: EUR}
documents:
  - {key: menu, source: "menu:1", title: Menu, period: "2024-Q1"}
kpis:
  - {key: custom.loaves, source: "menu:5", name: Loaves, unit: COUNT(loaf), direction: UP}
"""
CSV = {"Content-Type": "text/csv"}
ROWS = b"kpi,period,value\nLoaves,2024-03,75\nBread,2024-03,1\n"


async def _furnish(address, folder):
    (folder / "a.yaml").write_text(BAKERY, encoding="utf-8")
    database = await open_database(address, revision=NEWEST, connections=2)
    await seed(database, build([]), [folder])
    roles = (Role.SERVICE, Role.ADMIN, Role.EXECUTIVE)
    tokens = {role: (await create_token(database, role, [Opening("bakery", role)])).token for role in roles}
    await database.close()
    return tokens


@pytest.fixture(scope="module")
def bakery(clone, template, tmp_path_factory):
    """The address of a server's database with a bakery, and tokens by role."""
    address = asyncio.run(clone(template, f"web_ingest_{secrets.token_hex(4)}")).server
    return address, asyncio.run(_furnish(address, tmp_path_factory.mktemp("bakery")))


@pytest.fixture
async def ingest(bakery):
    """Sends a body; the status and the answer."""
    address, tokens = bakery
    app = create_app(Settings(database_url=address, max_ingest_bytes=10_000), build([]))
    async with client(app) as http:

        async def sending(body=ROWS, *, role=Role.SERVICE, headers=CSV, organization="bakery", source="till", **more):
            answer = await http.post(
                "/ingest",
                content=body,
                params={"organization": organization, "source": source, **more},
                headers={"Authorization": f"Bearer {tokens[role]}", **headers},
            )
            return answer.status_code, answer.json()

        yield sending


async def test_what_is_right_is_recorded_and_what_is_not_is_told_by_its_line(ingest):
    status, answer = await ingest(gzip.compress(ROWS), headers={**CSV, "Content-Encoding": "gzip"}, source="a")
    assert (status, answer["data"]["recorded"], answer["data"]["rejected"]) == (200, 1, 1)
    assert answer["data"]["errors"] == [
        {"line": 3, "field": "kpi", "code": "NOT_FOUND", "message": 'the organization has no KPI "Bread"'}
    ]
    body = b'{"Item":"Loaves","period":"2024-03","value":75}\n'
    ndjson = {"Content-Type": "application/x-ndjson"}
    status, answer = await ingest(body, headers=ndjson, source="a", map="Item=kpi")
    assert (status, answer["data"]["recorded"], answer["data"]["unchanged"]) == (200, 0, 1)


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"role": Role.EXECUTIVE}, 403, "FORBIDDEN"),
        ({"organization": "acme"}, 404, "NOT_FOUND"),
        ({"source": "CATALOG"}, 400, "BAD_USER_INPUT"),
        ({"restate": "true"}, 403, "FORBIDDEN"),
        ({"headers": {"Content-Type": "application/json"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"headers": {**CSV, "Content-Encoding": "br"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"dryRun": "yes"}, 400, "BAD_USER_INPUT"),
        ({"colour": "red"}, 400, "BAD_USER_INPUT"),
        ({"map": "Amount"}, 400, "BAD_USER_INPUT"),
        ({"body": b"kpi,when\n"}, 400, "BAD_USER_INPUT"),
        ({"body": ROWS + b"x" * 10_000}, 413, "BODY_TOO_LARGE"),
        ({"headers": {**CSV, "Authorization": "Bearer nobody"}}, 401, "UNAUTHENTICATED"),
    ],
)
async def test_what_cannot_be_taken_is_one_coded_error(ingest, wrong, status, code):
    found, answer = await ingest(**wrong)
    assert (found, [error["extensions"]["code"] for error in answer["errors"]]) == (status, [code])


async def test_a_rehearsal_records_nothing(ingest):
    _, answer = await ingest(source="b", dryRun="true")
    assert (answer["data"]["recorded"], answer["data"]["rejected"], answer["data"]["version"]) == (1, 1, None)
    _, answer = await ingest(source="b", restate="true", role=Role.ADMIN)
    assert answer["data"]["recorded"] == 1
