"""A scorecard that is followed is shown again when it changes, once for all who follow the same one."""

import asyncio

import orjson
import pytest

from kpi_server.api.answer import Outcome
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.errors import Unauthenticated
from tests.integration import bakery
from tests.integration.live.conftest import SCOPE, SLUG, Caller, rename, soon

LIVE = """subscription Live($organization: String!, $input: ScorecardInput!) {
  scorecard(organization: $organization, input: $input, minInterval: "PT0.1S") { kpis { nodes { key name } } } }"""
NOW = """query Now($organization: String!, $input: ScorecardInput!) {
  scorecard(organization: $organization, input: $input) {
    version counts { total noTarget } kpis { nodes { key } } } }"""
ONE = {"organization": SLUG, "input": {"kpis": ["bakery.waste"]}}


def shown(name):
    return {"scorecard": {"kpis": {"nodes": [{"key": "bakery.waste", "name": name}]}}}


async def test_a_scorecard_is_shown_at_once_and_when_it_changes(follow, shop):
    live = await follow(LIVE, **ONE)
    assert await live.next() == shown("Waste")
    await rename(shop, "Loss")
    assert await live.next() == shown("Loss")


async def test_what_does_not_change_a_scorecard_is_not_shown(follow, shop):
    live = await follow(LIVE, **ONE)
    assert await live.next() == shown("Waste")
    await rename(shop, "Of late", key="bakery.lately")
    await rename(shop, "Loss")
    assert await live.next() == shown("Loss")


async def test_the_latest_wins_for_who_comes_late(follow, shop):
    live = await follow(LIVE, **ONE)
    await live.next()
    for name in ("a", "b", "c"):
        await rename(shop, name)
    assert await live.next() == shown("c")


async def test_a_scorecard_is_a_query_as_well(executor):
    answer = await executor.execute(SCOPE, NOW, ONE)
    assert orjson.loads(answer.body)["data"]["scorecard"] == {
        "version": 1,
        "counts": {"total": 1, "noTarget": 1},
        "kpis": {"nodes": [{"key": "bakery.waste"}]},
    }


UNKNOWN = {"organization": SLUG, "input": {"kpis": ["bakery.wast", "bakery.waste", "no.such", "bakery.wast"]}}
TOLD = 'the organization has no KPI "bakery.wast", "no.such"; did you mean bakery.waste?'


@pytest.mark.parametrize("fields", ["version", "counts { total }", "kpis(first: 1) { nodes { name } }"])
async def test_a_query_names_every_key_at_once_that_no_kpi_has(executor, fields):
    query = "query ($organization: String!, $input: ScorecardInput!) { scorecard(organization: $organization, "
    answer = await executor.execute(SCOPE, f"{query} input: $input) {{ {fields} }} }}", UNKNOWN)
    (error,) = answer.payload["errors"]
    assert (error["message"], error["path"], error["extensions"]["code"]) == (TOLD, ["scorecard"], "NOT_FOUND")
    assert answer.payload["data"] == {"scorecard": None}


async def test_a_subscription_names_them_as_the_query_does(executor):
    answer = await executor.subscribe(Caller(), LIVE, UNKNOWN)
    assert [error["message"] for error in answer.payload["errors"]] == [TOLD]


async def test_a_scorecard_ends_when_a_kpi_that_it_names_is_gone(follow, shop):
    live = await follow(LIVE, **ONE)
    assert await live.next() == shown("Waste")
    async with shop.write(bakery.HERE, action="test", actor="test") as write:
        await write.start()
        connection = write.connection
        await connection.exec_driver_sql("update kpis set key = 'bakery.gone' where key = 'bakery.waste'")
        write.record("kpis", 1, "UPDATE")
    assert await live.last() == "NOT_FOUND"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["bakery.waste"] * 101, "`kpis` holds at most 100 keys, not 101"),
        (["bakery." + "w" * 200], "`kpis` is longer than 200 characters"),
    ],
)
async def test_keys_that_are_none_or_too_many_are_refused(executor, keys, message):
    answer = await executor.execute(SCOPE, NOW, {"organization": SLUG, "input": {"kpis": keys}})
    assert [error["message"] for error in answer.payload["errors"]] == [message]


async def test_a_scorecard_of_an_organization_out_of_sight_is_refused(executor):
    answer = await executor.subscribe(Caller(), LIVE, {**ONE, "organization": "elsewhere"})
    assert answer.outcome is Outcome.REQUEST_ERROR
    assert [error["extensions"]["code"] for error in answer.payload["errors"]] == ["NOT_FOUND"]
    assert answer.payload["errors"][0]["message"] == 'There is no organization "elsewhere" that you may see.'


@pytest.mark.parametrize("interval", ["PT0.09S", "PT1H0.1S", "P1D"])
async def test_an_interval_too_short_or_too_long_is_refused(executor, interval):
    answer = await executor.subscribe(Caller(), LIVE.replace("PT0.1S", interval), ONE)
    assert [error["extensions"]["code"] for error in answer.payload["errors"]] == ["BAD_USER_INPUT"]
    assert answer.payload["errors"][0]["message"] == "`minInterval` is between PT0.1S and PT1H"


async def test_a_subscription_that_is_executed_is_told_how_to_be_sent(executor):
    answer = await executor.execute(SCOPE, LIVE, ONE)
    assert answer.outcome is Outcome.STREAMS_ONLY
    assert [error["extensions"]["code"] for error in answer.payload["errors"]] == ["NOT_ACCEPTABLE"]


async def test_a_query_that_is_subscribed_to_is_answered(executor):
    answer = await executor.subscribe(Caller(), "{ viewer { name } }")
    assert answer.outcome is Outcome.EXECUTED
    assert answer.payload["data"] == {"viewer": {"name": "board"}}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("subscription { scorecard }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        (
            'subscription { a: scorecard(organization: "bakery", input: {}) { version } '
            'b: scorecard(organization: "bakery", input: {}) { version } }',
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
async def test_a_bad_document_is_refused_as_a_querys_is(executor, document, code):
    answer = await executor.subscribe(Caller(), document)
    assert answer.outcome is Outcome.REQUEST_ERROR
    assert {error["extensions"]["code"] for error in answer.payload["errors"]} == {code}
    assert not await executor.is_subscription(document)


async def test_what_is_a_subscription_is_known_by_its_operation(executor):
    both = f"query Q {{ viewer {{ name }} }} {LIVE}"
    assert await executor.is_subscription(both, "Live")
    assert not await executor.is_subscription(both, "Q")
    assert not await executor.is_subscription(both)


async def test_rights_that_are_gone_end_a_stream_with_a_code(follow, shop):
    caller = Caller()
    live = await follow(LIVE, caller=caller, **ONE)
    await live.next()
    caller.scope = Scope(1, "board", ())
    await rename(shop, "Loss")
    assert await live.last() == "NOT_FOUND"


async def test_a_token_that_is_gone_ends_a_stream(follow, shop):
    tokens = [SCOPE]

    async def caller():
        if not tokens:
            raise Unauthenticated("gone")
        return tokens.pop()

    live = await follow(LIVE, caller=caller, **ONE)
    await live.next()
    await rename(shop, "Loss")
    with pytest.raises(Unauthenticated):
        await soon(anext(live.stream))


async def test_who_follows_the_same_shares_each_statement(follow, shop, monkeypatch):
    """A hundred of one right and a hundred of another: two statements each for what two hundred are shown.

    One may be in the middle of reading what was before, and then another reads it again.
    """
    read: list[str] = []
    glance = type(shop).glance

    async def watched(database, ids, statement, *values, **options):
        read.append(statement)
        return await glance(database, ids, statement, *values, **options)

    support = Caller(Scope(2, "desk", (Grant(bakery.HERE, SLUG, Role.SUPPORT),)))
    lives = [await follow(LIVE, caller=caller, **ONE) for caller in (Caller(), support) for _ in range(100)]
    assert [await live.next() for live in lives] == [shown("Waste")] * 200
    waiting = [asyncio.create_task(live.next()) for live in lives]
    await rename(shop, "Loss")
    assert await soon(asyncio.gather(*waiting)) == [shown("Loss")] * 200
    waiting = [asyncio.create_task(live.next()) for live in lives]
    monkeypatch.setattr(type(shop), "glance", watched)
    await rename(shop, "Scraps")
    assert await soon(asyncio.gather(*waiting)) == [shown("Scraps")] * 200
    assert 4 <= len(read) <= 8
