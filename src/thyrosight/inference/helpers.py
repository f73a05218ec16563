"""Helper processes that read, prepare and check images, so that Python's lock does not keep the network waiting.

They are started by the path of Python, as the decoder of `thyrosight.imaging.dicom` is, and not by `multiprocessing`,
which would run the caller's script a second time.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Any, Self

from thyrosight.inference.bundle import Bundle
from thyrosight.inference.ready import Ready, Request, make_ready, ready_for
from thyrosight.inference.session import Lane
from thyrosight.memory import keep_freed_memory

WORTH = 100
"""From so many images on, helpers save more than the 0.4 s of processor time that each needs to start."""

MOST = 8
"""So many helpers keep up with any network; each takes about 60 MB."""

_ENDED = (OSError, EOFError, ValueError, pickle.PickleError)
"""Errors when a helper is asked that has ended, or ends meanwhile."""


def helpers_for(lane: Lane | None, *, cores: int) -> int:
    """Helpers that keep up with a lane, or with an engine that runs whole batches (None), on so many cores.

    Where a lane takes all cores, or there are two, helpers only cost time: threads share the cores better. But more
    than three threads would wait for Python's lock.

    >>> [helpers_for(Lane(len, threads), cores=4) for threads in (1, 3, 4)]
    [1, 3, 4]
    >>> helpers_for(Lane(len, 1), cores=2), helpers_for(None, cores=2), helpers_for(None, cores=64)
    (0, 0, 8)
    """
    if cores <= 2:
        return 0
    if lane is None:
        return min(cores, MOST)
    return min(lane.count, MOST) if lane.count < cores or lane.count > 3 else 0


class Helpers:
    """Prepares images for several threads: in processes of its own, or in the caller's thread while none is up.

    A helper that ends for whatever reason is done without, and its image prepared here.

    Args:
        bundle: the model to prepare for.
        count: of processes; they are started in the background.
    """

    def __init__(self, bundle: Bundle, *, count: int) -> None:
        self._bundle = bundle
        self._idle: SimpleQueue[_Helper | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._coming, self._up, self._closed = count, 0, False
        self._all: list[_Helper] = []
        for _ in range(count):
            threading.Thread(target=self._start, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all helpers."""
        with self._lock:
            self._closed = True
        for helper in self._all:
            helper.end()

    @property
    def up(self) -> int:
        """How many are at work."""
        return self._up

    def make_ready(self, request: Request) -> Ready:
        """As `thyrosight.inference.ready.make_ready`."""
        helper = self._take() if _travels(request) else None
        if helper is None:
            return make_ready(request, self._bundle)
        try:
            answer, said = helper.ask(request)
        except _ENDED:
            self._lose(helper)
            return make_ready(request, self._bundle)
        self._idle.put(helper)
        for text, category in said:
            warnings.warn(text, category, stacklevel=2)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _take(self) -> "_Helper | None":
        """An idle helper; None where none is up, or one that is coming would be waited for."""
        try:
            found = self._idle.get_nowait()
        except Empty:
            with self._lock:
                if self._coming or not self._up:
                    return None
            found = self._idle.get()
        if found is None:
            self._wake_others()
        return found

    def _start(self) -> None:
        try:
            helper = _Helper()
        except OSError:
            with self._lock:
                self._coming -= 1
            return
        with self._lock:
            self._all.append(helper)
            closed = self._closed
        if closed:
            helper.end()
            return
        try:
            helper.greet(self._bundle)
        except _ENDED:
            helper.end()
            with self._lock:
                self._coming -= 1
            return
        with self._lock:
            self._coming, self._up = self._coming - 1, self._up + 1
        self._idle.put(helper)

    def _lose(self, helper: "_Helper") -> None:
        helper.end()
        with self._lock:
            self._up -= 1
        self._wake_others()

    def _wake_others(self) -> None:
        """Where no helper is left, nobody may wait for one."""
        with self._lock:
            left = self._up
        if not left:
            self._idle.put(None)


class _Helper:
    """One process."""

    def __init__(self) -> None:
        places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": places, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout

    def greet(self, bundle: Bundle) -> None:
        """Tell it the model, and wait until it is up."""
        _send(self._questions, (bundle.info, bundle.session.capabilities))
        pickle.load(self._answers)

    def ask(self, request: Request) -> tuple[Ready | BaseException, list[tuple[str, type[Warning]]]]:
        """Return the answer to a request, and the warnings on the way.

        Raises:
            OSError, EOFError, PickleError: it has ended.
        """
        _send(self._questions, request)
        answer: tuple[Ready | BaseException, list[tuple[str, type[Warning]]]] = pickle.load(self._answers)
        return answer

    def end(self) -> None:
        """End it; it only reads."""
        self._process.kill()
        self._process.wait()
        for stream in (self._questions, self._answers):
            with suppress(OSError):  # it ended before it had read all
                stream.close()


def _travels(request: Request) -> bool:
    """Whether a request can be sent to another process: open loops cannot, and frames in memory need not be read."""
    return isinstance(request.image, Path | str) and isinstance(request.elastogram, Path | str | None)


def _send(stream: IO[bytes], value: object) -> None:
    pickle.dump(value, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def _serve() -> None:
    """The work of a helper: answer requests until there are no more."""
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, and with it this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed must not come between the answers
    questions = sys.stdin.buffer
    info, capabilities = pickle.load(questions)
    _send(answers, True)
    while True:
        try:
            request = pickle.load(questions)
        except EOFError:
            return
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            answer: Any
            try:
                answer = ready_for(request, info, capabilities)
            except Exception as error:
                answer = _portable(error)
        _send(answers, (answer, [(str(one.message), one.category) for one in caught]))


def _portable(error: Exception) -> Exception:
    """The error, or one that says the same where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(repr(error))
    return error


if __name__ == "__main__":
    _serve()
