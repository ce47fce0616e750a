"""What docs/execution.md prints is what the program prints."""

import re

import pytest
from click.testing import CliRunner

from kpi_server.cli.explain import command

pytestmark = pytest.mark.families


@pytest.fixture
def page(repository):
    return (repository / "docs" / "execution.md").read_text(encoding="utf-8")


def test_the_printed_plan_is_that_of_the_printed_operation(page, tmp_path):
    (operation,) = re.findall(r"^```graphql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (printed,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "owners.graphql").write_text(operation, encoding="utf-8")
    answer = CliRunner().invoke(command, [str(tmp_path / "owners.graphql"), "--sql", "--code"], catch_exceptions=False)
    assert answer.output == printed


def test_every_declaration_is_explained(page, repository):
    declared = (repository / "kpi_server/api/execution/obtaining.py").read_text(encoding="utf-8")
    (names,) = re.findall(r"^Obtained: TypeAlias = (.*)$", declared, re.MULTILINE)
    assert re.findall(r"^\| `(\w+)\(", page, re.MULTILINE) == names.split(" | ")
