"""Callers see what they can mend; everything else is masked behind an id that the log has."""

import logging

import pytest

SECRET = "hunter2"


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.ERROR, logger="kpi_server.api")
    return caplog


@pytest.mark.parametrize(
    ("how", "code", "message"),
    [
        ("bad_input", "BAD_USER_INPUT", "The period 2026-Q5 does not exist."),
        ("forbidden", "FORBIDDEN", "Not for you."),
        ("not_found", "NOT_FOUND", "No such KPI."),
        ("ambiguous", "AMBIGUOUS", "NPS or CSAT?"),
    ],
)
async def test_errors_for_the_caller_are_shown_as_they_are(ask, log, how, code, message):
    answer = (await ask("query($how: String!){fails(how: $how)}", {"how": how})).json()
    assert answer["errors"] == [
        {"message": message, "locations": [{"line": 1, "column": 22}], "path": ["fails"], "extensions": {"code": code}}
    ]
    assert answer["data"] == {"fails": None}
    assert log.records == []


@pytest.mark.parametrize(
    ("document", "code", "cause"),
    [
        ('{fails(how: "bug")}', "INTERNAL_ERROR", "RuntimeError"),
        ('{fails(how: "unlisted")}', "INTERNAL_ERROR", "Unlisted"),
        ('{fails(how: "os")}', "UNAVAILABLE", "ConnectionRefusedError"),
        ("{surely}", "INTERNAL_ERROR", "TypeError"),
        ("{large}", "INTERNAL_ERROR", "GraphQLError"),
        ("{thing{broken}}", "INTERNAL_ERROR", "RuntimeError"),
    ],
)
async def test_everything_else_is_masked_with_an_id_that_the_log_has(ask, log, document, code, cause):
    response = await ask(document, None, **{"X-Request-Id": "my-request"})
    (error,) = response.json()["errors"]
    assert response.status_code == 200
    assert error["extensions"]["code"] == code
    assert SECRET not in response.text
    assert "Error" not in error["message"]
    (record,) = log.records
    assert (record.error_id, record.code, record.request_id) == (error["extensions"]["id"], code, "my-request")
    assert record.message.endswith(f": {cause}")
    assert record.exc_info[0].__name__ == cause
    assert record.path == ".".join(error["path"])


async def test_one_failing_field_leaves_its_siblings(ask, log):
    answer = (await ask('{hello fails(how: "bug")}')).json()
    assert answer["data"] == {"hello": "world", "fails": None}


@pytest.mark.parametrize(
    ("document", "variables", "code", "message"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
        (
            '{echo(text: "\\uD800")}',
            None,
            "GRAPHQL_PARSE_FAILED",
            "Syntax Error: Invalid Unicode escape sequence: '\\uD800'.",
        ),
        ("{hella}", None, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'hella' on type 'Query'."),
        (
            "{things(first: 3000000000){name}}",
            None,
            "GRAPHQL_VALIDATION_FAILED",
            "Int cannot represent non 32-bit signed integer value: 3000000000",
        ),
        ('{picky(value: "bad")}', None, "GRAPHQL_VALIDATION_FAILED", "Expected value of type 'Picky'."),
        (
            '{picky(value: "friendly")}',
            None,
            "GRAPHQL_VALIDATION_FAILED",
            "Expected value of type 'Picky': Friendly values are not accepted.",
        ),
        (
            "query($v: Picky!){picky(value: $v)}",
            {"v": "bad"},
            "BAD_USER_INPUT",
            "Variable '$v' has invalid value: Expected value of type 'Picky'.",
        ),
        (
            "query($v: Picky!){picky(value: $v)}",
            {"v": "friendly"},
            "BAD_USER_INPUT",
            "Variable '$v' has invalid value: Expected value of type 'Picky': Friendly values are not accepted.",
        ),
        (
            "query($v: Int){things(first: $v){name}}",
            {"v": "x"},
            "BAD_USER_INPUT",
            "Variable '$v' has invalid value: Int cannot represent non-integer value: 'x'",
        ),
        (
            "query($v: Int!){things(first: $v){name}}",
            {},
            "BAD_USER_INPUT",
            "Variable '$v' has invalid value: Expected a value of non-null type 'Int!' to be provided.",
        ),
        ("query($t: String!){echo(text: $t)}", {"t": "a\0b"}, "BAD_USER_INPUT", "A variable holds a NUL character."),
        ('{echo(text: "\\u0000")}', None, "BAD_USER_INPUT", "A string of the document holds a NUL character."),
        (
            "{...A} fragment A on Query{...B} fragment B on Query{...A}",
            None,
            "GRAPHQL_VALIDATION_FAILED",
            "Cannot spread fragment 'A' within itself via 'B'.",
        ),
        (
            "query A{hello} query B{hello}",
            None,
            "OPERATION_RESOLUTION_FAILED",
            "The document has several operations: say which one with operationName.",
        ),
        ("fragment A on Query{hello}", None, "GRAPHQL_VALIDATION_FAILED", "Fragment 'A' is never used."),
        (
            "subscription{hello}",
            None,
            "GRAPHQL_VALIDATION_FAILED",
            "The subscription operation is not supported by the schema.",
        ),
        ("{hello @defer}", None, "GRAPHQL_VALIDATION_FAILED", "Unknown directive '@defer'."),
    ],
)
async def test_a_wrong_request_is_said_before_anything_runs(ask, log, document, variables, code, message):
    response = await ask(document, variables)
    answer = response.json()
    assert (answer["errors"][0]["message"], answer["errors"][0]["extensions"]) == (message, {"code": code})
    assert response.status_code == 400
    assert "data" not in answer
    assert log.records == []


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query($v: Int){things(first: $v){name}}", {"v": "x" * 900_000}),
        ("{things(first: 1." + "0" * 90_000 + "){name}}", None),
        ("{" + "x" * 90_000 + "}", None),
    ],
)
async def test_a_message_does_not_send_back_all_that_was_sent(ask, document, variables):
    response = await ask(document, variables)
    assert response.status_code == 400
    messages = [error["message"] for error in response.json()["errors"]]
    assert [message for message in messages if len(message) > 500] == []


async def test_suggestions_are_given_only_where_they_are_switched_on(serve, token):
    async with serve(suggestions=True) as web:
        response = await web.post("/graphql", json={"query": "{hella}"}, headers={"Authorization": f"Bearer {token}"})
    assert (
        response.json()["errors"][0]["message"] == "Cannot query field 'hella' on type 'Query'. Did you mean 'hello'?"
    )


async def test_introspection_can_be_switched_off(serve, token):
    headers = {"Authorization": f"Bearer {token}"}
    document = {"query": "{__schema{queryType{name}}}"}
    async with serve() as web:
        allowed = (await web.post("/graphql", json=document, headers=headers)).json()
    async with serve(introspection=False) as web:
        refused = (await web.post("/graphql", json=document, headers=headers)).json()
    assert allowed["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["GRAPHQL_VALIDATION_FAILED"] * 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            "{" + "thing{" * 20 + "name" + "}" * 21,
            "The operation has 21 levels deep, fragments included; 20 are allowed.",
        ),
        (
            "{" + " ".join(f"a{i}:hello" for i in range(31)) + "}",
            "The operation has 31 fields at its root, fragments included; 30 are allowed.",
        ),
        (
            "{thing{" + " ".join(f"a{i}:name" for i in range(201)) + "}}",
            "The operation has 201 aliases, fragments included; 200 are allowed.",
        ),
        ("{" + "thing{thing{name}}" * 30 + "}", None),
        ("{things(first: 1000){thing{thing{name}}}}", None),
        (
            "{" + " ".join(f"{name}:__schema{{types{{name}}}}" for name in "abcdef") + "}",
            "The operation may ask for 60000 objects; 20000 are allowed.",
        ),
    ],
)
async def test_limits_are_errors_of_their_own(ask, document, message):
    answer = (await ask(document)).json()
    if message is None:
        assert "errors" not in answer
        return
    assert answer["errors"] == [{"message": message, "extensions": {"code": "LIMIT_EXCEEDED"}}]
    assert "data" not in answer


async def test_an_answer_says_what_it_cost(ask):
    answer = (await ask("query($n: Int){things(first: $n){thing{name}}}", {"n": 3})).json()
    assert answer["extensions"] == {"cost": {"requested": 6, "limit": 20_000}}


async def test_many_conflicting_fields_do_not_hold_up_the_server(ask):
    rest = " ".join(f'echo(text: "{i}")' for i in range(280))
    answer = (await ask("{thing{name} ...F} fragment F on Query{...on Query{" + rest + "}}")).json()
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_more_values_in_variables_than_allowed_are_refused_before_they_are_read(serve, token):
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/graphql-response+json"}
    body = {"query": "query($n: Int){things(first: $n){name}}", "variables": {"n": [1] * 10}}
    async with serve(max_values=10) as web:
        response = await web.post("/graphql", json=body, headers=headers)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "LIMIT_EXCEEDED")
    assert error["message"] == "The variables hold more than 10 values, counted at each use."


async def test_repeating_conflicting_fields_below_the_root_is_bounded_too(serve, token):
    inner = " ".join(f"things(first: {i}){{name}}" for i in range(280))
    async with serve(max_root_fields=300) as web:
        response = await web.post(
            "/graphql", json={"query": f"{{{inner}}}"}, headers={"Authorization": f"Bearer {token}"}
        )
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert codes <= {"GRAPHQL_VALIDATION_FAILED", "LIMIT_EXCEEDED"}


async def test_a_long_statement_is_stopped(serve, token):
    async with serve(statement_timeout_s=0.05) as web:
        response = await web.post(
            "/graphql", json={"query": "{longStatement}"}, headers={"Authorization": f"Bearer {token}"}
        )
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (200, "TIMEOUT")


async def test_a_long_operation_is_stopped(serve, token):
    headers = {"Authorization": f"Bearer {token}"}
    async with serve(request_timeout_s=1, database_connections=1) as web:
        response = await web.post("/graphql", json={"query": "{forever}"}, headers=headers)
        after = await web.post("/graphql", json={"query": "{hello}"}, headers=headers)
    answer = response.json()
    assert response.status_code == 504
    assert answer["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert "data" not in answer
    assert after.json()["data"] == {"hello": "world"}
