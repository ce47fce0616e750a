"""GET answers carry a tag, and are not sent again to who has them."""

import pytest

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"


@pytest.fixture
def get(web, token):
    """Get a query with the token."""

    async def got(query="{hello}", *, accept=JSON, known=None):
        headers = [("authorization", f"Bearer {token}"), ("accept", accept)]
        headers += (
            [("if-none-match", known)] if isinstance(known, str) else [("if-none-match", one) for one in known or ()]
        )
        return await web.get("/graphql", params={"query": query}, headers=headers)

    return got


async def test_an_answer_carries_a_tag_and_may_be_kept_by_its_reader_alone(get):
    response = await get()
    assert response.status_code == 200
    assert response.headers["etag"].startswith('"')
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["vary"] == "Accept, Authorization"


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_JSON])
@pytest.mark.parametrize("shape", ["{}", "W/{}", '"x", {}', '"x",W/{} , "y"', "*"])
async def test_an_answer_that_the_client_has_is_not_sent_again(get, accept, shape):
    tag = (await get(accept=accept)).headers["etag"]
    response = await get(accept=accept, known=shape.format(tag))
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == tag
    assert response.headers["vary"] == "Accept, Authorization"


async def test_tags_may_come_in_several_headers(get):
    tag = (await get()).headers["etag"]
    assert (await get(known=['"x"', tag])).status_code == 304


@pytest.mark.parametrize("known", ['"x"', "", "W/", 'W/"x"', "hello"])
async def test_an_answer_that_the_client_does_not_have_is_sent(get, known):
    response = await get(known=known)
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "world"})


async def test_another_media_type_has_another_tag(get):
    tags = {accept: (await get(accept=accept)).headers["etag"] for accept in (JSON, GRAPHQL_JSON)}
    assert tags[JSON] != tags[GRAPHQL_JSON]
    assert (await get(accept=JSON, known=tags[GRAPHQL_JSON])).status_code == 200
    assert (await get(accept=GRAPHQL_JSON, known=tags[JSON])).status_code == 200


async def test_another_query_has_another_tag(get):
    tag = (await get()).headers["etag"]
    assert (await get("{ hello }", known=tag)).status_code == 200


async def test_an_answer_with_errors_has_no_tag(get):
    response = await get('{ fails(how: "forbidden") }', known="*")
    assert response.status_code == 200
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "private, no-store"


async def test_an_answer_to_a_post_has_no_tag(ask):
    response = await ask("{hello}", **{"If-None-Match": "*"})
    assert response.status_code == 200
    assert "etag" not in response.headers
