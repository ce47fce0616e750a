"""The size of a document is that of the document with its fragments written out, and is counted in no time."""

import json
from dataclasses import dataclass
from functools import cache

import pytest
from graphql import GraphQLSyntaxError
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.api.limits import (
    LimitExceeded,
    Limits,
    Size,
    check_literals,
    check_size,
    check_values,
    has_nul,
    measure,
    parse_within,
    uses_of_variables,
)
from kpi_server.settings import Settings

LIMITS = Limits.of(Settings())


def size_of(text):
    document = parse_within(text, LIMITS)
    return measure(document)[0][1]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{a}", Size(depth=1, fields=1, width=1, breadth=1)),
        ("{a b}", Size(depth=1, fields=2, width=2, breadth=2)),
        ("{a{b c d}}", Size(depth=2, fields=4, width=1, breadth=3)),
        ("{x:a{y:b} c}", Size(depth=2, fields=3, aliases=2, width=2, breadth=2)),
        ("query @d {a @e @f}", Size(depth=1, fields=1, directives=3, width=1, breadth=1)),
        ("{a{... on T @d {b c}}}", Size(depth=2, fields=3, directives=1, width=1, breadth=2)),
        ("{...F a} fragment F on T @d {b{c}}", Size(depth=2, fields=3, directives=1, width=2, breadth=2)),
        ("{a{...F} b{...F @e}} fragment F on T {x:c d}", Size(2, 6, aliases=2, directives=1, width=2, breadth=2)),
        ("{...F ...F} fragment F on T {a b}", Size(depth=1, fields=4, width=4, breadth=4)),
        ("{...Gone a}", Size(depth=1, fields=1, width=1, breadth=1)),
    ],
)  # fmt: skip
def test_size_counts_a_fragment_wherever_it_is_spread(document, expected):
    assert size_of(document) == expected


def doubling(levels):
    fragments = (f"fragment F{i} on T{{a:v{{...F{i + 1}}} b:v{{...F{i + 1}}}}}" for i in range(levels))
    return "{...F0}" + "".join(fragments) + f"fragment F{levels} on T{{x}}"


@pytest.mark.parametrize("levels", [18, 30, 150])
def test_doubling_fragments_are_counted_without_being_written_out(levels):
    """Written out, 150 levels would be more fields than there are atoms: it would not end."""
    size = size_of(doubling(levels))
    assert size.depth == levels + 1
    assert size.fields == sum(2**i for i in range(1, levels + 1)) + 2**levels


def test_a_long_chain_of_fragments_needs_no_deep_stack():
    fragments = "".join(f"fragment F{i} on T{{v{{...F{i + 1}}}}}" for i in range(400))
    assert size_of("{...F0}" + fragments + "fragment F400 on T{x}").depth == 401


@pytest.mark.parametrize(
    "document", ["{...A} fragment A on T {...A}", "{a} fragment A on T {b{...B}} fragment B on T {b{...A}}"]
)
def test_fragments_that_spread_each_other_in_a_circle_have_no_size(document):
    assert measure(parse_within(document, LIMITS)) is None


@dataclass(frozen=True)
class Field:
    alias: bool
    directives: int
    children: tuple

    def __str__(self):
        inner = "{" + " ".join(map(str, self.children)) + "}" if self.children else ""
        return f"{'x:' if self.alias else ''}a{' @d' * self.directives}{inner}"


@dataclass(frozen=True)
class Inline:
    directives: int
    children: tuple

    def __str__(self):
        return f"...{' @d' * self.directives}{{{' '.join(map(str, self.children))}}}"


@dataclass(frozen=True)
class Spread:
    index: int
    directives: int

    def __str__(self):
        return f"...F{self.index}{' @d' * self.directives}"


@cache
def selections(first_fragment, fragment_count):
    leaves = [st.builds(Field, st.booleans(), st.integers(0, 2), st.just(()))]
    if first_fragment < fragment_count:
        leaves.append(st.builds(Spread, st.integers(first_fragment, fragment_count - 1), st.integers(0, 2)))

    def grown(inner):
        several = st.lists(inner, min_size=1, max_size=2).map(tuple)
        return st.builds(Field, st.booleans(), st.integers(0, 2), several) | st.builds(
            Inline, st.integers(0, 2), several
        )

    return st.lists(st.recursive(st.one_of(leaves), grown, max_leaves=4), min_size=1, max_size=2).map(tuple)


@st.composite
def documents(draw):
    count = draw(st.integers(0, 3))
    return draw(selections(0, count)), [draw(selections(i + 1, count)) for i in range(count)]


def written_out(children, fragments):
    """The directives of spreads and inline fragments, and the fields of one level with nothing left to expand."""
    directives, fields = 0, []
    for child in children:
        if isinstance(child, Field):
            fields.append(child)
            continue
        inside = fragments[child.index] if isinstance(child, Spread) else child.children
        more, inner = written_out(inside, fragments)
        directives += child.directives + more
        fields += inner
    return directives, fields


def naive(children, fragments):
    directives, fields = written_out(children, fragments)
    below = [naive(field.children, fragments) for field in fields if field.children]
    return Size(
        depth=max([size.depth for size in below], default=0) + bool(fields),
        fields=len(fields) + sum(size.fields for size in below),
        aliases=sum(field.alias for field in fields) + sum(size.aliases for size in below),
        directives=directives + sum(field.directives for field in fields) + sum(size.directives for size in below),
        width=len(fields),
        breadth=max([len(fields), *(size.breadth for size in below)]),
    )


@given(documents())
def test_counted_size_equals_that_of_the_document_written_out(document):
    root, fragments = document
    text = f"{{{' '.join(map(str, root))}}}" + "".join(
        f"fragment F{i} on T{{{' '.join(map(str, children))}}}" for i, children in enumerate(fragments)
    )
    assert size_of(text) == naive(root, fragments)


SMALL = Limits(
    document_bytes=200, tokens=30, depth=2, aliases=1, directives=1, root_fields=2, breadth=3, fields=5,
    values=1, mutation_values=1, value_depth=2, cost=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("within", "beyond", "words"),
    [
        ("{a{b}}", "{a{b{c}}}", "3 levels deep, fragments included; 2 are allowed"),
        ("{a b}", "{a b c}", "3 fields at its root, fragments included; 2 are allowed"),
        ("{a{b c d}}", "{a{b c d e}}", "4 fields in one selection, fragments included; 3 are allowed"),
        ("{x:a}", "{x:a y:b}", "2 aliases, fragments included; 1 are allowed"),
        ("{a @x}", "{a @x @y}", "2 directives, fragments included; 1 are allowed"),
        ("{a{b c} d{e}}", "{a{b c} d{e f}}", "6 fields, fragments included; 5 are allowed"),
    ],
)
def test_each_limit_holds_on_both_sides(within, beyond, words):
    ((definition, size),) = measure(parse_within(within, SMALL))
    check_size(definition, size, SMALL)
    ((definition, size),) = measure(parse_within(beyond, SMALL))
    with pytest.raises(LimitExceeded, match=words):
        check_size(definition, size, SMALL)


@pytest.mark.parametrize(
    ("within", "beyond", "words"),
    [
        ("{a}" + " " * 197, "{a}" + " " * 198, "The document is longer than 200 bytes."),
        ('{a(b:"' + "é" * 95 + '")}', '{a(b:"' + "é" * 96 + '")}', "The document is longer than 200 bytes."),
        ("{" + "a " * 28 + "}", "{" + "a " * 29 + "}", "Document contains more than 30 tokens."),
        ("{a}" + "#\n" * 30, "{a}" + "#\n" * 31, "Document contains more than 30 comments."),
    ],
)
def test_a_document_is_bounded_before_it_is_parsed(within, beyond, words):
    parse_within(within, SMALL)
    with pytest.raises(LimitExceeded, match=words):
        parse_within(beyond, SMALL)


@pytest.mark.parametrize("document", ["{a" * 1500, "{a(b:" + "[" * 3000, "{a(b:" + "{c:" * 1600])
def test_deep_nesting_is_a_limit_and_no_crash(document):
    with pytest.raises(LimitExceeded, match="nested too deeply"):
        parse_within(document, LIMITS)


def test_what_is_not_graphql_is_a_syntax_error():
    with pytest.raises(GraphQLSyntaxError):
        parse_within("{a", LIMITS)


@pytest.mark.parametrize(
    ("document", "expected"),
    [(r'{a(b:"\u0000")}', True), (r'{a(b:[{c:"x\u0000"}])}', True), ('{a(b:"\\\\u0000")}', False), ("{a}", False)],
)
def test_nul_is_found_in_the_strings_of_a_document(document, expected):
    assert has_nul(parse_within(document, LIMITS)) is expected


@pytest.mark.parametrize("inside", ["1", "null", "text", [[]], {"a": 1}])
def test_values_of_variables_are_counted_at_any_depth(inside):
    each = 2 if isinstance(inside, list | dict) else 1
    fits = {"list": [inside] * ((LIMITS.values - 1) // each)}  # the list itself is a value
    check_values(fits, LIMITS, {})
    with pytest.raises(LimitExceeded, match="more than 5000 values"):
        check_values({**fits, "more": [[1]]}, LIMITS, {})


def test_values_of_variables_are_counted_wherever_the_document_uses_them():
    document = parse_within(
        "query($a: A, $b: B){x(v:$a) y(v:[$a,{w:$a}]) z(v:$b) ...F} fragment F on T{x(v:$b)}", LIMITS
    )
    uses = uses_of_variables(document)
    assert uses == {"a": 3, "b": 2}
    check_values({"a": [1] * 1499, "b": [1] * 249}, LIMITS, uses)  # 3 x 1,500 + 2 x 250 = 5,000
    with pytest.raises(LimitExceeded, match="more than 5000 values"):
        check_values({"a": [1] * 1499, "b": [1] * 250}, LIMITS, uses)


@pytest.mark.parametrize("step", [lambda inside: {"not": inside}, lambda inside: [inside]], ids=["object", "list"])
def test_values_are_not_nested_beyond_the_limit(step):
    value = 1
    for _ in range(LIMITS.value_depth):
        value = step(value)
    check_values({"v": value}, LIMITS, {})
    with pytest.raises(LimitExceeded, match="nested more than 40 levels deep"):
        check_values({"v": step(value)}, LIMITS, {})


@pytest.mark.parametrize(("opened", "closed"), [("{not:", "}"), ("[", "]")])
def test_values_in_a_document_are_not_nested_beyond_the_limit(opened, closed):
    def document(levels):
        return parse_within(f"{{a(v:{opened * levels}1{closed * levels})}}", LIMITS)

    check_literals(document(40), LIMITS)
    with pytest.raises(LimitExceeded, match="nested more than 40 levels deep"):
        check_literals(document(41), LIMITS)


def test_ten_thousand_observations_with_all_they_may_say_are_within_the_limits():
    one = {
        "kpi": "customer.net_revenue_retention", "period": "2026-03-31", "value": "1234567.89", "text": "1.2M",
        "segment": "plan=enterprise,region=eu", "externalId": "3f2c9a4e-6a0e-4a6b-9a57-0a6c6f1f2d11",
    }  # fmt: skip
    variables = {"input": {"organization": "acme", "source": "erp", "observations": [one] * 10_000}}
    check_values(variables, LIMITS, {}, mutates=True)
    assert len(json.dumps(variables)) < Settings(_env_file=None).max_body_bytes
