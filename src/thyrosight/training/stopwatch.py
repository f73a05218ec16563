"""Measuring time: seconds per named stage."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Stopwatch:
    """Adds up the seconds spent in named stages, from any thread.

    Attributes:
        settle: called at both ends of a stage, for example to wait for a GPU; None costs nothing.
        seconds: seconds per stage. With threads that work in parallel the sum exceeds the time that has passed.

    >>> stopwatch = Stopwatch()
    >>> with stopwatch("reading"):
    ...     pass
    >>> list(stopwatch.seconds)
    ['reading']
    """

    settle: Callable[[], None] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        if self.settle is not None:
            self.settle()
        started = time.perf_counter()
        try:
            yield
        finally:
            if self.settle is not None:
                self.settle()
            spent = time.perf_counter() - started
            with self._lock:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + spent
