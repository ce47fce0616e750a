"""Bytes cut into whole records, and their text: a record of CSV may hold line ends inside quotes."""

import re
from typing import Final

from kpi_server.errors import BadInput

LONGEST_RECORD: Final = 262_144
"""Bytes: more than any observation needs, the largest sketch included."""

OVERLONG: Final = f"it is longer than {LONGEST_RECORD:,} bytes"

_ESCAPED: Final = re.compile("[\udc80-\udcff]")
_BOM: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")


class Cutter:
    r"""Gives the text of all records that are whole, with the number of the line they begin at.

    >>> cutter = Cutter(quoted=True)
    >>> cutter.feed(b'\xef\xbb\xbfa,"b\r\nc"\r\nd')
    (1, 'a,"b\r\nc"\r\n')
    >>> cutter.finish()
    (3, 'd')
    """

    def __init__(self, *, quoted: bool) -> None:
        self._quoted = quoted
        self._rest = b""
        self._line = 1
        self._is_first = True
        self._is_skipping = False
        self._overlong: list[int] = []
        self.is_damaged = False
        """Whether the last records hold bytes that are no UTF-8, as half characters (surrogateescape)."""

    def feed(self, data: bytes) -> tuple[int, str]:
        """The next whole records.

        Raises:
            BadInput: they are UTF-16, or a quote is never closed; the message names the line.
        """
        block = self._rest + self._after_skipped(data)
        if self._is_first and len(block) >= len(_BOM):
            self._is_first = False
            if block.startswith(_WIDE):
                raise BadInput("line 1: the file is in UTF-16: save it as UTF-8")
            block = block.removeprefix(_BOM)
        end = self._end(block)
        self._rest = block[end:]
        read = self._text(block[:end])
        if len(self._rest) > LONGEST_RECORD:
            if self._quoted and self._rest.count(b'"') % 2:
                raise BadInput(f"line {self._line}: {OVERLONG}, or a quote in it is never closed")
            self._overlong.append(self._line)
            self._rest, self._is_skipping = b"", True
        return read

    def take_overlong(self) -> list[int]:
        """The lines of records that are too long and were passed over since this was asked."""
        taken, self._overlong = self._overlong, []
        return taken

    def _after_skipped(self, data: bytes) -> bytes:
        """What comes behind a record that is passed over."""
        if not self._is_skipping:
            return data
        end = data.find(b"\n") + 1
        if end == 0:
            return b""
        self._is_skipping, self._line = False, self._line + 1
        return data[end:]

    def finish(self) -> tuple[int, str]:
        """The last record, where no line end follows it."""
        rest, self._rest = self._rest.removeprefix(_BOM) if self._is_first else self._rest, b""
        return self._text(rest)

    def _end(self, block: bytes) -> int:
        """Where the last whole record ends: after a line end with an even number of quotes before it."""
        end = block.rfind(b"\n") + 1
        if not self._quoted or block.count(b'"', 0, end) % 2 == 0:
            return end
        place = whole = quotes = 0
        while (found := block.find(b"\n", place) + 1) > 0:
            quotes += block.count(b'"', place, found)
            whole, place = found if quotes % 2 == 0 else whole, found
        return whole

    def _text(self, records: bytes) -> tuple[int, str]:
        line = self._line
        try:
            text, self.is_damaged = records.decode(), False
        except UnicodeDecodeError:
            text, self.is_damaged = records.decode(errors="surrogateescape"), True
        self._line += records.count(b"\n")
        return line, text


def damage(text: str) -> str | None:
    """Why a text that was read of damaged records cannot be taken; None where its own bytes are UTF-8."""
    found = _ESCAPED.search(text)
    return found and f"byte {ord(found[0]) - 0xDC00:#04x} is no UTF-8: save the file as UTF-8"
