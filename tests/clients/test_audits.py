"""The published audits of GraphQL over HTTP, and what only a real server's answers show."""

import httpx

FAILED_ON_PURPOSE: dict[str, str] = {}
"""Audits that begin with MAY or SHOULD and that the server fails for a reason: id and reason."""


def test_every_audit_is_passed_or_failed_on_purpose(play):
    audits = play("audits", "all").result
    assert len(audits) >= 61
    failed = {audit["id"]: f"{audit['name']}: {audit['reason']}" for audit in audits if audit["status"] != "ok"}
    assert failed.keys() == FAILED_ON_PURPOSE.keys(), failed
    assert [audit["name"] for audit in audits if audit["id"] in failed and audit["name"].startswith("MUST")] == []


def test_no_answer_says_what_serves_it(server):
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.token}"}) as client:
        answers = [
            client.post("/graphql", json={"query": "{ viewer { name } }"}),
            client.post("/graphql", content=b"{", headers={"Content-Type": "application/json"}),
            client.get("/nothing"),
            client.get("/graphql", headers={"X": "x" * 70_000}),
        ]
    assert [answer.status_code for answer in answers] == [200, 400, 404, 431]
    assert [name for answer in answers for name in answer.headers if name in ("server", "x-powered-by")] == []
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


def test_a_stream_is_not_sent_to_clients_that_name_it_last(server):
    """As every request of urql does: who gets a stream there cannot read it."""
    accept = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
    headers = {"Authorization": f"Bearer {server.token}", "Accept": accept}
    answer = httpx.post(f"{server.url}/graphql", json={"query": "{ viewer { name } }"}, headers=headers)
    assert answer.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
