"""GraphQL over HTTP, as its draft and the audits of servers have it."""

import gzip
import json
from urllib.parse import quote

import pytest

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def send(web, token):
    """Send any request with the token; headers given as None are left out."""

    async def sent(method="POST", path="/graphql", *, content=None, **headers):
        chosen = {"authorization": f"Bearer {token}", "content-type": JSON, "accept": GRAPHQL_JSON}
        chosen |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await web.request(
            method, path, content=content, headers={name: value for name, value in chosen.items() if value is not None}
        )

    return sent


def is_refusal(response, status, code):
    """Whether a refusal is a well-formed GraphQL response."""
    answer = response.json()
    (error,) = answer["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (status, code)
    assert set(answer) == {"errors"}
    assert error["message"]
    assert response.headers["content-type"].split(";")[0] in (GRAPHQL_JSON, JSON)
    assert response.headers["content-type"].endswith("; charset=utf-8")
    return True


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"'])
async def test_post_answers(send, content_type):
    response = await send(content=b'{"query": "{hello}"}', content_type=content_type)
    assert response.status_code == 200
    assert response.json()["data"] == {"hello": "world"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{JSON};q=0.4, {GRAPHQL_JSON};q=0.5", GRAPHQL_JSON),
        ("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", GRAPHQL_JSON),
    ],
)
async def test_answer_has_the_type_that_the_client_prefers(web, token, send, accept, expected):
    response = await send(content=b'{"query": "{hello}"}', accept=accept or "*/*")
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["vary"] == "Accept, Authorization"
    assert "server" not in response.headers


@pytest.mark.parametrize(
    "request_body",
    [
        {"query": "{"},
        {"query": "{nope}"},
        {"query": "query($n: Int!){things(first: $n){name}}"},
        {"query": "query A{hello} query B{hello}"},
        {"query": "query A{hello}", "operationName": "B"},
    ],
)
async def test_request_errors_are_400_without_data_and_200_for_older_clients(send, request_body):
    content = json.dumps(request_body).encode()
    newer = await send(content=content)
    older = await send(content=content, accept=JSON)
    assert (newer.status_code, older.status_code) == (400, 200)
    for response in (newer, older):
        assert "data" not in response.json()
        assert response.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"1", b'"x"', b"true", b"[]", b'[{"query": "{hello}"}]', b"{}", b"{", b'{"query": null}',
        b'{"query": 1}', b'{"query": ""}', b'{"query": ["{hello}"]}', b'{"query": {"a": 1}}',
        b'{"query": "{hello}", "variables": "x"}', b'{"query": "{hello}", "variables": [1]}',
        b'{"query": "{hello}", "variables": 7}', b'{"query": "{hello}", "operationName": 1}',
        b'{"query": "{hello}", "extensions": "x"}', b'{"query": "{hello}", "extensions": [1]}',
        b'{"query": "{hello}", "variables": {"a": NaN}}', b'{"query": "{hello}", "variables": {"a": Infinity}}',
        b'{"query": "{hello}", "variables": {"a": ' + b"9" * 5000 + b"}}",
        b'{"query": "{hello}", "variables": {"a": 1e999}}',
        b'{"query": "\\ud800{hello}"}', b'{"query": "{hello}", "variables": {"a": "\\udfff"}}',
        b'{"query": "{hello}\xff"}', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00",
        b'{"query": "{hello}", "variables": {"a": ' + b"[" * 3000 + b"]" * 3000 + b"}}",
        b'{"query": "{hello}", "variables": {"a": ' + b"[" * 100 + b"]" * 100 + b"}}",
        b'{"query": "{hello}", "variables": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
    ],
)  # fmt: skip
async def test_malformed_bodies_are_400_and_say_so(send, body):
    assert is_refusal(await send(content=body), 400, "BAD_REQUEST")
    assert is_refusal(await send(content=body, accept=JSON), 400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{hello}", "variables": None, "operationName": None, "extensions": None},
        {"query": "{hello}", "variables": {}, "extensions": {"persisted": {"version": 1}}, "more": 1},
        {"query": "query A{hello} query B{surely}", "operationName": "A"},
        {"query": "{hello}", "variables": {"unused": [[[1]]]}},
    ],
)
async def test_optional_parameters_may_be_null_or_more_than_needed(send, body):
    response = await send(content=json.dumps(body).encode())
    assert response.json()["data"] == {"hello": "world"}


@pytest.mark.parametrize(
    "content_type",
    [None, "", "application/jsonx", "text/plain", "text/plain; application/json", "application/graphql",
     "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=latin-1"],
)  # fmt: skip
async def test_other_media_types_are_415(send, content_type):
    response = await send(content=b'{"query": "{hello}"}', content_type=content_type)
    assert is_refusal(response, 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_compressed_bodies_are_415(send):
    content = gzip.compress(b'{"query": "{hello}"}')
    assert is_refusal(await send(content=content, content_encoding="gzip"), 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_accepting_nothing_that_is_served_is_406(send):
    for accept in ("multipart/mixed", "application/xml", "application/json;q=0", "text/event-stream;q=0"):
        assert is_refusal(await send(content=b'{"query": "{hello}"}', accept=accept), 406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "FOO"])
async def test_other_methods_are_405_and_say_which_are_allowed(send, method):
    response = await send(method)
    assert is_refusal(response, 405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET, POST"


async def test_options_grants_no_other_site_anything(send):
    response = await send("OPTIONS", origin="https://elsewhere.example", access_control_request_method="POST")
    assert response.status_code == 204
    assert not [name for name in response.headers if name.startswith("access-control")]


async def chunks(size, count):
    for _ in range(count):
        yield b" " * size


async def test_body_limit_holds_on_both_sides_with_and_without_a_length(serve, token):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": JSON}
    query = b'{"query": "{hello}"}'
    async with serve(max_body_bytes=100) as web:
        fits = await web.post("/graphql", content=query.ljust(100), headers=headers)
        exceeds = await web.post("/graphql", content=query.ljust(101), headers=headers)
        chunked = await web.post("/graphql", content=chunks(50, 3), headers=headers)
    assert fits.status_code == 200
    for response in (exceeds, chunked):
        assert is_refusal(response, 413, "BODY_TOO_LARGE")


async def test_get_runs_queries(send):
    variables = quote('{"n": 2}')
    response = await send(
        "GET", f"/graphql?query=query+A($n:Int)%7Bthings(first:$n)%7Bname%7D%7D&variables={variables}"
    )
    assert response.json()["data"] == {"things": [{"name": "thing"}] * 2}


@pytest.mark.parametrize("rest", ["", "&variables=&extensions=", "&operationName=", "&variables=null&other=1"])
async def test_empty_parameters_of_a_get_are_absent(send, rest):
    response = await send("GET", f"/graphql?query=%7Bhello%7D{rest}", content_type=None)
    assert response.json()["data"] == {"hello": "world"}


@pytest.mark.parametrize(
    "query_string",
    ["", "query=", "query=%7Bhello%7D&variables=1", "query=%7Bhello%7D&variables=%7B", "query=%FF",
     "query=%7Bhello%7D&query=%7Bhello%7D", "query=%7Bhello%7D&extensions=x", "&".join(f"a{i}=1" for i in range(21)),
     "query=%7Bhello%7D&variables=" + "%5B" * 3000, "query=%7Bhello%7D&variables=NaN", "query=%7Bhello%7D%ED%A0%80"],
)  # fmt: skip
async def test_malformed_get_is_400(send, query_string):
    assert is_refusal(await send("GET", f"/graphql?{query_string}", content_type=None), 400, "BAD_REQUEST")


async def test_mutation_runs_by_post_and_is_405_by_get(send):
    posted = await send(content=b'{"query": "mutation{change}"}')
    assert posted.json()["data"] == {"change": "changed to 0"}
    for query in ("mutation%7Bchange%7D", "mutation($t:Int!)%7Bchange(to:$t)%7D"):
        got = await send("GET", f"/graphql?query={query}")
        assert is_refusal(got, 405, "METHOD_NOT_ALLOWED")
        assert got.headers["allow"] == "POST"


async def test_request_id_comes_back_or_is_made(send):
    given = await send(content=b'{"query": "{hello}"}', x_request_id="abc-1")
    refused = await send(content=b"{", x_request_id="abc-2")
    made = [(await send(content=b"{", x_request_id=bad)).headers["x-request-id"] for bad in ("x" * 129, "a b", None)]
    assert [given.headers["x-request-id"], refused.headers["x-request-id"]] == ["abc-1", "abc-2"]
    assert len({*made}) == 3
    assert all(len(request_id) == 16 for request_id in made)


async def test_answers_are_not_kept_by_shared_caches(send):
    got, posted = await send("GET", "/graphql?query=%7Bhello%7D"), await send(content=b'{"query": "{hello}"}')
    assert got.headers["cache-control"] == "private, no-cache"  # its own user may ask whether it still holds
    assert posted.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/health/live", 405),
        ("GET", "/graphiql/assets/nothing.js", 404),
        ("GET", "/graphiql/assets/%2e%2e/page.py", 404),
        ("POST", "/graphiql/assets/graphiql.js", 405),
    ],
)
async def test_errors_outside_the_endpoint_are_graphql_errors_too(send, method, path, status):
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}[status]
    assert is_refusal(await send(method, path), status, code)


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="kpi-server"'),
        ("", 'Bearer realm="kpi-server"'),
        ("Bearer", 'Bearer realm="kpi-server", error="invalid_token"'),
        ("Bearer kpi_wrong", 'Bearer realm="kpi-server", error="invalid_token"'),
        ("Basic a3Bp", 'Bearer realm="kpi-server", error="invalid_token"'),
    ],
)
async def test_without_a_good_token_nothing_is_answered(send, authorization, challenge):
    for method, path, content in (("POST", "/graphql", b"not even JSON"), ("GET", "/graphql?query=%7Bhello%7D", None)):
        response = await send(method, path, content=content, authorization=authorization)
        assert is_refusal(response, 401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"] == challenge


async def test_two_tokens_in_one_request_are_refused_whatever_they_open(web, token):
    for tokens in ((token, token), (token, "wrong"), ("wrong", token)):
        headers = [("Authorization", f"Bearer {each}") for each in tokens]
        response = await web.post("/graphql", json={"query": "{hello}"}, headers=headers)
        assert is_refusal(response, 400, "BAD_REQUEST")


async def test_the_scheme_is_read_in_any_case(send, token):
    response = await send(content=b'{"query": "{hello}"}', authorization=f"bEARER  {token} ")
    assert response.status_code == 200


async def test_a_token_sees_its_organizations_and_no_other(send):
    response = await send(content=b'{"query": "{organizations}"}')
    assert response.json()["data"] == {"organizations": ["acme"]}


async def test_too_many_bad_tokens_slow_down_those_who_send_them_and_nobody_else(send):
    statuses = [(await send(content=b"{}", authorization="Bearer wrong")).status_code for _ in range(25)]
    refused = await send(content=b"{}", authorization="Bearer wrong")
    assert statuses[:20] == [401] * 20
    assert is_refusal(refused, 429, "RATE_LIMITED")
    assert int(refused.headers["retry-after"]) >= 1
    assert (await send(content=b'{"query": "{hello}"}')).status_code == 200


async def test_browsers_get_the_page_and_programs_do_not(web, send):
    page = await web.get("/graphql", headers={"Accept": BROWSER})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "graphiql-config" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for accept in ("*/*", JSON, "application/json, text/html;q=0.9"):
        assert (await web.get("/graphql", headers={"Accept": accept})).status_code == 401
    assert is_refusal(await send(content=b'{"query": "{hello}"}', accept="text/html"), 406, "NOT_ACCEPTABLE")


async def test_the_page_carries_a_token_only_in_a_demo(serve, token):
    async with serve() as web:
        plain = await web.get("/graphql", headers={"Accept": BROWSER})
    async with serve(demo_token=token) as web:
        demo = await web.get("/graphql", headers={"Accept": BROWSER})
        nobody = await web.post("/graphql", json={"query": "{hello}"})
    assert "Bearer" not in plain.text
    assert f"Bearer {token}" in demo.text
    assert demo.headers["cache-control"] == "no-store"
    assert nobody.status_code == 401


async def test_the_page_can_be_switched_off(serve):
    async with serve(graphiql=False) as web:
        page = await web.get("/graphql", headers={"Accept": BROWSER})
        root = await web.get("/")
        assets = await web.get("/graphiql/assets/graphiql.js")
    assert [page.status_code, root.status_code, assets.status_code] == [401, 404, 404]


async def test_the_root_leads_to_the_page_and_its_assets_are_served(web):
    root = await web.get("/")
    assets = await web.get("/graphiql/assets/graphiql.js")
    assert (root.status_code, root.headers["location"]) == (307, "/graphql")
    assert (assets.status_code, assets.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


async def test_the_page_offers_the_operations_of_a_folder(serve, tmp_path):
    (tmp_path / "board.graphql").write_text("query board($n: Int) { things(first: $n) { name } }")
    (tmp_path / "board.variables.json").write_text('{"n": 3}')
    (tmp_path / "alone.graphql").write_text("query alone { hello }")
    async with serve(operations=tmp_path) as web:
        text = (await web.get("/graphql", headers={"Accept": BROWSER})).text
    config = json.loads(text.split('id="graphiql-config">')[1].split("</script>")[0])
    assert config["tabs"] == [
        {"query": "query alone { hello }", "variables": ""},
        {"query": "query board($n: Int) { things(first: $n) { name } }", "variables": '{"n": 3}'},
    ]
