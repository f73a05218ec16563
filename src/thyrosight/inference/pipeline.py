"""Work on many images in several threads, with results in the order of the images and bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import BoundedSemaphore
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from thyrosight.inference.session import Lane, Outputs
from thyrosight.memory import keep_freed_memory

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_batches(
    work: Callable[[Item], Result], items: Iterable[Item], *, batch_size: int, workers: int
) -> Iterator[list[Result]]:
    """Do `work` on every item in several threads; give the results in batches, in the order of the items.

    Two batches are in memory at a time, however many items there are: while the caller works on one, the next is under
    way. Where the caller stops, or work fails, what has not begun is left undone.

    >>> list(in_batches(abs, [-1, 2, -3], batch_size=2, workers=2))
    [[1, 2], [3]]
    """
    keep_freed_memory()
    waiting: deque[list[Future[Result]]] = deque()
    left = iter(items)
    threads = ThreadPoolExecutor(max_workers=workers)
    try:
        while chunk := list(islice(left, batch_size)):
            waiting.append([threads.submit(work, item) for item in chunk])
            if len(waiting) == 2:
                yield [future.result() for future in waiting.popleft()]
        while waiting:
            yield [future.result() for future in waiting.popleft()]
    finally:
        threads.shutdown(cancel_futures=True)


def threads_for(lane: Lane | None, *, helpers: int = 0) -> int:
    """Threads that read and prepare, and run the network in a lane: one more, so that files are read meanwhile.

    Those that leave reading and preparing to helper processes wait for one of these or run the network.
    """
    return max(2 if lane is None else lane.count + 1, helpers + (0 if lane is None else lane.count))


def one_at_a_time(lane: Lane | None) -> Callable[[NDArray[np.uint8]], Outputs | None]:
    """A call that runs the windows of one image in a lane, in no more threads than it should; None without a lane."""
    if lane is None:
        return lambda pixels: None
    free = BoundedSemaphore(lane.count)

    def run(pixels: NDArray[np.uint8]) -> Outputs:
        with free:
            return lane.run(pixels)

    return run
