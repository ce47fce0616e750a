"""Generated types: strict over everything that is published, and right about what the server sends."""

import json


def test_types_of_every_published_operation_are_strict_and_refuse_wrong_uses(tool, typed, repository):
    """`wrong.ts` holds the mistakes: tsc fails when one of them is accepted."""
    generated = (tool("tsc", "--strict", "--noEmit", "--listFilesOnly")).splitlines()
    assert {"board.ts", "operations.ts", "schema.ts", "wrong.ts"} <= {line.rsplit("/", 1)[-1] for line in generated}
    del typed


def test_a_typed_document_is_asked_and_answered(typed, repository):
    expected = json.loads((repository / "schema" / "operations" / "board.expected.json").read_text("utf-8"))
    kpis = expected["data"]["organization"]["kpis"]["nodes"]
    below = [kpi["key"] for kpi in kpis if kpi["status"] in ("MISSED", "NEAR_MISS")]
    assert below != []
    assert typed("with_types", "board").result == below
