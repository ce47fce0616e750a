"""Documents and bodies that are meant to hurt: a coded error in no time, before the database hears of them."""

import asyncio
import json
import time

import asyncpg
import pytest

from kpi_server.settings import Settings

GRAPHQL_JSON = "application/graphql-response+json"
LAST_STATEMENTS = """
select pid, query_start, query from pg_stat_activity
where usename = 'kpi_server' and datname = 'web_premises' order by pid
"""
DOUBLING = "".join(f"fragment F{i} on Thing{{...F{i + 1} thing{{...F{i + 1}}}}}" for i in range(30))
LARGEST_BODY = Settings(_env_file=None).max_body_bytes
FAST_S = 2.0  # of our own work, however busy the machine: the doubling fragments alone once took a server down for good


@pytest.fixture
async def watched(serve, token, cluster, premises):
    """Posts what it is given; the response, and whether any statement reached the database meanwhile.

    Nothing in the background asks anything: nobody calculates, listens, or follows.
    """
    owner = await asyncpg.connect(cluster.dsn("web_premises"))
    headers = {"Authorization": f"Bearer {token}", "Accept": GRAPHQL_JSON, "Content-Type": "application/json"}
    async with serve(database_connections=1, recompute=False, live_wake="poll") as web:

        async def ask(body):
            before = await owner.fetch(LAST_STATEMENTS)
            response = await web.post("/graphql", content=body, headers=headers)
            return response, await owner.fetch(LAST_STATEMENTS) != before

        await ask(b'{"query": "{organizations}"}')  # from here on the token is remembered
        yield ask
    await owner.close()


def body(document, variables=None):
    return json.dumps({"query": document, "variables": variables}).encode()


async def test_a_statement_would_be_noticed(watched):
    response, reached = await watched(body("{organizations}"))
    assert response.json()["data"] == {"organizations": ["acme"]}
    assert reached


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(body("{hello"), "GRAPHQL_PARSE_FAILED", id="no GraphQL"),
        pytest.param(body("{organizations nothing}"), "GRAPHQL_VALIDATION_FAILED", id="invalid"),
        pytest.param(body("{organizations}" + " " * 1_000_000), "LIMIT_EXCEEDED", id="a megabyte"),
        pytest.param(body("{organizations}" + " " * LARGEST_BODY), "BODY_TOO_LARGE", id="more than a body"),
        pytest.param(body("{organizations " + "hello " * 6_000 + "}"), "LIMIT_EXCEEDED", id="tokens"),
        pytest.param(
            body("{" + " ".join(f"a{i}:organizations" for i in range(10_000)) + "}"), "LIMIT_EXCEEDED", id="aliases"
        ),
        pytest.param(
            body("{" + "thing{" * 20 + "name" + "}" * 20 + " organizations}"), "LIMIT_EXCEEDED", id="too deep"
        ),
        pytest.param(body("{a" * 1_500), "LIMIT_EXCEEDED", id="nested without end"),
        pytest.param(
            body("{organizations a:__schema{types{name}} b:__schema{types{name}} c:__schema{types{name}}}"),
            "LIMIT_EXCEEDED",
            id="too costly",
        ),
        pytest.param(
            body("{organizations ...A} fragment A on Query{...B} fragment B on Query{...A}"),
            "GRAPHQL_VALIDATION_FAILED",
            id="fragments in a circle",
        ),
        pytest.param(
            body("{organizations thing{...F0}}" + DOUBLING + "fragment F30 on Thing{name}"),
            "LIMIT_EXCEEDED",
            id="fragments doubling thirty times",
        ),
        pytest.param(
            body("{organizations " + " ".join(f'echo(text: "{i}")' for i in range(1_500)) + "}"),
            "LIMIT_EXCEEDED",
            id="conflicting fields",
        ),
        pytest.param(
            body("{organizations thing{" + "name @include(if: true) " * 101 + "}}"), "LIMIT_EXCEEDED", id="directives"
        ),
        pytest.param(
            body("query($n: Int){organizations things(first: $n){name}}", {"n": [1] * 5_001}),
            "LIMIT_EXCEEDED",
            id="values of variables",
        ),
        pytest.param(body("query A{organizations} query B{hello}"), "OPERATION_RESOLUTION_FAILED", id="which one?"),
        pytest.param(body('{organizations echo(text: "\\u0000")}'), "BAD_USER_INPUT", id="NUL in a string"),
        pytest.param(
            body("query($t: String!){organizations echo(text: $t)}", {"t": "a\0"}),
            "BAD_USER_INPUT",
            id="NUL in a value",
        ),
        pytest.param(body('{organizations echo(text: "\\ud800")}'), "GRAPHQL_PARSE_FAILED", id="half a character"),
        pytest.param(
            body("query($t: String!){organizations echo(text: $t)}", {"t": "\ud800"}),
            "BAD_REQUEST",
            id="half a character in a value",
        ),
        pytest.param(
            body("{organizations things(first: 2147483648){name}}"), "GRAPHQL_VALIDATION_FAILED", id="Int overflow"
        ),
        pytest.param(
            body("query($n: Int){organizations things(first: $n){name}}", {"n": -2_147_483_649}),
            "BAD_USER_INPUT",
            id="Int overflow in a value",
        ),
        pytest.param(
            body("query($n: Int!){organizations things(first: $n){name}}"), "BAD_USER_INPUT", id="a value missing"
        ),
    ],
)
async def test_what_is_hostile_is_refused_before_any_statement(watched, sent, code):
    began = time.process_time()
    response, reached = await watched(sent)
    assert time.process_time() - began < FAST_S
    answer = response.json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert response.status_code in (400, 413)
    assert "data" not in answer
    assert not reached


async def test_a_million_characters_are_a_text_like_any_other(watched):
    """The size of a text is for the field to judge: here it is told how long it may be."""
    long = "x" * 1_000_000
    response, reached = await watched(body("query($t: String!){echo(text: $t)}", {"t": long}))
    assert response.json()["data"] == {"echo": long}
    assert reached


async def slowly(count):
    for _ in range(count):
        yield b" "
        await asyncio.Event().wait()


async def test_a_body_that_does_not_arrive_is_given_up(serve, token):
    headers = {"Authorization": f"Bearer {token}", "Accept": GRAPHQL_JSON, "Content-Type": "application/json"}
    async with serve(body_timeout_s=0.1) as web:
        response = await web.post("/graphql", content=slowly(2), headers=headers)
        after = await web.post("/graphql", content=body("{hello}"), headers=headers)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (408, "BAD_REQUEST")
    assert error["message"] == "The body did not arrive within 0.1 seconds."
    assert response.headers["connection"] == "close"
    assert after.json()["data"] == {"hello": "world"}


async def test_a_statement_over_its_time_leaves_its_connection_usable(serve, token):
    headers = {"Authorization": f"Bearer {token}", "Accept": GRAPHQL_JSON}

    async def ask(web, document):
        return (await web.post("/graphql", json={"query": document}, headers=headers)).json()

    async with serve(statement_timeout_s=0.2, database_connections=1) as web:
        before = await ask(web, "{backend}")
        stopped = await ask(web, "{longStatement hello}")
        after = [await ask(web, "{backend}"), await ask(web, "{organizations}")]
    (error,) = stopped["errors"]
    assert stopped["data"] == {"longStatement": None, "hello": "world"}
    assert error["extensions"].keys() == {"code", "id"}
    assert (error["extensions"]["code"], len(error["extensions"]["id"])) == ("TIMEOUT", 16)
    assert error["message"] == "The operation took too long and was stopped; ask for less at once."
    assert [answer["data"] for answer in after] == [before["data"], {"organizations": ["acme"]}]
