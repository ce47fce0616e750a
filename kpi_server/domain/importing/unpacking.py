"""Bytes as they arrive, unpacked where they are packed by gzip."""

import zlib
from collections.abc import Iterator
from typing import Final

from kpi_server.errors import BadInput

MAGIC: Final = b"\x1f\x8b"
PIECE: Final = 1 << 20
_GZIP: Final = 31


class Unpacker:
    """Gives what it is fed in pieces of bounded size; what begins like gzip is unpacked.

    >>> import gzip
    >>> unpacker = Unpacker()
    >>> packed = gzip.compress(b"period,value")
    >>> b"".join([*unpacker.feed(packed[:5]), *unpacker.feed(packed[5:])])
    b'period,value'
    >>> unpacker.finish()
    b''
    """

    def __init__(self) -> None:
        self._head = b""
        self._member: zlib._Decompress | None = None
        self._is_plain = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The next pieces.

        Raises:
            BadInput: it begins like gzip and is none.
        """
        if self._member is None and not self._is_plain:
            self._head += data
            if len(self._head) < len(MAGIC):
                return
            data, self._head = self._head, b""
            self._is_plain = not data.startswith(MAGIC)
            self._member = None if self._is_plain else zlib.decompressobj(_GZIP)
        if self._member is None:
            yield data
        else:
            yield from self._unpacked(self._member, data)

    def finish(self) -> bytes:
        """What is left at the end.

        Raises:
            BadInput: the packed data end too early.
        """
        if self._member is not None and not self._member.eof:
            raise BadInput("the gzip data end too early: the file is cut off")
        return self._head

    def _unpacked(self, member: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
        try:
            while data:
                if member.eof:  # members may follow each other
                    self._member = member = zlib.decompressobj(_GZIP)
                piece = member.decompress(data, PIECE)
                if piece:
                    yield piece
                data = member.unconsumed_tail or member.unused_data
        except zlib.error as error:
            raise BadInput(f"the gzip data are damaged: {error}") from error
