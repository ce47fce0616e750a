"""The documentation tells the truth: its queries run, its answers are the answers, its commands and links exist."""

import json
import re
import shlex
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import click
import pytest

from kpi_server.api.answer import Answer
from kpi_server.api.executor import Executor
from kpi_server.cli.entry import commands as command_line
from kpi_server.domain.access import Role
from kpi_server.settings import Settings
from tests.integration.api.conftest import ALL

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "schema").glob("*.md"))]
RUN_ELSEWHERE = {
    ("README.md", "python"): "tests/contract/test_hooks_documented.py",
    ("README.md", "toml"): "tests/contract/test_hooks_documented.py",
    ("docs/plugins.md", "python"): "tests/contract/test_hooks_documented.py",
    ("docs/plugins.md", "toml"): "tests/contract/test_hooks_documented.py",
    ("docs/catalog.md", "yaml"): "tests/unit/catalog/test_catalog_docs.py",
    ("docs/execution.md", "sql"): "tests/integration/api/differential/test_parents.py",
    ("docs/clients.md", "js"): "tests/clients/test_javascript.py",
    ("docs/clients.md", "ts"): "tests/clients/test_typescript.py",
    ("docs/clients.md", "yaml"): "tests/clients/test_typescript.py",
    ("docs/clients.md", "python"): "tests/clients/test_python.py",
    ("docs/consumer.md", "python"): "tests/clients/test_consumer.py",
    ("docs/loading.md", "csv"): "tests/integration/web/test_loading_docs.py",
    ("docs/loading.md", "http"): "tests/integration/web/test_loading_docs.py",
}
"""Blocks that a test of their own runs: page and language."""
RUN_HERE = {"graphql", "json", "sh"}
SHOWN_ONLY = {"text"}
"""Printed output, which the tests of what prints it compare."""


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    following: str | None

    def __str__(self):
        return f"{self.page}:{self.line}"


def _blocks():
    for page in PAGES:
        found = list(re.finditer(r"^```(\w*)[^\n]*\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL))
        for match, following in zip_longest(found, found[1:]):
            line = page.read_text("utf-8")[: match.start()].count("\n") + 1
            answer = following.group(2) if following and following.group(1) == "json" else None
            yield Block(str(page.relative_to(ROOT)), line, match.group(1), match.group(2), answer)


BLOCKS = list(_blocks())
OPERATIONS = [block for block in BLOCKS if block.language == "graphql"]
MUTATIONS = [block for block in OPERATIONS if block.text.startswith("mutation")]
SUBSCRIPTIONS = [block for block in OPERATIONS if block.text.startswith("subscription")]
QUERIES = [block for block in OPERATIONS if block not in (*MUTATIONS, *SUBSCRIPTIONS)]
COMMANDS = [block for block in BLOCKS if block.language == "sh"]


def test_every_block_is_run_by_a_test():
    unrun = [
        f"{block}: {block.language or 'no language'}"
        for block in BLOCKS
        if block.language not in RUN_HERE | SHOWN_ONLY and (block.page, block.language) not in RUN_ELSEWHERE
    ]
    assert unrun == []


@pytest.mark.parametrize("block", SUBSCRIPTIONS, ids=str)
async def test_a_subscription_begins(block, schema, registry, read_database):
    async def authorize():
        return ALL

    stream = await Executor(schema, registry, read_database, Settings(_env_file=None)).subscribe(authorize, block.text)
    assert not isinstance(stream, Answer), stream.payload
    assert set(json.loads(await anext(stream))) == {"data"}
    await stream.aclose()


@pytest.mark.parametrize("block", QUERIES, ids=str)
async def test_a_query_runs_and_gives_the_answer_shown(block, ask_seeds):
    answer = await ask_seeds(block.text)
    assert answer.errors == []
    if block.following is not None:
        assert answer.data == json.loads(block.following)


@pytest.mark.parametrize("block", MUTATIONS, ids=str)
async def test_a_mutation_gives_the_answer_shown(block, ask_clone, scope_of):
    answer = await ask_clone(block.text, scope=scope_of("snapshot-co", role=Role.SERVICE))
    assert answer.errors == []
    assert answer.data == json.loads(block.following)


def _commands(block):
    joined = block.text.replace("\\\n", " ")
    return [shlex.split(line, comments=True) for line in joined.splitlines() if line.split("#")[0].strip()]


@pytest.mark.parametrize("block", COMMANDS, ids=str)
async def test_a_command_exists_with_its_options(block, ask_seeds):
    for words in _commands(block):
        if words[0] == "curl":
            answer = await ask_seeds(json.loads(words[words.index("-d") + 1])["query"])
            assert answer.errors == []
        else:
            _check_command(words)


def _check_command(words):
    """Parse a command as the program would, without running it."""
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    if words[0] in {"uv", "make", "docker", "git", "cd", "pip", "createdb", "export"}:
        return
    assert words[:2] == ["python3", "run"] or words[0] == "kpi-server"
    words = words[1:] if words[0] == "kpi-server" else words[2:]
    if words[0] in {"test", "check", "install"}:
        return
    context = click.Context(command_line)
    command = command_line.get_command(context, words[0])
    while isinstance(command, click.Group) and len(words) > 1 and not words[1].startswith("-"):
        words = words[1:]
        command = command.get_command(context, words[0])
    assert command is not None, f"no such command: {words[0]}"
    command.make_parser(context).parse_args(args=list(words[1:]))


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
        if not re.match(r"https?:", target) and not (page.parent / target).exists()
    ]
    assert broken == []
