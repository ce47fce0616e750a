"""urql, Apollo Client and Relay ask, page, fail, give up and remember as their users expect."""

import json

import pytest

CLIENTS = ["with_urql", "with_apollo"]
ALL = 59  # the KPIs of DataInsight Pro, one by one in document 003


def plain(value):
    """Data without the type names that Apollo keeps in it."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if name != "__typename"}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("client", CLIENTS)
def test_a_query_with_variables_is_answered(play, client):
    played = play(client, "variables")
    # 003:121: LTV:CAC is 3.8:1, wanted is more than 5:1.
    kpi = plain(played.result)["organization"]["kpi"]
    assert {name: kpi[name] for name in ("key", "status", "current")} == {
        "key": "financial.ltv_cac",
        "status": "MISSED",
        "current": {"text": "3.8:1"},
    }
    assert [(request["method"], request["status"]) for request in played.requests] == [("POST", 200)]
    assert played.warnings == []


@pytest.mark.parametrize(
    ("client", "scenario", "method"),
    [("with_urql", "pages", "POST"), ("with_urql", "pagesByGet", "GET"), ("with_apollo", "pages", "POST")],
)
def test_pages_make_up_the_list_without_repeating(play, client, scenario, method):
    played = play(client, scenario)
    assert len(played.result) == len({kpi["id"] for kpi in played.result}) == ALL
    # Twenty at a time.
    assert [(request["method"], request["status"]) for request in played.requests] == [(method, 200)] * 3
    assert played.warnings == []


@pytest.mark.parametrize("client", CLIENTS)
def test_an_error_has_its_code(play, client):
    assert play(client, "errors").result == {
        "field": {"data": {"organization": None}, "codes": ["BAD_USER_INPUT"]},
        "request": {"data": None, "codes": ["GRAPHQL_VALIDATION_FAILED"]},
        "variable": {"data": None, "codes": ["BAD_USER_INPUT"]},
        "token": {"data": None, "codes": ["UNAUTHENTICATED"]},
    }


@pytest.mark.parametrize("client", CLIENTS)
def test_an_aborted_request_is_given_up_and_the_next_one_answered(play, server, client):
    played = play(client, "aborted")
    assert played.result == {"answers": 0, "ended": "AbortError", "after": "financial.arr"}
    assert "Traceback" not in server.log.read_text("utf-8")


@pytest.mark.parametrize("client", CLIENTS)
def test_what_does_not_exist_is_null_and_no_error(play, client):
    nowhere, nothing = play(client, "nulls").result
    assert (plain(nowhere["data"]), nowhere["error"]) == ({"organization": None}, None)
    assert (nothing["data"]["organization"]["kpi"], nothing["error"]) == (None, None)
    assert nothing["data"]["organization"]["id"]


def test_urql_answers_from_its_normalised_cache(play):
    played = play("with_urql", "cached")
    assert played.result == {"same": [True, True], "asked": 1}
    assert played.warnings == []


def test_apollo_answers_from_its_normalised_cache(play):
    played = play("with_apollo", "cached")
    assert played.result == {
        "same": True,
        "known": {"__typename": "Kpi", "key": "financial.ltv_cac", "status": "MISSED"},
        "asked": 1,
    }
    assert played.warnings == []


def test_apollo_falls_back_from_hashes_to_documents(play):
    played = play("with_apollo", "persistedDocuments")
    assert played.result == ["financial.arr", "financial.ltv_cac"]
    sent = [("query" in json.loads(request["body"]), request["status"]) for request in played.requests]
    assert sent == [(False, 400), (True, 200)] * 2


def test_relay_pages_through_a_connection(relay):
    played = relay("with_relay", "pages")
    found = played.result["found"]
    assert played.result["sizes"] == [20, 40]  # what the store held before each further page
    assert len(found) == len({kpi["id"] for kpi in found}) == ALL
    assert ("financial.ltv_cac", "MISSED", {"text": "3.8:1"}) in [
        (kpi["key"], kpi["status"], kpi["current"]) for kpi in found
    ]
    assert played.result["asked"] == 3
    assert played.warnings == []


def test_relay_refetches_a_thing_by_its_global_id(relay):
    played = relay("with_relay", "refetched")
    assert played.result["changed"] == "changed here alone"
    assert played.result["before"] == played.result["after"]
    assert played.result["asked"] == 2


def test_relay_finds_everything_in_its_store(relay):
    assert relay("with_relay", "cached").result == {"status": "available", "asked": 1}


def test_relay_is_told_nulls_and_codes(relay):
    assert relay("with_relay", "nulls").result == {"organization": None}
    assert relay("with_relay", "errors").result == {
        "field": {"codes": ["BAD_USER_INPUT"]},
        "variable": {"codes": ["BAD_USER_INPUT"]},
        "token": {"codes": ["UNAUTHENTICATED"]},
    }


def test_relay_gives_up_and_goes_on(relay, server):
    assert relay("with_relay", "aborted").result == {"answers": 0, "after": "DataInsight Pro"}
    assert "Traceback" not in server.log.read_text("utf-8")
