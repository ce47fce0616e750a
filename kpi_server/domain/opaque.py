"""Opaque texts: what a client keeps and hands back as it is. They are checked whole; nothing else is accepted."""

import base64
import binascii
from typing import Final

LONGEST: Final = 5000


def pack(text: str) -> str:
    """The opaque text of a text."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(text: str) -> str | None:
    """The text inside, or None; only the one spelling that `pack` gives is accepted.

    >>> unpack(pack("Kpi:1:2")), unpack("Kpi:1:2")
    ('Kpi:1:2', None)
    """
    if len(text) > LONGEST or not text.isascii():
        return None
    try:
        unpacked = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unpacked if pack(unpacked) == text else None
