"""The whole application on a database: its own schema, its families, and the in-process client."""

import pytest
from graphql import get_introspection_query

from kpi_server.app import create_app
from kpi_server.domain.access import Role
from kpi_server.errors import PostgresUnavailable
from kpi_server.registry import build
from kpi_server.settings import Settings
from kpi_server.testing import client, graphql


@pytest.fixture
def settings(premises):
    return Settings(_env_file=None, database_url=premises.address)


async def test_a_principal_sees_itself_and_its_organization(settings, registry, token):
    async with client(create_app(settings, registry)) as web:
        answer = await graphql(
            web,
            token,
            "query($slug: String!){viewer{name grants{role}} organization(slug: $slug){slug}}",
            {"slug": "acme"},
        )
        other = await graphql(web, token, '{organization(slug: "globex"){slug}}')
    assert answer["data"] == {
        "viewer": {"name": "board", "grants": [{"role": str(Role.EXECUTIVE)}]},
        "organization": {"slug": "acme"},
    }
    assert other["data"] == {"organization": None}


async def test_the_core_is_served_with_no_family_installed(settings, token):
    async with client(create_app(settings, build([]))) as web:
        answer = await graphql(web, token, "{families{name}}")
    assert answer["data"] == {"families": []}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "BAD_USER_INPUT"),
        ("first: 1000", "BAD_USER_INPUT"),
        ('after: "wrong"', "BAD_USER_INPUT"),
        ('first: "many"', "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_wrong_pages_and_cursors_are_coded_errors(settings, registry, token, arguments, code):
    async with client(create_app(settings, registry)) as web:
        answer = await graphql(web, token, f"{{organizations({arguments}){{nodes{{slug}}}}}}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


async def test_standard_introspection_fits_the_limits(settings, registry, token):
    async with client(create_app(settings, registry)) as web:
        answer = await graphql(web, token, get_introspection_query(specified_by_url=True, input_value_deprecation=True))
    assert answer["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}


async def test_an_application_without_its_database_does_not_start(registry, unused_tcp_port):
    nowhere = Settings(_env_file=None, database_url=f"postgresql://kpi_server:x@127.0.0.1:{unused_tcp_port}/kpi")
    with pytest.raises(PostgresUnavailable):
        async with client(create_app(nowhere, registry)):
            pass
