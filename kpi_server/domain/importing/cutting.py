"""Bytes cut into whole records, and their text: a record of CSV may hold line ends inside quotes."""

from typing import Final

from kpi_server.errors import BadInput

LONGEST_RECORD: Final = 262_144
"""Bytes: more than any observation needs, the largest sketch included."""

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

    def feed(self, data: bytes) -> tuple[int, str]:
        """The next whole records.

        Raises:
            BadInput: they are no UTF-8, or one is too long; the message names the line.
        """
        block = self._rest + data
        if self._is_first and len(block) >= len(_BOM):
            self._is_first = False
            if block.startswith(_WIDE):
                raise BadInput("line 1: the file is in UTF-16: save it as UTF-8")
            block = block.removeprefix(_BOM)
        end = self._end(block)
        self._rest = block[end:]
        if len(self._rest) > LONGEST_RECORD:
            line = self._line + block[:end].count(b"\n")
            quote = ", or a quote in it is never closed" if self._quoted else ""
            raise BadInput(f"line {line}: it is longer than {LONGEST_RECORD:,} bytes{quote}")
        return self._text(block[:end])

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
            text = records.decode()
        except UnicodeDecodeError as error:
            bad = line + records[: error.start].count(b"\n")
            raise BadInput(
                f"line {bad}: byte {records[error.start]:#04x} is no UTF-8: save the file as UTF-8"
            ) from error
        self._line += records.count(b"\n")
        return line, text
