"""Doing in one piece what a signal must not cut in two."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ASKING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hear signals that ask to end after the block: a server half started or half stopped would stay behind.

    They are heard by the main thread, whichever the system gives them to, so that no other has to be kept from them.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        del frame
        heard.append(number)

    answers = {number: signal.getsignal(number) for number in ASKING}
    kept = {number: answer for number, answer in answers.items() if answer not in (signal.SIG_IGN, None)}
    try:
        for number in kept:
            signal.signal(number, hear)
        yield
    finally:
        for number, answer in kept.items():
            signal.signal(number, answer)
        for late in heard:
            signal.raise_signal(late)
