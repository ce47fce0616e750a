"""Every code and every setting is documented, and nothing is documented that does not exist."""

import re

from kpi_server.api.errors import Code
from kpi_server.errors import UserError
from kpi_server.settings import table


def documented(repository, page):
    text = (repository / "docs" / page).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.startswith("| `")]


def test_every_code_has_its_row_in_the_order_of_the_code(repository):
    rows = documented(repository, "errors.md")
    assert [re.match(r"\| `(\w+)` \| [0-9, ]+ \| \S", row)[1] for row in rows] == [str(code) for code in Code]


def user_errors(kind):
    yield kind
    for narrower in kind.__subclasses__():
        if narrower.__module__ == UserError.__module__:
            yield from user_errors(narrower)


def test_every_error_for_a_caller_has_a_code_that_is_shown():
    assert {kind.code for kind in user_errors(UserError)} <= {str(code) for code in Code}


def test_every_setting_has_its_row_with_default_and_help(repository):
    expected = [f"| `{row.variable}` | {f'`{row.default}`' if row.default else ''} | {row.help} |" for row in table()]
    assert documented(repository, "settings.md") == [re.sub(" +", " ", row) for row in expected]
