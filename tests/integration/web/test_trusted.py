"""Clients name trusted documents by their hashes, and those that may send nothing else are held to it."""

import json
from urllib.parse import urlencode

import pytest

from kpi_server.errors import StartupError, TrustedDocumentsError

ECHO = "query Echo($text: String!) { echo(text: $text) }"
ECHO_SHORT = "query Echo($text:String!){echo(text:$text)}"
# printf '%s' 'query Echo($text:String!){echo(text:$text)}' | sha256sum
ECHO_HASH = "056934d7c7f43b2da97f240bdb7c2bb23f4f429816c273b50f6f0abcc806a0d8"
# printf '%s' 'query Echo($text: String!) { echo(text: $text) }' | sha256sum
ECHO_WRITTEN_HASH = "1392436e823834748ebe811728364ab295a5cc17cbf1483eb28e2dd5e6100948"
# printf '{hello}' | sha256sum
HELLO_HASH = "9dd7ff987fac8d0d1979084ebde5ce8bd855cd066d1a34e98432275cc6bc264c"
# printf 'mutation{change}' | sha256sum
CHANGE_HASH = "e906a96db0b7c64fc88d011cd0232db6720b009a5d16792e51181016c2360e7c"
NEWER = "application/graphql-response+json"


@pytest.fixture
def documents(tmp_path):
    """A folder of two trusted documents."""
    (tmp_path / "echo.graphql").write_text(ECHO)
    (tmp_path / "change.graphql").write_text("mutation { change }")
    return tmp_path


@pytest.fixture
def send(serve, documents, premises):
    """Send parameters to a server that trusts the two; the response."""

    async def sent(method="POST", *, token=premises.token, accept=NEWER, trusted_only=False, **parameters):
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        async with serve(trusted_documents=documents, trusted_only=trusted_only) as web:
            if method == "POST":
                return await web.post("/graphql", json=parameters, headers=headers)
            texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
            return await web.get(f"/graphql?{urlencode(texts)}", headers=headers)

    return sent


def persisted(sha256, version=1):
    return {"persistedQuery": {"version": version, "sha256Hash": sha256}}


def refused(response):
    """Status, code and message of a refusal without data."""
    answer = response.json()
    (error,) = answer["errors"]
    assert set(answer) == {"errors"}
    return response.status_code, error["extensions"]["code"], error["message"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "name",
    [
        {"documentId": f"sha256:{ECHO_HASH}"},
        {"documentId": f"sha256:{ECHO_WRITTEN_HASH}"},
        {"extensions": persisted(ECHO_HASH)},
        {"extensions": persisted(ECHO_WRITTEN_HASH)},
        {"documentId": f"sha256:{ECHO_HASH}", "extensions": persisted(ECHO_HASH)},
    ],
)
async def test_a_document_is_named_instead_of_sent(send, method, name):
    response = await send(method, variables={"text": "hi"}, operationName="Echo", **name)
    assert (response.status_code, response.json()["data"]) == (200, {"echo": "hi"})


async def test_a_named_mutation_is_executed_by_post_only(send):
    posted = await send(documentId=f"sha256:{CHANGE_HASH}")
    assert posted.json()["data"] == {"change": "changed to 0"}
    got = await send("GET", documentId=f"sha256:{CHANGE_HASH}")
    assert refused(got)[:2] == (405, "METHOD_NOT_ALLOWED")


async def test_variables_of_a_named_document_are_checked(send):
    assert refused(await send(documentId=f"sha256:{ECHO_HASH}"))[:2] == (400, "BAD_USER_INPUT")


async def test_an_unknown_id_is_said_to_be_unknown(send):
    message = f"No trusted document has the id sha256:{HELLO_HASH}: `kpi-server documents` lists them all."
    assert refused(await send(documentId=f"sha256:{HELLO_HASH}")) == (400, "DOCUMENT_NOT_FOUND", message)


@pytest.mark.parametrize(("accept", "status"), [(NEWER, 400), ("*/*", 200)])
async def test_an_unknown_hash_makes_apollo_send_the_text(send, accept, status):
    """Its link looks for this code or this message, and older ones give up at any status but 200."""
    first = await send("GET", accept=accept, extensions=persisted(HELLO_HASH), operationName="")
    assert refused(first) == (status, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    again = await send(accept=accept, extensions=persisted(HELLO_HASH), query="{hello}")
    assert again.json()["data"] == {"hello": "world"}


@pytest.mark.parametrize("name", [{"documentId": f"sha256:{ECHO_HASH}"}, {"extensions": persisted(ECHO_HASH)}])
@pytest.mark.parametrize("query", [ECHO, ECHO_SHORT, "# greets\n" + ECHO])
async def test_a_text_may_stand_beside_its_hash(send, name, query):
    response = await send(query=query, variables={"text": "hi"}, **name)
    assert response.json()["data"] == {"echo": "hi"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "{hello}", "documentId": f"sha256:{ECHO_HASH}"},
        {"query": "{hello}", "extensions": persisted(ECHO_HASH)},
        {"query": "{hello }", "extensions": persisted(HELLO_HASH)},
        {"query": "{", "documentId": f"sha256:{HELLO_HASH}"},
    ],
)
async def test_a_text_that_is_not_the_named_document_is_refused(send, parameters):
    status, code, message = refused(await send(**parameters))
    assert (status, code) == (400, "BAD_REQUEST")
    assert message.startswith("`query` is not the document of that hash")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "`query` is missing"),
        ({"query": ""}, "`query` is missing"),
        ({"query": 1, "documentId": f"sha256:{ECHO_HASH}"}, "`query` must be a string"),
        ({"documentId": ""}, "`documentId` must be `sha256:`"),
        ({"documentId": ECHO_HASH}, "`documentId` must be `sha256:`"),
        ({"documentId": f"md5:{ECHO_HASH}"}, "`documentId` must be `sha256:`"),
        ({"documentId": f"sha256:{ECHO_HASH.upper()}"}, "`documentId` must be `sha256:`"),
        ({"documentId": f"sha256:{ECHO_HASH[:-1]}"}, "`documentId` must be `sha256:`"),
        ({"documentId": f"sha256:{ECHO_HASH}\n"}, "`documentId` must be `sha256:`"),
        ({"documentId": [ECHO_HASH]}, "`documentId` must be `sha256:`"),
        ({"extensions": {"persistedQuery": ECHO_HASH}}, "`extensions.persistedQuery` must be an object"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "`extensions.persistedQuery` must be an object"),
        ({"extensions": persisted(ECHO_HASH, version=2)}, "`extensions.persistedQuery` must be an object"),
        ({"extensions": persisted("")}, "`extensions.persistedQuery` must be an object"),
        ({"extensions": persisted(7)}, "`extensions.persistedQuery` must be an object"),
        ({"extensions": {"persistedQuery": None}}, "`query` is missing"),
        ({"documentId": f"sha256:{ECHO_HASH}", "extensions": persisted(HELLO_HASH)}, "`documentId` and `persisted"),
    ],
)
async def test_a_name_that_is_none_is_refused(send, parameters, message):
    status, code, said = refused(await send(**parameters))
    assert (status, code) == (400, "BAD_REQUEST")
    assert said.startswith(message)


@pytest.mark.parametrize("held_by", ["token", "server"])
async def test_who_is_held_to_trusted_documents_may_name_or_send_them_and_nothing_else(send, premises, held_by):
    held = {"token": {"token": premises.trusted_only_token}, "server": {"trusted_only": True}}[held_by]
    for parameters in ({"documentId": f"sha256:{ECHO_HASH}"}, {"query": ECHO}, {"query": f"{ECHO_SHORT} # the same"}):
        response = await send(variables={"text": "hi"}, **parameters, **held)
        assert response.json()["data"] == {"echo": "hi"}
    for query in ("{hello}", "{ __schema { types { name } } }", "{", "{" * 90_000):
        status, code, message = refused(await send(query=query, **held))
        assert (status, code) == (403, "TRUSTED_DOCUMENTS_ONLY")
        assert message.startswith("Only trusted documents are executed here, and this is none of them")
    proven = await send(query="{hello}", extensions=persisted(HELLO_HASH), **held)
    assert refused(proven)[:2] == (403, "TRUSTED_DOCUMENTS_ONLY")


async def test_without_trusted_documents_a_held_token_executes_nothing_and_others_everything(serve, premises):
    async with serve() as web:
        codes = []
        for token in (premises.trusted_only_token, premises.token):
            headers = {"Authorization": f"Bearer {token}"}
            answer = (await web.post("/graphql", json={"query": "{hello}"}, headers=headers)).json()
            codes.append(answer["errors"][0]["extensions"]["code"] if "errors" in answer else answer["data"])
    assert codes == ["TRUSTED_DOCUMENTS_ONLY", {"hello": "world"}]


async def test_a_server_does_not_start_with_a_document_that_it_could_not_execute(serve, documents):
    (documents / "wrong.graphql").write_text("{\n  nope\n}")
    with pytest.raises(TrustedDocumentsError, match=r"wrong\.graphql:2: Cannot query field 'nope' on type 'Query'\.$"):
        async with serve(trusted_documents=documents):
            pass


async def test_a_server_that_would_refuse_every_document_does_not_start(serve):
    with pytest.raises(StartupError, match="KPI_TRUSTED_ONLY refuses every document"):
        async with serve(trusted_only=True):
            pass
