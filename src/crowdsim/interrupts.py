"""Interrupts that wait until a step is done: raised within compiled code they can come out as any other error."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Whether an interrupt waits to be raised."""

    def __init__(self) -> None:
        self._waits = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Take in a signal: the first one waits, the second one is raised where it comes."""
        if self._waits:
            signal.default_int_handler(number, frame)
        self._waits = True

    def check(self) -> None:
        """Raise KeyboardInterrupt if there was one."""
        if self._waits:
            self._waits = False
            raise KeyboardInterrupt


@contextmanager
def waiting_interrupts() -> Iterator[Interrupts]:
    """Let interrupts wait for `check`; those that are ignored, or somebody else handles, stay as they are.

    When an interrupt is raised within a call of a compiled kernel, while types of arguments are looked up, the
    library takes it for an answer and goes on with another error.
    """
    interrupts = Interrupts()
    before = {}
    if threading.current_thread() is threading.main_thread():  # no other thread may set handlers
        before = {number: signal.getsignal(number) for number in SIGNALS}
        before = {number: handler for number, handler in before.items() if handler is signal.default_int_handler}
    for number in before:
        signal.signal(number, interrupts.note)
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    interrupts.check()
