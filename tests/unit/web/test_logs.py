"""A log line for machines is one JSON object, traceback included."""

import json
import logging
import sys

from kpi_server.web.logs import JsonLines


def record(**extra):
    try:
        raise RuntimeError("first line\nsecond line")
    except RuntimeError:
        made = logging.LogRecord("kpi_server.api", logging.ERROR, "x.py", 1, "%s error", ("TIMEOUT",), sys.exc_info())
    made.__dict__.update(extra)
    return made


def test_line_holds_what_the_record_says():
    line = JsonLines().format(record(error_id="abc", request_id="r-1", code="TIMEOUT", path="", other="not shown"))
    assert "\n" not in line
    content = json.loads(line)
    assert content.pop("traceback").endswith("RuntimeError: first line\nsecond line")
    assert content.pop("time").endswith("+00:00")
    assert content == {
        "level": "ERROR", "logger": "kpi_server.api", "message": "TIMEOUT error", "request_id": "r-1",
        "error_id": "abc", "code": "TIMEOUT",
    }  # fmt: skip
