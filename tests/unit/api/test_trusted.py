"""Trusted documents: known by hashes that other programs compute alike, read from folders and manifests, checked whole.

The hashes were computed by `printf '%s' '…' | sha256sum`; the draft of GraphQL over HTTP prints the first two itself.
"""

import json
from typing import Annotated

import pytest
import strawberry
from graphql import parse

from kpi_server.api.trusted.documents import TrustedDocuments, trusted_documents
from kpi_server.api.trusted.hashes import forms_of, hash_of, normalised
from kpi_server.api.trusted.sources import manifest, read
from kpi_server.errors import StartupError, TrustedDocumentsError
from kpi_server.settings import Settings

USER = "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"
USER_SHORT = "query($id:ID!){user(id:$id){name}}"
USER_HASH = "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"
USER_SHORT_HASH = "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b"
HELLO_HASH = "9dd7ff987fac8d0d1979084ebde5ce8bd855cd066d1a34e98432275cc6bc264c"  # {hello}


@strawberry.type
class User:
    name: str

    @strawberry.field
    def friends(self, first: int | None = None) -> list["User"]:
        return [self] * (first or 1)


@strawberry.type
class Query:
    hello: str

    @strawberry.field
    def user(self, key: Annotated[strawberry.ID, strawberry.argument(name="id")]) -> User:
        return User(name=key)

    @strawberry.field
    def users(self, first: int | None = None) -> list[User]:
        return [User(name="one")] * (first or 1)


SCHEMA = strawberry.Schema(Query)


@pytest.fixture
def trust():
    """The allow-list of a path."""

    def trusted(path, **settings):
        return trusted_documents(Settings(_env_file=None, **settings), SCHEMA, path)

    return trusted


def test_the_hash_is_the_one_of_the_draft():
    assert (hash_of(USER), hash_of(USER_SHORT)) == (USER_HASH, USER_SHORT_HASH)


def test_the_normalised_text_is_the_one_of_the_draft():
    assert normalised(USER) == normalised(USER_SHORT) == USER_SHORT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\ufeff{ hello, hello }", "{hello hello}"),
        ("{ hello # why\n}\n# the end", "{hello}"),
        ("query Q { user(id: 1) { ...F } }", "query Q{user(id:1){...F}}"),
        ('{ user(id: "a  b, #c") { name } }', '{user(id:"a  b, #c"){name}}'),
        ('{ user(id: """\n  two\n    lines\n  """) { name } }', '{user(id:"""\ntwo\n  lines"""){name}}'),
    ],
)
def test_normalising_takes_what_graphql_ignores_and_nothing_else(text, expected):
    assert normalised(text) == expected


def test_the_documentation_shows_a_normalised_text_and_its_id(repository):
    page = (repository / "docs" / "api.md").read_text(encoding="utf-8")
    document = "query Health {" + page.partition("query Health {")[2].partition("```")[0]
    shown = page.partition("```text\nquery Health{")[2].partition("\n```")[0]
    assert f"query Health{{{shown}".splitlines() == [normalised(document), f"sha256:{hash_of(normalised(document))}"]


def test_what_is_no_graphql_has_no_normalised_text():
    assert [normalised(text) for text in ('{ a(text: "', "{ £ }", "\0")] == [None, None, None]


def test_a_document_is_known_normalised_as_written_and_printed():
    text = "query($id:ID!){ user(id:$id){name} }"
    assert forms_of(text, parse(text)) == (USER_SHORT, text, USER)


def test_a_folder_is_read_with_the_folders_inside_and_its_manifest(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b.graphql").write_text("{hello}\r\n", newline="")
    (tmp_path / "a.graphql").write_text(USER)
    (tmp_path / "a.variables.json").write_text("[]")
    (tmp_path / "persisted-documents.json").write_text(json.dumps({USER_SHORT_HASH: USER_SHORT}))
    found = read(tmp_path)
    assert found.problems == ()
    assert [source.text for source in found.sources] == [USER, "{hello}\r\n", USER_SHORT]


def test_a_manifest_takes_the_hash_of_the_text_and_of_the_normalised_text_with_and_without_prefix():
    entries = {USER_HASH: USER, USER_SHORT_HASH: USER, f"sha256:{HELLO_HASH}": "{hello}"}
    found = manifest(json.dumps(entries), "m.json")
    assert found.problems == ()
    assert [source.text for source in found.sources] == [USER, USER, "{hello}"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('{\n"a": \n', ["m.json:3: is not JSON: "]),
        ("[]", ['m.json:1: is no manifest: expected {"SHA-256": "document", …}']),
        ("{}", ['m.json:1: is no manifest: expected {"SHA-256": "document", …}']),
        (
            f'{{\n"{HELLO_HASH}": "{{hello}}",\n"abc": "{{hello}}",\n"def": 1}}',
            [
                f"m.json:3: the key 'abc' is not the document's SHA-256, {HELLO_HASH}",
                "m.json:4: the document of 'def' is no string",
            ],
        ),
    ],
)
def test_a_bad_manifest_is_reported_by_line(text, problems):
    reported = [str(problem) for problem in manifest(text, "m.json").problems]
    assert len(reported) == len(problems)
    assert all(one.startswith(expected) for one, expected in zip(reported, problems, strict=True))


def test_everything_wrong_is_one_error_with_file_and_line(tmp_path, trust):
    (tmp_path / "broken.graphql").write_text("{\n  hello")
    (tmp_path / "invalid.graphql").write_text("{\n  hello\n  nope\n  greeting\n}")
    (tmp_path / "dear.graphql").write_text("query Dear { users(first: 100) { friends(first: 100) { name } } }")
    (tmp_path / "latin.graphql").write_bytes(b"# one\n# \xe9\n{hello}")
    (tmp_path / "good.graphql").write_text("{hello}")
    wrong = "query Q {\n  nope\n}"
    (tmp_path / "persisted-documents.json").write_text(json.dumps({"abc": wrong}, indent=1))
    with pytest.raises(TrustedDocumentsError) as raised:
        trust(tmp_path, max_cost=10_099)
    assert raised.value.message.splitlines() == [
        "The trusted documents cannot be used as they are:",
        f"  {tmp_path}/broken.graphql:2: Syntax Error: Expected Name, found <EOF>.",
        # 100 users, each of them with 100 friends
        f"  {tmp_path}/dear.graphql:1: the operation Dear may ask for 10100 objects; 10099 are allowed",
        f"  {tmp_path}/invalid.graphql:3: Cannot query field 'nope' on type 'Query'.",
        f"  {tmp_path}/invalid.graphql:4: Cannot query field 'greeting' on type 'Query'.",
        f"  {tmp_path}/latin.graphql:2: is not UTF-8",
        f"  {tmp_path}/persisted-documents.json:2: Cannot query field 'nope' on type 'Query'. (line 2 of the document)",
        f"  {tmp_path}/persisted-documents.json:2: the key 'abc' is not the document's SHA-256, {hash_of(wrong)}",
    ]


def test_a_document_at_the_limit_is_trusted_with_its_cost(tmp_path, trust):
    (tmp_path / "dear.graphql").write_text("query Dear { users(first: 100) { friends(first: 100) { name } } }")
    (document,) = trust(tmp_path, max_cost=10_100)
    assert [(each.name, each.kind, each.cost) for each in document.operations] == [("Dear", "query", 10_100)]


@pytest.mark.parametrize(("make", "message"), [(False, "cannot be read: No such file"), (True, "no document here")])
def test_a_path_without_documents_is_said_to_be_one(tmp_path, trust, make, message):
    path = tmp_path / "documents"
    if make:
        path.mkdir()
    with pytest.raises(TrustedDocumentsError, match=message):
        trust(path)


def test_trusting_only_documents_that_do_not_exist_is_refused(trust):
    with pytest.raises(StartupError, match="name those to trust in KPI_TRUSTED_DOCUMENTS"):
        trust(None, trusted_only=True)
    assert [*trust(None)] == []


def test_a_document_is_found_by_each_of_its_hashes_and_by_its_text_in_any_layout(tmp_path, trust):
    (tmp_path / "user.graphql").write_text(USER + "\n")
    trusted = trust(tmp_path)
    (document,) = trusted
    assert document.hashes == (USER_SHORT_HASH, hash_of(USER + "\n"), USER_HASH)
    assert {trusted.named(name) for name in document.hashes} == {document}
    assert {trusted.written(text) for text in (USER, USER_SHORT, f"# a\n{USER}")} == {document}
    assert trusted.written(USER.replace("name", "id")) is None
    assert trusted.named(HELLO_HASH) is None


def test_documents_that_differ_in_what_graphql_ignores_are_listed_once(tmp_path, trust):
    (tmp_path / "a.graphql").write_text(USER)
    (tmp_path / "b.graphql").write_text(USER_SHORT)
    trusted = trust(tmp_path)
    assert [document.text for document in trusted] == [USER]
    assert trusted.named(USER_SHORT_HASH) is trusted.named(USER_HASH)


def test_a_text_twice_as_long_as_any_document_is_not_even_read(tmp_path, trust):
    (tmp_path / "hello.graphql").write_text("{\n  hello\n}")  # 11 characters, printed alike
    trusted = trust(tmp_path)
    assert trusted.written("{hello" + " " * 15 + "}") is not None
    assert trusted.written("{hello" + " " * 16 + "}") is None
    assert TrustedDocuments().written("{hello}") is None
