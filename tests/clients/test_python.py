"""Python's gql: the schema by introspection, documents checked against it, pages and errors."""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
from gql import GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from graphql import GraphQLError, build_schema, print_schema


@pytest.fixture(scope="session")
def board(blocks: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The page's module."""
    file: Path = tmp_path_factory.mktemp("python") / "board.py"
    file.write_text(blocks["board.py"], encoding="utf-8")
    return SimpleNamespace(**runpy.run_path(str(file)))


@pytest.fixture
def client(board, server):
    return board.connect(server.url, server.token)


def test_a_query_is_answered(board, client):
    answer = client.execute(GraphQLRequest(board.KPI, variable_values={"slug": "datainsight-pro", "key": "LTV:CAC"}))
    kpi = answer["organization"]["kpi"]
    # 003:121
    assert (kpi["key"], kpi["status"], kpi["current"]) == ("financial.ltv_cac", "MISSED", {"text": "3.8:1"})


def test_the_introspected_schema_is_the_published_one(client, repository):
    with client:
        found = print_schema(client.schema)
    published = print_schema(build_schema((repository / "schema" / "schema.graphql").read_text("utf-8")))
    # gql asks for neither `specifiedByURL` nor `isOneOf`, and the two name their types in different orders.
    assert sorted(found.splitlines()) == sorted(re.sub(r" @specifiedBy\(.*\)| @oneOf", "", published).splitlines())


def test_a_wrong_document_is_refused_before_it_is_sent(client):
    with pytest.raises(GraphQLError, match="Cannot query field 'nothing' on type 'Query'"):
        client.execute(GraphQLRequest("{ nothing }"))


def test_pages_make_up_the_list(board, client):
    found = board.every_kpi(client, "datainsight-pro")
    assert len(found) == len({kpi["id"] for kpi in found}) == 59  # document 003


def test_an_error_has_its_code(board, client, server):
    page = GraphQLRequest(board.PAGE, variable_values={"slug": "datainsight-pro", "after": "nonsense"})
    with pytest.raises(TransportQueryError) as refused:
        client.execute(page)
    assert board.codes_of(refused.value) == ["BAD_USER_INPUT"]
    with pytest.raises(TransportQueryError) as refused:
        board.connect(server.url, "kpi_wrong").execute(page)
    assert board.codes_of(refused.value) == ["UNAUTHENTICATED"]


def test_what_does_not_exist_is_null(board, client):
    answer = client.execute(GraphQLRequest(board.KPI, variable_values={"slug": "nowhere", "key": "ARR"}))
    assert answer == {"organization": None}
