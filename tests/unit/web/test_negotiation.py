"""Accept and Content-Type are read as RFC 9110 has them."""

import pytest

from kpi_server.web.negotiation import GRAPHQL_JSON, HTML, JSON, media_type, preferred

URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("application/json", "application/json"),
        (" APPLICATION/Json ", "application/json"),
        ("application/json;charset=utf-8", "application/json"),
        ('application/json; charset="utf-8"; boundary=x', "application/json"),
        ("application/json;", "application/json"),
        ("application/jsonx", "application/jsonx"),
        ("text/plain; application/json", None),
        ("application/json, text/plain", None),
        ("application", None),
        ("application/json charset=utf-8", None),
        ("", None),
    ],
)
def test_a_content_type_is_one_media_type_or_nothing(header, expected):
    found = media_type(header)
    assert (found and found.name) == expected


def test_parameters_are_unquoted_and_named_in_lower_case():
    assert media_type('a/b; Charset="U\\"TF"; x=Y').parameters == {"charset": 'U"TF', "x": "Y"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/graphql-response+json", GRAPHQL_JSON),
        ("Application/GraphQL-Response+JSON; charset=utf-8", GRAPHQL_JSON),
        ("application/json, application/graphql-response+json", GRAPHQL_JSON),
        ("application/json, application/graphql-response+json;q=0.9", JSON),
        ("application/json;q=0.1, application/graphql-response+json;q=0.2", GRAPHQL_JSON),
        ("application/graphql-response+json;q=0, application/json", JSON),
        ("application/graphql-response+json;q=0, */*", JSON),
        ("application/json;q=0, */*", GRAPHQL_JSON),
        ("application/graphql-response+json, */*;q=0.1", GRAPHQL_JSON),
        ("application/json;q=0", None),
        ("application/jsonx", None),
        ("text/plain; application/json", None),
        ("text/event-stream", None),
        (URQL, GRAPHQL_JSON),
        (BROWSER, JSON),
        ("application/json;q=nonsense", None),
        ('x/y;a="application/json,", application/json', JSON),
    ],
)
def test_the_answer_type_is_what_the_client_likes_best(accept, expected):
    assert preferred(accept, (GRAPHQL_JSON, JSON)) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, HTML),
        ("text/html", HTML),
        ("*/*", JSON),
        (None, JSON),
        ("application/json, text/html;q=0.5", JSON),
        ("text/html;q=0.5, */*;q=0.6", JSON),
        ("application/json, text/html", HTML),
    ],
)
def test_a_page_is_for_those_who_name_html_and_like_it_as_well_as_json(accept, expected):
    assert preferred(accept, (HTML, GRAPHQL_JSON, JSON)) == expected
