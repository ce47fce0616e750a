"""The GraphiQL page's text, and that its vendored assets are the recorded ones and fetch nothing from elsewhere."""

import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from kpi_server.web.graphiql.page import ASSETS, ASSETS_PATH, CONTENT_SECURITY_POLICY, Example, page

SCORE = Example(name="Score", query="query Score { score }", variables='{"year": 2024}')
MANIFEST = json.loads((ASSETS.parent / "assets.json").read_text())

# Named in messages, comments of generated code, XML namespaces and links a reader may follow; none is ever fetched.
NAMED_HOSTS = {
    "codemirror.net",
    "commonmark.org",
    "en.wikipedia.org",
    "github.com",
    "react.dev",
    "www.w3.org",
    "yarnpkg.com",
}


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of every script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.script_texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script" and data.strip().startswith("{"):
            self.script_texts.append(data)


def config(html: str) -> dict[str, object]:
    [text] = Elements(html).script_texts
    parsed = json.loads(text)
    assert isinstance(parsed, dict)
    return parsed


def test_examples_become_tabs_in_their_order() -> None:
    other = Example(name="Owners", query="query Owners { owners }", variables="")
    assert config(page(examples=[other, SCORE], token=None))["tabs"] == [
        {"query": "query Owners { owners }", "variables": ""},
        {"query": "query Score { score }", "variables": '{"year": 2024}'},
    ]


@pytest.mark.parametrize(
    ("name", "query", "document"),
    [
        ("Score", "query Score { a }", "query Score { a }"),
        ("Score", "mutation  Score { a }", "mutation  Score { a }"),
        ("Score", "subscription Score { a }", "subscription Score { a }"),
        ("Score", "query Scores { a }", "# Score\nquery Scores { a }"),
        ("Score", "{ a }", "# Score\n{ a }"),
        ("two\nlines", "{ a }", "# two lines\n{ a }"),
        ("a+b", "query a { a }", "# a+b\nquery a { a }"),
    ],
)
def test_an_example_whose_operation_has_another_name_says_its_own_in_a_comment(
    name: str, query: str, document: str
) -> None:
    html = page(examples=[Example(name=name, query=query, variables="")], token=None)
    assert config(html)["tabs"] == [{"query": document, "variables": ""}]


def test_a_token_prefills_the_headers_and_without_one_there_are_none() -> None:
    headers = config(page(examples=[], token='a"b'))["headers"]
    assert isinstance(headers, str)
    assert json.loads(headers) == {"Authorization": 'Bearer a"b'}
    assert config(page(examples=[], token=None))["headers"] is None


def test_the_endpoint_is_graphql_unless_another_is_given() -> None:
    assert config(page(examples=[], token=None))["endpoint"] == "/graphql"
    assert config(page(examples=[], token=None, endpoint="/kpi/graphql"))["endpoint"] == "/kpi/graphql"


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "&lt;/script&gt;",
        "{0} {config} {{",
        "line\u2028separator\u2029 and \x00 and \ud800",
        "quote \" and \\ and '",
    ],
)
def test_no_text_of_an_example_breaks_out_of_the_configuration(text: str) -> None:
    harmless = Elements(page(examples=[SCORE], token="t"))
    html = page(
        examples=[Example(name="Score", query=f"query Score {text}", variables=text)], token=text, endpoint=text
    )
    assert Elements(html).tags == harmless.tags
    found = config(html)
    assert found["tabs"] == [{"query": f"query Score {text}", "variables": text}]
    assert found["endpoint"] == text
    assert html.encode().decode() == html


def test_edits_are_kept_per_set_of_examples() -> None:
    version = config(page(examples=[SCORE], token=None))["version"]
    assert config(page(examples=[SCORE], token="t", endpoint="/other"))["version"] == version
    changed = Example(name=SCORE.name, query=SCORE.query, variables='{"year": 2025}')
    assert config(page(examples=[changed], token=None))["version"] != version


def test_the_page_has_a_title_a_viewport_and_no_inline_script_or_style() -> None:
    html = page(examples=[SCORE], token=None)
    tags = Elements(html).tags
    assert "<title>kpi-server · GraphiQL</title>" in html
    assert "Ctrl-Enter runs" in html
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in tags
    assert [attributes for tag, attributes in tags if tag == "script"] == [
        {"src": f"{ASSETS_PATH}/graphiql.js", "defer": None},
        {"type": "application/json", "id": "graphiql-config"},
    ]
    assert not [
        tag for tag, attributes in tags if tag == "style" or any(name in attributes for name in ("style", "onload"))
    ]


def test_every_address_of_the_page_is_an_asset_on_disk() -> None:
    html = page(examples=[SCORE], token=None)
    addresses = [
        value for _, attributes in Elements(html).tags for key in ("src", "href") if (value := attributes.get(key))
    ]
    assert sorted(addresses) == [f"{ASSETS_PATH}/graphiql.css", f"{ASSETS_PATH}/graphiql.js", "data:,"]
    assert all((ASSETS / address.rsplit("/", 1)[1]).is_file() for address in addresses if address != "data:,")
    assert "http:" not in html
    assert "https:" not in html


def test_the_policy_allows_scripts_and_requests_of_this_origin_alone() -> None:
    directives = dict(directive.split(" ", 1) for directive in CONTENT_SECURITY_POLICY.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    assert "http" not in CONTENT_SECURITY_POLICY


def test_the_assets_are_exactly_the_recorded_files() -> None:
    on_disk = {path.name: path.read_bytes() for path in ASSETS.iterdir()}
    recorded = {file["path"]: (file["bytes"], file["sha256"]) for file in MANIFEST["files"]}
    assert recorded == {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in on_disk.items()}
    assert sum(size for size, _ in recorded.values()) < 5_000_000


def test_every_bundled_package_has_a_version_a_licence_and_its_place_in_the_licence_file() -> None:
    licences = (ASSETS / "LICENSES.txt").read_text()
    packages = MANIFEST["packages"]
    assert {"graphiql", "react", "react-dom", "graphql", "codemirror"} <= {package["name"] for package in packages}
    for package in packages:
        assert package["licence"] in {"MIT", "Apache-2.0", "BSD-2-Clause", "0BSD"}
        assert f"{package['name']} {package['version']} ({package['licence']})" in licences


def test_the_lock_file_pins_the_recorded_packages_and_names_no_registry() -> None:
    lock = json.loads((ASSETS.parent / "source" / "package-lock.json").read_text())["packages"]
    pinned = {(path.rsplit("node_modules/", 1)[-1], entry.get("version")) for path, entry in lock.items()}
    assert {(package["name"], package["version"]) for package in [*MANIFEST["packages"], MANIFEST["bundler"]]} <= pinned
    assert not [path for path, entry in lock.items() if "resolved" in entry]


def test_the_style_sheet_fetches_nothing() -> None:
    style = (ASSETS / "graphiql.css").read_text()
    assert not re.findall(r"url\((?!#|\"?data:)[^)]*\)|@import|@font-face|https?:|sourceMappingURL", style)


def test_the_script_names_no_unknown_host_and_no_source_map() -> None:
    script = (ASSETS / "graphiql.js").read_text()
    assert set(re.findall(r"https?://([a-zA-Z0-9][a-zA-Z0-9.-]*)", script)) <= NAMED_HOSTS
    assert "sourceMappingURL" not in script
    assert "importScripts" not in script
