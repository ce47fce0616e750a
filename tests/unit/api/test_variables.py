"""Long lists are read as GraphQL reads them, or left to it."""

from decimal import Decimal

import pytest
from graphql import parse
from graphql.execution import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.mutation import sent_values
from kpi_server.api.schema import build_schema
from kpi_server.api.variables import observations, variable_values
from kpi_server.domain.recording import Sent
from kpi_server.registry import build

SCHEMA = build_schema(build([]))._schema
DOCUMENT = parse("mutation ($input: RecordObservationsInput!) { recordObservations(input: $input) { recorded } }")
DEFINITIONS = DOCUMENT.definitions[0].variable_definitions
GOOD = {"kpi": "ARR", "period": "2026-Q1", "value": "12.50"}

TEXTS = st.sampled_from(["", "a", None, 1, True, [], {}])
OBSERVATIONS = st.fixed_dictionaries(
    {
        "kpi": st.sampled_from(["ARR", "", None, 7, ["x"]]) | st.just("ARR"),
        "period": st.sampled_from(["2026", "2026-Q1", "2026-W53", "2026-13", " 2026", None, 2026]) | st.just("2026-03"),
        "value": st.sampled_from(["1", "-1.50", "1e5", "NaN", "", "1" * 61, 1, 1.5, None]) | st.just("0.1"),
    },
    optional={"segment": TEXTS, "text": TEXTS, "externalId": TEXTS, "unknown": TEXTS},
)
LISTS = st.lists(OBSERVATIONS | st.sampled_from([None, 1, "x", []]), max_size=3) | st.sampled_from([None, "x", GOOD])
FRAMES = st.fixed_dictionaries(
    {
        "organization": st.sampled_from(["x", None, 1]) | st.just("acme"),
        "source": st.just("erp"),
        "observations": LISTS,
    },
    optional={"atomic": st.sampled_from([True, False, None, "x"]), "idempotencyKey": TEXTS, "more": TEXTS},
)


def _quick(variables):
    return variable_values(SCHEMA, DEFINITIONS, variables, max_errors=50, suggestions=False)


def _core(variables):
    return get_variable_values(SCHEMA, DEFINITIONS, variables, max_errors=50, hide_suggestions=True)


def _recorded(coerced):
    """Variables with their observations as what is recorded: what is read apart is that already."""
    frame = coerced.get("input")
    if not frame:
        return coerced
    return {"input": {**frame, "observations": sent_values(frame["observations"])}}


@given(st.fixed_dictionaries({}, optional={"input": FRAMES | st.sampled_from([None, [], 1])}))
def test_variables_are_what_graphql_makes_of_them(variables):
    quick, core = _quick(variables), _core(variables)
    if isinstance(core, list):
        assert [error.message for error in quick] == [error.message for error in core]
    else:
        assert _recorded(quick.coerced) == _recorded(core.coerced)


def test_a_good_list_is_read_apart_and_the_variables_stay_as_they_were_sent():
    sent = {"input": {"organization": "acme", "source": "erp", "observations": [GOOD, {**GOOD, "segment": None}]}}
    assert observations(sent["input"]["observations"]) == [
        Sent("ARR", "2026-Q1", Decimal("12.50")),
        Sent("ARR", "2026-Q1", Decimal("12.50"), None),
    ]
    assert _quick(sent).coerced["input"]["atomic"] is True
    assert sent["input"]["observations"][0] is GOOD


def test_what_is_no_number_is_read_apart_as_well_with_the_reason():
    (one,) = observations([{**GOOD, "value": "12,50", "period": "2026-13"}])
    assert (one.period, one.value.words[:20]) == ("2026-13", '"12,50" is no number')


@pytest.mark.parametrize("given_", [GOOD, [{**GOOD, "value": 12.5}], [{**GOOD, "period": 2026}], [{"kpi": "x"}]])
def test_a_list_that_graphql_may_refuse_is_left_to_it(given_):
    assert observations(given_) is None
