"""The published audits of GraphQL over HTTP."""

FAILED_ON_PURPOSE: dict[str, str] = {}
"""Audits that begin with MAY or SHOULD and that the server fails for a reason: id and reason."""


def test_every_audit_is_passed_or_failed_on_purpose(play):
    audits = play("audits", "all").result
    assert len(audits) >= 61
    failed = {audit["id"]: f"{audit['name']}: {audit['reason']}" for audit in audits if audit["status"] != "ok"}
    assert failed.keys() == FAILED_ON_PURPOSE.keys(), failed
    assert [audit["name"] for audit in audits if audit["id"] in failed and audit["name"].startswith("MUST")] == []
