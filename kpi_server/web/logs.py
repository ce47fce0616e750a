"""How a log line is written: for people, or one JSON object a line for machines."""

import json
import logging
import sys
from datetime import UTC, datetime

_FIELDS = ("request_id", "error_id", "code", "path")


class JsonLines(logging.Formatter):
    """One JSON object a line, the traceback inside it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {field: value for field in _FIELDS if (value := getattr(record, field, None))}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logs(log_format: str) -> None:
    """Send the server's log lines to stderr; called once, by whoever starts a process."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if log_format == "json" else text)
    logger = logging.getLogger("kpi_server")
    logger.handlers[:] = [handler]
    logger.propagate = False
