"""Doing work in another thread, in order, with a bounded amount of it waiting."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from threading import Thread

WAITING_AT_MOST = 2
"""Pieces of work that wait; who brings another has to wait as well, so that memory stays bounded on slow disks."""

Work = Callable[[], None]


class Background:
    """A thread that does what it is given, one piece after another.

    The first error is raised where the next piece is brought, or at the end. Pieces after it are still done: what they
    write may be to another file.
    """

    def __init__(self) -> None:
        self._queue: Queue[Work | None] = Queue(WAITING_AT_MOST)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="crowdsim-recorder")

    def do(self, work: Work) -> None:
        """Have something done later; raises what went wrong with earlier work."""
        if self._thread.ident is None:
            self._thread.start()
        self._queue.put(work)
        self.raise_error()

    def finish(self) -> None:
        """Wait until everything is done, also when interrupted while waiting; errors stay to be raised."""
        try:
            self._end()
        finally:
            self._end()

    def raise_error(self) -> None:
        """Raise the first error, once."""
        error, self._error = self._error, None
        if error:
            raise error

    def _end(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            try:
                work()
            except BaseException as error:  # raised again in the thread that brought the work
                self._error = self._error or error
