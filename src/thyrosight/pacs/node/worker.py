"""A thread that does one kind of the node's work again and again."""

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger("thyrosight.node")


class Worker(threading.Thread):
    """Calls `work` again and again: at once while there is something to do, else when woken or after `rest` seconds.

    Whatever goes wrong is logged and tried again later, so that one bad object stops nothing.
    """

    def __init__(self, name: str, work: Callable[[], bool], *, rest: float = 1.0) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._rest = work, rest
        self._wake, self._ending = threading.Event(), threading.Event()

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the work under way, then end."""
        self._ending.set()
        self._wake.set()

    def run(self) -> None:
        """The loop."""
        while not self._ending.is_set():
            self._wake.clear()
            try:
                busy = self._work()
            except Exception:
                LOG.exception("%s: unexpected error; tried again", self.name)
                busy = False
            if not busy:
                self._wake.wait(self._rest)
