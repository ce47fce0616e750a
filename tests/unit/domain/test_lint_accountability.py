"""KPIs that nobody answers for, and scores that do not add up."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kpi_server.domain.direction import Direction
from kpi_server.domain.lint.accountability import missing_owners, scores
from kpi_server.domain.lint.facts import Framework, StatedScore
from kpi_server.domain.lint.finding import FindingSeverity
from kpi_server.domain.reconciliation.statements import Place, StatedKpi
from kpi_server.domain.unit import parse_unit


def test_a_kpi_without_an_owner_is_found():
    users = StatedKpi(key="users", name="Users", unit=parse_unit("COUNT"), direction=Direction.UP, place=Place("d", 1))
    cost = replace(users, key="cac", name="CAC", has_owner=False)
    (found,) = missing_owners(Framework(kpis={"users": users, "cac": cost}))
    assert (found.kpi, found.left.text, found.right.text) == ("cac", "CAC", "no owner")


def _score(text, value, *, line=1, document="d", **fields):
    return StatedScore(name="Health", text=text, value=Decimal(value), place=Place(document, line), **fields)


PARTS = [_score(f"{value}/100", value, line=value, is_department=True) for value in (90, 88, 82, 85)]


@pytest.mark.parametrize(
    ("text", "value", "severity"),
    # The mean of 88, 85, 82 and 90 is 86.25; a weighted one may reach 90, or 90.4, which prints 90.
    [
        ("92/100", "92", FindingSeverity.ERROR),
        ("91/100", "91", FindingSeverity.ERROR),
        ("90.5/100", "90.5", FindingSeverity.ERROR),
        ("90/100", "90", FindingSeverity.WARNING),
        ("87/100", "87", FindingSeverity.WARNING),
        ("86/100", "86", None),
        ("86.3/100", "86.3", None),
        ("86.2/100", "86.2", None),
        ("86.4/100", "86.4", FindingSeverity.WARNING),
        ("81/100", "81", FindingSeverity.ERROR),
    ],
)
def test_an_overall_score_is_the_mean_of_the_departments(text, value, severity):
    findings = list(scores(Framework(kpis={}, scores=(_score(text, value, is_overall=True), *PARTS))))
    assert [found.severity for found in findings] == ([] if severity is None else [severity])
    for found in findings:
        assert (found.right.text, found.right.value) == ("(82 + 85 + 88 + 90) / 4", Decimal("86.25"))


def test_a_score_without_parts_in_its_document_cannot_be_wrong():
    alone = _score("85/100", 85, document="e", is_overall=True)
    assert list(scores(Framework(kpis={}, scores=(alone, *PARTS, _score("87/100", 87))))) == []
