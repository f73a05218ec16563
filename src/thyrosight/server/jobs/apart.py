"""Long work in a process of its own, so that neither requests nor the models wait for it."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from thyrosight.errors import ThyroSightError

Result = TypeVar("Result")


class LostProcessError(ThyroSightError):
    """A process that ended before its work was done."""


def apart(call: Callable[..., Result], *arguments: object) -> Result:
    """Call a function in a new process and wait for it.

    Args:
        call: a function of a module.
        arguments: that can be sent to a process.

    Raises:
        LostProcessError: the process was killed, for example because memory ran out.
        Exception: whatever the function raises.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=end_with_parent) as pool:
        try:
            return pool.submit(call, *arguments).result()
        except BrokenProcessPool:
            raise LostProcessError("The process ended before it was done; the machine may lack memory.") from None


def end_with_parent() -> None:
    """End this process at once when its parent does, even where that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
