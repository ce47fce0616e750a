"""The page on clients: every block is a file that tests/clients runs, and it knows the schema's parts."""

import re
from pathlib import Path

from graphql import GraphQLObjectType, build_schema

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")


def test_every_block_is_a_file_of_its_own():
    titles = re.findall(r"^```\w+(?: title=\"([^\"]+)\")?$", PAGE, re.MULTILINE)
    assert sorted(titles) == [
        "apollo.js",
        "board.py",
        "board.ts",
        "codegen.yml",
        "follow.js",
        "follow.py",
        "relay.config.json",
        "src/board.js",
        "urql.js",
    ]


def test_urql_is_told_of_everything_without_an_id():
    """Or else it warns, or takes two things for one."""
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text("utf-8"))
    parts = {
        name
        for name, found in schema.type_map.items()
        if isinstance(found, GraphQLObjectType) and "id" not in found.fields and not name.startswith("__")
    }
    listed = re.search(r"const parts = `([^`]+)`", PAGE)[1].split()
    connections = {name for name in parts if name.endswith(("Connection", "Edge"))}
    assert sorted(listed) == sorted(parts - connections - {"Query", "Mutation", "Subscription"})
