"""The rows of files as they arrive, in whatever pieces and forms, and the files that cannot be read."""

import gzip
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_server.domain.importing.columns import columns_of
from kpi_server.domain.importing.rows import Format, Rows
from kpi_server.domain.recording import Sent, Unread
from kpi_server.errors import BadInput

GOOD = b"kpi,period,segment,value,external_id\nLoaves,2024-03,,75,a1\nLoaves,2024-04,shop=north,20,\n"
READ = [
    (2, Sent("Loaves", "2024-03", Decimal(75), external_id="a1")),
    (3, Sent("Loaves", "2024-04", Decimal(20), "shop=north")),
]
JSON = (
    b'{"kpi":"Loaves","period":"2024-03","value":75,"externalId":"a1"}\n'
    b'{"kpi":"Loaves","period":"2024-04","value":"20","segment":"shop=north","text":null}\n'
)


def _read(content, form=Format.CSV, *, pieces=1 << 20, mapping=None):
    rows = Rows(form, mapping or {})
    parts = [content[start : start + pieces] for start in range(0, len(content), pieces)]
    return [*(row for part in parts for row in rows.feed(part)), *rows.finish()]


@pytest.mark.parametrize("pieces", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.rstrip(),
        gzip.compress(GOOD),
        gzip.compress(GOOD[:40]) + gzip.compress(GOOD[40:]),
        b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"Loaves", b'"Loaves"'),
    ],
    ids=["plain", "without a last line end", "packed", "packed twice", "BOM and CRLF", "quoted"],
)
def test_the_same_rows_may_come_in_many_forms(content, pieces):
    assert _read(content, pieces=pieces) == READ


@pytest.mark.parametrize("pieces", [1, 1 << 20])
def test_lines_of_json_say_the_same(pieces):
    assert [sent for _, sent in _read(JSON, Format.NDJSON, pieces=pieces)] == [sent for _, sent in READ]


def test_a_quoted_cell_may_hold_line_ends_and_lines_are_counted_on():
    content = b'kpi,period,value,text\nLoaves,2024-03,1,"a\nb\n"\n\nLoaves,2024-04,2,""\n'
    for pieces in (1, 1 << 20):
        assert [(line, sent.text) for line, sent in _read(content, pieces=pieces)] == [(2, "a\nb\n"), (6, None)]


def test_columns_may_be_mapped_left_out_and_make_a_segment():
    content = b"Item,Month,Shop,Amount,Note\nLoaves,2024-03,North,75,x\n"
    mapping = {"Item": "kpi", "Month": "period", "Shop": "segment.shop", "Amount": "value", "Note": "-"}
    assert _read(content, mapping=mapping) == [(2, Sent("Loaves", "2024-03", Decimal(75), "shop=North"))]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Loaves", ""]), st.just("2024-03"), st.sampled_from(["north", "a=b", ""]),
            st.sampled_from(["", "plan=pro"]), st.sampled_from(["7", " 7.50", "-1e3", "", "1.000.5"]),
            st.sampled_from(["e-1", ""]),
        ),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
def test_rows_that_are_read_in_columns_are_those_that_are_read_one_by_one(cells):
    columns = columns_of(["kpi", "period", "segment.shop", "segment", "value", "external_id"], {})
    assert columns.sent_together(cells) == [columns.sent(one) for one in cells]
    assert columns.sent_together([*cells, ("Loaves", "2024-03")]) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(GOOD, mtime=0)[:-9], "the gzip data end too early: the file is cut off"),
        (b"\x1f\x8bnonsense that is no gzip at all", "the gzip data are damaged"),
        (b"kpi,period,value,caf\xe9\n" + GOOD, "line 1: byte 0xe9 is no UTF-8"),
        ("kpi,period,value\n".encode("utf-16"), "line 1: the file is in UTF-16"),
        (b"kpi," + b"x" * 1_000_000 + b"\n", "line 1: it is longer than 262,144 bytes"),
        (b"kpi;period;value\nx;2024-03;1\n", "cells are separated by commas, not by ';'"),
        (GOOD + b'Loaves,"2024-02,,1,\n' + b"Loaves,,,1,\n" * 30_000, "or a quote in it is never closed"),
        (GOOD + b'Loaves,"2024-02"x,,1,\n', "line 4: "),
        (b"kpi,when,value\nx,2024-03,1\n", 'the header does not match: "when" is no field; there is no period'),
        (b"kpi,period,value,KPI\n", "kpi is there twice"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(content, message):
    with pytest.raises(BadInput) as raised:
        _read(content, pieces=100_000)
    assert message in raised.value.message


def test_lines_are_wrong_one_by_one():
    content = b'nonsense\n[1]\n{"kpi":"Loaves","when":"2024"}\n{"kpi":"Loaves","value":true}\n{"value":"x"}\n'
    read = _read(content, Format.NDJSON)
    assert [line for line, error in read if isinstance(error, BadInput)] == [1, 2, 3]
    assert [sent.value.words[:20] for _, sent in read[3:]] == ["a number is expected", '"x" is no number: di']
    rows = _read(GOOD + b"Loaves,2024-02\nLoaves,2024-02,,1.000.5,\n")
    assert str(rows[2][1]) == "it has 2 cells, the header 5"


def test_a_cell_that_is_no_number_is_kept_with_the_reason_until_the_rest_of_its_row_is_checked():
    (*_, (_, sent)) = _read(GOOD + b"Loaves,2024-02,,1.000.5,\n")
    assert sent.value == Unread('"1.000.5" is no number: digits, with a point and without separators')


OVERLONG = b"Loaves," + b"x" * 1_000_000 + b",,1,\n"


@pytest.mark.parametrize("pieces", [1_000, 300_000, 3_000_000])
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (OVERLONG, "it is longer than 262,144 bytes"),
        (b"Loaves,2024-02,shop=caf\xe9,1,\n", "byte 0xe9 is no UTF-8: save the file as UTF-8"),
    ],
)
def test_a_row_that_cannot_be_read_leaves_the_others_as_they_are(bad, words, pieces):
    header, *rows = GOOD.splitlines(keepends=True)
    read = _read(header + rows[0] + bad + "Crêpe,2024-04,shop=north,20,\n".encode() + bad + rows[1], pieces=pieces)
    assert [(line, str(error)) for line, error in read if isinstance(error, BadInput)] == [(3, words), (5, words)]
    assert [(line, sent.kpi) for line, sent in read if isinstance(sent, Sent)] == [
        (2, "Loaves"), (4, "Crêpe"), (6, "Loaves"),
    ]  # fmt: skip


def test_lines_of_json_in_another_encoding_are_wrong_one_by_one():
    read = _read(b'{"kpi":"caf\xe9"}\n' + JSON, Format.NDJSON, pieces=10)
    assert [isinstance(one, BadInput) for _, one in read] == [True, False, False]


def test_numbers_of_json_are_exact():
    ((_, sent),) = _read(b'{"kpi":"x","period":"2024","value":0.1000000000000000055}', Format.NDJSON)
    assert sent.value == Decimal("0.1000000000000000055")
