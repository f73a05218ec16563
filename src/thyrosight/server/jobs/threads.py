"""A thread that does one kind of work again and again: at once while there is some, else when woken or after a rest."""

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger("thyrosight.server")


class Worker(threading.Thread):
    """Calls `work` until it is stopped; whatever goes wrong is logged and tried again later.

    Args:
        name: in the log.
        work: does one piece, and says whether there may be more.
        rest: seconds between two looks when there is nothing to do.
    """

    def __init__(self, name: str, work: Callable[[], bool], *, rest: float) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._rest = work, rest
        self._wake, self._ending = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """End after the piece that is under way; waits for it a few seconds."""
        self._ending.set()
        self._wake.set()
        if self.is_alive():
            self.join(timeout=10)

    def run(self) -> None:
        """The loop."""
        while not self._ending.is_set():
            self._wake.clear()
            try:
                busy = self._work()
            except Exception as error:
                LOG.error("%s: %s; tried again", self.name, type(error).__name__, exc_info=error)
                busy = False
            if not busy:
                self._wake.wait(self._rest)
