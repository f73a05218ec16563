"""A thread that does one kind of a node's or server's work again and again."""

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger("thyrosight.node")


class Worker(threading.Thread):
    """Calls `work` again and again: at once while there is something to do, else when woken or after `rest` seconds.

    Whatever goes wrong is logged and tried again later, so that one bad object stops nothing.

    Args:
        name: in the log.
        work: does one piece, and says whether there may be more.
        rest: seconds between two looks where there is nothing to do.
        log: of the node or the server.
    """

    def __init__(self, name: str, work: Callable[[], bool], *, rest: float = 1.0, log: logging.Logger = LOG) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._rest, self._log = work, rest, log
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
                self._log.exception("%s: unexpected error; tried again", self.name)
                busy = False
            if not busy:
                self._wake.wait(self._rest)
