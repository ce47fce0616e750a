"""Doing in one piece what a signal must not cut in two."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ASKING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hear signals that ask to end after the block: a server half started or half stopped would stay behind."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ASKING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
