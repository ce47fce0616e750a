"""Being asked to end: every signal that asks for it becomes the exception that Ctrl-C is, so that clean-up runs."""

import signal
from types import FrameType


class Stopped(KeyboardInterrupt):
    """Raised where the program stands when a signal asks it to end."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def stop_on_signals() -> None:
    """Let SIGTERM and a closed terminal end the program as Ctrl-C does; what is ignored (nohup) stays ignored."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    raise Stopped(number)
